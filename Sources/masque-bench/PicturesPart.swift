// The bench part that swaps faces in pictures of three sizes.
internal import Errors
internal import Foundation
internal import ImageIO
internal import Pixels
internal import Studio

/// JPEG pictures from a quarter to 48 megapixels, a face of a third of their height, each in a process of its own.
struct PicturesPart: BenchPart {
    let name = "pictures"
    let title = "Pictures"

    func run(quick: Bool) throws -> String {
        let stages = ["read", "faces", "gate", "swap", "measure", "write"]
        var table = Table(
            ["picture", "first, s", "again, s"] + stages.map { "\($0), ms" } + ["peak MiB", "growth / picture"])
        var least = 0
        let sizes = [(512, 512), (4000, 3000)] + (quick ? [] : [(8000, 6000)])
        for (width, height) in sizes {
            try withTemporaryFolder { folder in
                let target = folder.appendingPathComponent("target.jpg").path
                do {
                    let stage = try SampleStage(width: width, height: height, faceHeight: Float(height) / 3)
                    var picture = Picture(width: width, height: height)
                    stage.draw(0.4, on: &picture)
                    try writePicture(picture, to: target, overwrite: true)
                }
                let output = folder.appendingPathComponent("output.jpg").path
                // Memory of one swap; then times of several.
                let one = try BenchChild.run(
                    ChildJob(kind: .swap, source: SampleStage.source, target: target, output: output))
                let more = try BenchChild.run(
                    ChildJob(
                        kind: .swap, source: SampleStage.source, target: target, output: output,
                        times: quick ? 2 : 4))
                let warm = more.runs.dropFirst().sorted { $0.seconds < $1.seconds }
                guard let first = one.runs.first, let report = warm[warm.count / 2].report else {
                    throw MasqueError(.failed, "A child of the bench measured no swap.")
                }
                if least == 0 { least = one.peakBytes }
                let growth = Double(one.peakBytes - least) / Double(3 * width * height)
                table.add(
                    ["\(width)×\(height)", text(first.seconds, 2), text(warm[warm.count / 2].seconds, 2)]
                        + stages.map { text(1000 * report.seconds($0), 0) } + [
                            text(Double(one.peakBytes) / 1_048_576, 0),
                            width * height > 1_000_000 ? text(growth, 2) : "–",
                        ])
            }
        }
        return """
            JPEG in and out, one face of a third of the picture's height. “First” loads the models, “again” is the \
            median of later swaps in the same process, of which the stages are; the rest of “again” is the source \
            picture. The last column is the peak beyond the smallest picture's, in multiples of the picture's own \
            bytes (goal ≤ 4).

            \(table.markdown)
            """
    }
}
