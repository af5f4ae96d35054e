// Which file is chosen, which are refused, what they are called and where they go.

import Civitai
import Foundation
import Testing

@Suite struct FileChoiceTests {
    private func version(_ files: String) throws -> CivitaiVersion {
        try JSONDecoder().decode(CivitaiVersion.self, from: Data(#"{"id":5,"files":[\#(files)]}"#.utf8))
    }

    private let several = """
        {"id":1,"name":"m.ckpt","type":"Model","primary":true,"metadata":{"format":"PickleTensor","size":"full","fp":"fp32"}},
        {"id":2,"name":"m.safetensors","type":"Model","metadata":{"format":"SafeTensor","size":"full","fp":"fp32"}},
        {"id":3,"name":"m-p.safetensors","type":"Pruned Model","metadata":{"format":"SafeTensor","size":"pruned","fp":"fp16"}},
        {"id":4,"name":"m.vae.safetensors","type":"VAE","metadata":{"format":"SafeTensor"}},
        {"id":5,"name":"data.zip","type":"Training Data","metadata":{"format":"Other"}}
        """

    @Test func `without a wish, safetensors come before the primary pickle, in Civitai's order`() throws {
        #expect(try FileWish().file(of: version(several)).id == 2)
    }

    @Test func `among safetensors the primary one is chosen`() throws {
        let files = """
            {"id":1,"name":"a.safetensors"},{"id":2,"name":"b.safetensors","primary":true}
            """
        #expect(try FileWish().file(of: version(files)).id == 2)
    }

    @Test(arguments: [
        (FileWish(format: "PickleTensor"), 1), (FileWish(size: "pruned"), 3), (FileWish(fp: "FP16"), 3),
        (FileWish(type: "VAE"), 4), (FileWish(type: "Training Data"), 5), (FileWish(file: 4), 4),
    ])
    func `a wish is heeded`(wish: FileWish, id: Int) throws {
        #expect(try wish.file(of: version(several)).id == id)
    }

    @Test func `a wish that no file fulfils is answered with those there are`() throws {
        let failure = #expect(throws: DownloadFailure.self) {
            try FileWish(format: "GGUF").file(of: version(several))
        }
        #expect(failure?.kind == .notFound)
        #expect(failure?.advice?.contains("Pruned Model SafeTensor pruned fp16 (3)") == true)
    }

    @Test func `what goes beside models is taken only when there is nothing else`() throws {
        #expect(try FileWish().file(of: version(#"{"id":9,"name":"c.yaml","type":"Config"}"#)).id == 9)
    }

    private func file(_ name: String, pickle: String? = "Success", virus: String? = "Success", hash: Bool = true)
        -> CivitaiFile
    {
        CivitaiFile(
            id: 1, name: name, pickleScanResult: pickle, virusScanResult: virus,
            hashes: hash ? ["SHA256": String(repeating: "a", count: 64)] : [:])
    }

    private func kind(_ file: CivitaiFile, _ policy: FilePolicy = FilePolicy()) -> DownloadFailure.Kind? {
        do {
            try policy.check(file)
            return nil
        } catch { return (error as? DownloadFailure)?.kind }
    }

    @Test func `pickles are refused unless allowed, and then need clean scans unless that is allowed, too`() {
        for name in ["m.ckpt", "m.pt", "m.pth", "m.bin", "m.safetensors.pkl"] {
            #expect(kind(file(name)) == .refused)
            #expect(kind(file(name), FilePolicy(allowsPickles: true)) == nil)
            #expect(kind(file(name, pickle: "Pending"), FilePolicy(allowsPickles: true)) == .refused)
            #expect(kind(file(name, virus: nil), FilePolicy(allowsPickles: true)) == .refused)
            #expect(kind(file(name, virus: "Error"), FilePolicy(allowsPickles: true, allowsUnscanned: true)) == nil)
        }
    }

    @Test func `a finding of a scan is never overruled`() {
        let all = FilePolicy(allowsPickles: true, allowsUnscanned: true)
        for name in ["m.safetensors", "m.ckpt", "m.zip", "m.gguf"] {
            #expect(kind(file(name, pickle: "Danger"), all) == .refused)
            #expect(kind(file(name, virus: "Danger"), all) == .refused)
        }
    }

    @Test func `safetensors, ONNX and GGUF files need no scan; archives do`() {
        for name in ["m.safetensors", "M.SAFETENSORS", "m.onnx", "m.gguf"] {
            #expect(kind(file(name, pickle: "Pending", virus: nil)) == nil)
        }
        #expect(kind(file("m.zip", virus: "Pending")) == .refused)
        #expect(kind(file("m.zip")) == nil)
    }

    @Test func `programs and files without a SHA-256 are refused`() {
        for name in ["m.exe", "m.sh", "m.py", "m.html", "safetensors", "m.safetensors.exe", "m"] {
            #expect(kind(file(name), FilePolicy(allowsPickles: true, allowsUnscanned: true)) == .refused)
        }
        #expect(kind(file("m.safetensors", hash: false)) == .unavailable)
    }

    @Test(arguments: [
        ("model.safetensors", "model.safetensors"), ("../../etc/passwd.safetensors", "_._.._etc_passwd.safetensors"),
        ("..\\..\\x.safetensors", "_._.._x.safetensors"), ("/abs.safetensors", "_abs.safetensors"),
        ("a\u{0}b\nc.safetensors", "abc.safetensors"), ("\u{202e}snosteras.exe", "snosteras.exe"),
        (".hidden.safetensors", "_hidden.safetensors"), ("-rf.safetensors", "_rf.safetensors"),
        ("CON.safetensors", "_CON.safetensors"), ("com1.safetensors", "_com1.safetensors"),
        ("a<b>:\"|?*.SAFETENSORS", "a_b______.safetensors"), ("name. . .", "name"), ("...", "stem"), ("", "stem"),
        ("Пример 模型 é.safetensors", "Пример 模型 é.safetensors"), ("a\u{2028}b.pt", "ab.pt"),
        (".safetensors", "stem.safetensors"),
    ])
    func `names of others are made harmless`(name: String, safe: String) {
        #expect(SafeName.make(name, fallback: "stem") == safe)
    }

    @Test func `long names keep their ending and stay below what file systems allow`() {
        for letter in ["a", "模", "👩‍👩‍👧‍👦"] {
            let name = SafeName.make(String(repeating: letter, count: 400) + ".safetensors", fallback: "stem")
            #expect(name.utf8.count <= 180)
            #expect(name.utf8.count > 150)
            #expect(name.hasSuffix(".safetensors"))
        }
    }

    @Test(arguments: [
        ("Checkpoint", "Model", "Stable-diffusion"), ("LORA", "Model", "Lora"), ("LoCon", "Model", "Lora"),
        ("DoRA", "Pruned Model", "Lora"), ("TextualInversion", "Model", "embeddings"), ("VAE", "Model", "VAE"),
        ("Controlnet", "Model", "ControlNet"), ("Upscaler", "Model", "ESRGAN"),
        ("Hypernetwork", "Model", "hypernetworks"),
        ("Checkpoint", "VAE", "VAE"), ("Checkpoint", "Config", "Stable-diffusion"),
        ("Checkpoint", "Negative", "embeddings"),
        ("../../x", "Model", "Other"), ("Checkpoint", "Training Data", "Other"),
    ])
    func `folders are those of Stable Diffusion WebUI`(model: String, file: String, folder: String) {
        #expect(ModelFolders.folder(modelType: model, fileType: file) == folder)
    }
}
