// What people paste, and what of it leads to a model.

import Civitai
import Testing

@Suite struct CivitaiLinkTests {
    @Test(
        arguments: [
            ("https://civitai.com/models/123456", 123456, nil),
            ("https://civitai.com/models/123456/amazing-lora", 123456, nil),
            ("https://www.civitai.com/models/123456?modelVersionId=789", 123456, 789),
            ("http://civitai.red/models/5/a?modelVersionId=6&utm=x", 5, 6),
            ("civitai.green/models/5", 5, nil),
            ("  HTTPS://CIVITAI.COM/models/7  ", 7, nil),
            ("https://civitai.com/api/download/models/789", nil, 789),
            ("https://civitai.com/api/download/models/789?type=Model&format=SafeTensor&size=pruned&fp=fp16", nil, 789),
            ("https://civitai.com/api/v1/model-versions/9", nil, 9),
            ("https://civitai.com/api/v1/models/9", 9, nil),
            ("https://civitai.com/model-versions/9", nil, 9),
            ("urn:air:sdxl:lora:civitai:328553@368189", 328553, 368189),
            ("urn:air:flux1:checkpoint:civitai:618692@691639.safetensors", 618692, 691639),
            ("urn:air:sd1:lora:civitai:5@6:layer", 5, 6),
            ("air:sdxl:lora:civitai:328553", 328553, nil),
            ("civitai:328553@368189", 328553, 368189),
        ] as [(String, Int?, Int?)])
    func `links of models, versions and downloads, and AIRs are read`(text: String, model: Int?, version: Int?) throws {
        let link = try CivitaiLink(text)
        #expect(link.model == model)
        #expect(link.version == version)
    }

    @Test(arguments: [
        "", " ", "https://example.com/models/1", "https://civitai.com.example.com/models/1",
        "https://civitai.com@example.com/models/1",
        "https://evilcivitai.com/models/1", "https://civitai.com:8080/models/1", "https://civitai.com/models/abc",
        "https://civitai.com/models/0", "https://civitai.com/models/-5",
        "https://civitai.com/models/99999999999999999999",
        "https://civitai.com/images/5", "https://civitai.com/", "ftp://civitai.com/models/1", "file:///etc/passwd",
        "urn:air:sdxl:lora:huggingface:a/b@main", "urn:air:sdxl:lora:civitai:x@1", "urn:air:sdxl:lora:civitai:1@",
        "urn:air:civitai:1@2", "https://civitai.com/models/1 2", "https://civitai.com\\@example.com/models/1",
        "https://civitai.com/models/1?modelVersionId=x", "https://civitai.com/api/download/models/1?fileId=../1",
        "https://civitai.com/api/download/models/1?format=%0d%0aX", "https://user:pw@civitai.com/models/1",
        "http://127.0.0.1/models/1",
        "https://civitai.com/models/1\u{0}",
    ])
    func `everything else is refused with a whole sentence`(text: String) throws {
        let failure = #expect(throws: DownloadFailure.self) { _ = try CivitaiLink(text) }
        #expect(failure?.kind == .wrongLink)
        #expect(failure?.status == 400)
        #expect(failure?.message.hasSuffix(".") == true)
        #expect(failure?.advice != nil)
        #expect(failure?.message.contains("pw") == false)
    }

    @Test func `what a download link says about the file is kept, and its key is not shown or stored`() throws {
        let link = try CivitaiLink(
            "https://civitai.com/api/download/models/789?type=Model&format=SafeTensor&size=full&fp=fp32&fileId=12&token=hush"
        )
        #expect(link.wish == FileWish(type: "Model", format: "SafeTensor", size: "full", fp: "fp32", file: 12))
        #expect(link.key?.text == "hush")
        #expect(!"\(link)".contains("hush"))
        #expect(!String(reflecting: link).contains("hush"))
    }

    @Test func `the host of the Civitai that is set is taken, with its port only`() throws {
        #expect(try CivitaiLink("http://127.0.0.1:4567/models/1", host: "127.0.0.1:4567").model == 1)
        #expect(throws: DownloadFailure.self) {
            try CivitaiLink("http://127.0.0.1:4568/models/1", host: "127.0.0.1:4567")
        }
    }

    @Test(arguments: [
        "http://civitai.com", "ftp://civitai.com", "civitai.com", "https://civitai.com/api", "https://u:p@civitai.com",
        "https://civitai.com?x=1", "",
    ])
    func `a base address that would send keys unencrypted or is none is refused`(text: String) {
        #expect(throws: (any Error).self) { try CivitaiBase(text) }
    }
}
