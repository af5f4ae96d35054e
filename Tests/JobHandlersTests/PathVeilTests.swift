// What clients read in place of the server's paths.

import Errors
import Inference
import JobHandlers
import JobQueue
import Testing
import WorkerProtocol

@Suite struct PathVeilTests {
    private let look = PathVeil(
        InspectOrder(order: "1", path: "/srv/in/4d3e.part", findsFaces: false, time: nil, folder: "/srv/work/faces-1"))
    private let work = PathVeil(
        WorkOrder(
            order: "1",
            description: JobDescription(
                mode: "photo_photo", processors: ["face_swapper"], swapper: "mesh", enhancer: nil, lane: .image,
                options: JobOptions()),
            sourcePaths: ["/srv/work/j1/source/me.jpg"], targetPath: "/srv/work/j1/target/you.png",
            folder: "/srv/work/j1", fallsBackToMesh: true, cpuSeconds: 10))

    @Test(arguments: [
        ("/srv/in/4d3e.part is a JPEG picture that is cut.", "The file is a JPEG picture that is cut."),
        ("“4d3e.part” is empty: it has no bytes.", "The file is empty: it has no bytes."),
        ("Cannot read /srv/in/4d3e.part: it is gone.", "Cannot read the file: it is gone."),
        ("The picture “4d3e.part” shows too much.", "The picture shows too much."),
        ("It failed. “/srv/in/4d3e.part” is damaged.", "It failed. The file is damaged."),
        ("Cannot write /srv/work/faces-1/face-0.jpg: full.", "Cannot write face-0.jpg: full."),
        ("The model “/srv/models/a.onnx” is damaged.", "The model “a.onnx” is damaged."),
        (
            "The file of the model “a” at /srv/models/a.onnx is not whole.",
            "The file of the model “a” at a.onnx is not whole."
        ),
        (
            "ONNX Runtime could not load “a”: Load model from /srv/models/a.onnx failed:/srv/b/c.cc wrong.",
            "ONNX Runtime could not load “a”: Load model from a.onnx failed:c.cc wrong."
        ),
        ("It took 3 / 4 of it and/or 5/6.", "It took 3 / 4 of it and/or 5/6."),
        ("A picture as image/jpeg, 3/4 of it.", "A picture as image/jpeg, 3/4 of it."),
    ])
    func `an inspected file is the file, wherever a sentence names it`(said: String, read: String) {
        #expect(look.covered(said) == read)
    }

    @Test(arguments: [
        ("/srv/work/j1/source/me.jpg is a damaged JPEG picture.", "“me.jpg” is a damaged JPEG picture."),
        ("The target “you.png” is not a video.", "The target “you.png” is not a video."),
        ("There is no file “/srv/work/j1/target/you.png”.", "There is no file “you.png”."),
        ("“/srv/work/j1/result.mp4” cannot be written.", "The result cannot be written."),
        ("Cannot write /srv/work/j1/parts/0.mp4: full.", "Cannot write parts/0.mp4: full."),
    ])
    func `a job's files keep the names that the client gave them`(said: String, read: String) {
        #expect(work.covered(said) == read)
    }

    @Test func `code, advice and cause of an error stay`() throws {
        let cause = MasqueError(.failed, "/srv/in/4d3e.part")
        let error = MasqueError(.tooLarge, "M.", advice: "Look at “/srv/in/4d3e.part”.", cause: cause)
        let covered = try #require(look.covered(error) as? MasqueError)
        #expect(covered.code == .tooLarge)
        #expect(covered.advice == "Look at the file.")
        #expect((covered.cause as? MasqueError)?.message == cause.message)
        #expect(look.covered(CancellationError()) is CancellationError)
    }

    @Test func `a runtime's own words stay in the log`() throws {
        let cause = RuntimeMessage(description: "Exception from src/core.cpp:1\nProtobuf parsing failed in /srv/a.onnx")
        let error = MasqueError(
            .damagedModel, "ONNX Runtime could not load the model “a”: Protobuf parsing failed.", cause: cause)
        let covered = try #require(look.covered(error) as? MasqueError)
        #expect(covered.message == "ONNX Runtime could not load the model “a”: the server's log says why.")
        #expect(covered.code == .damagedModel && covered.cause is RuntimeMessage)
    }
}
