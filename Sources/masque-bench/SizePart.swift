// The bench parts that show how a video swap's cost grows: with the frame's size, and with the number of faces.
internal import Errors
internal import Foundation
internal import Studio

/// The same face in frames of four sizes: the face part must not grow with the frame.
struct SizePart: BenchPart {
    let name = "size"
    let title = "Frame size"

    func run(quick: Bool) throws -> String {
        let sizes = [(1280, 720), (640, 360), (1920, 1080), (3840, 2160)]
        var table = Table(["frame"] + videoStages + ["analyse + swap", "/ 720p's", "frames/s", "peak MiB"])
        var rows: [(Int, [String])] = []
        var reference = 0.0
        for (width, height) in sizes {
            let frames = quick ? 30 : height > 1080 ? 60 : 120
            let (result, report) = try swapSample(width: width, height: height, faces: 1, frames: frames)
            let face = report.processor("analyse") + report.processor("swap")
            if height == 720 { reference = face }
            let figures = videoStages.map { text(report.processor($0)) }
            let rate = Double(frames) / report.seconds
            rows.append(
                (
                    height,
                    ["\(width)×\(height)"] + figures + [
                        text(face), text(face / reference, 2), text(rate),
                        text(Double(result.peakBytes) / 1_048_576, 0),
                    ]
                ))
        }
        for row in rows.sorted(by: { $0.0 < $1.0 }) { table.add(row.1) }
        return """
            One face of 240 pixels in each. CPU ms per frame of each stage's own thread (codecs' helper threads come on \
            top); frames/s is of everything, start-up included.

            \(table.markdown)
            """
    }
}

/// One, two and four faces at 1280×720, all swapped.
struct FacesPart: BenchPart {
    let name = "faces"
    let title = "Number of faces"

    func run(quick: Bool) throws -> String {
        var table = Table(["faces"] + videoStages + ["analyse + swap per face", "frames/s"])
        for faces in [1, 2, 4] {
            let frames = quick ? 30 : 120
            let (_, report) = try swapSample(width: 1280, height: 720, faces: faces, frames: frames)
            guard report.facesFound == faces else {
                throw MasqueError(
                    .failed, "The bench's video shows \(faces) faces, \(report.facesFound) were followed.")
            }
            let face = (report.processor("analyse") + report.processor("swap")) / Double(faces)
            table.add(
                ["\(faces)"] + videoStages.map { text(report.processor($0)) } + [
                    text(face), text(Double(frames) / report.seconds),
                ])
        }
        return """
            Faces of 240 pixels at 1280×720, `--faces many`. CPU ms per frame of each stage's own thread; frames/s is of \
            everything, start-up included.

            \(table.markdown)
            """
    }
}

/// Makes a sample video and swaps all its faces in a child.
private func swapSample(
    width: Int, height: Int, faces: Int, frames: Int
) throws -> (result: ChildResult, report: MediaReport) {
    try withTemporaryFolder { folder in
        let target = folder.appendingPathComponent("target.mp4").path
        try SampleStage(width: width, height: height, faces: faces).write(frames: frames, to: target)
        let job = ChildJob(
            kind: .swap, source: SampleStage.source, target: target,
            output: folder.appendingPathComponent("output.mp4").path, many: true)
        let result = try BenchChild.run(job)
        guard let report = result.runs.last?.report else {
            throw MasqueError(.failed, "A child of the bench measured no swap.")
        }
        return (result, report)
    }
}
