// How good the swap is: identity and expression over all pairs of faces, and trembling with and without smoothing.
internal import Errors
internal import Faces
internal import Foundation
internal import ImageIO
internal import Inference
internal import Pixels
internal import Studio
internal import Synchronization
internal import VideoIO

/// Measures what a swap should change (identity) and what it should keep (pose, expression, calm).
struct QualityPart: BenchPart {
    let name = "quality"
    let title = "What a swap changes and keeps"

    func run(quick: Bool) throws -> String {
        try withTemporaryFolder { folder in
            "\(try pairs(folder, quick: quick))\n\n\(try trembling(folder, quick: quick))"
        }
    }

    // MARK: Pairs

    private func portraits(quick: Bool) throws -> [String] {
        let installation = Installation()
        var paths = ["astronaut.png", "grace_hopper.jpg"].map { installation.samples.appendingPathComponent($0).path }
        guard !quick else { return paths }
        let tests = installation.cache.appendingPathComponent("test-faces")
        let more = (try? FileManager.default.contentsOfDirectory(atPath: tests.path)) ?? []
        paths += more.filter { $0.hasSuffix(".jpg") || $0.hasSuffix(".png") }.sorted().map {
            tests.appendingPathComponent($0).path
        }
        return paths
    }

    /// All ordered pairs of different people.
    private func pairs(_ folder: URL, quick: Bool) throws -> String {
        let finder = try FaceModels().finder()
        let people = try portraits(quick: quick).compactMap { path -> (String, FaceEmbedding)? in
            let (picture, _) = try decodePicture(at: path)
            let faces = FaceOrder.largeSmall.sorted(try finder.faces(in: picture))
            return faces.first?.embedding.map { (path, $0) }
        }
        var before: [Float] = [], after: [Float] = [], moved: [Float] = []
        var table = Table(["target", "swaps", "distance before", "after", "farthest after", "landmarks moved"])
        for (target, who) in people {
            var rows: [MediaReport.SwappedFace] = []
            for (source, person) in people
            where person.distance(to: who) > FaceEmbedding.samePersonDistance {
                var request = MediaRequest(
                    sources: [source], target: target, output: folder.appendingPathComponent("pair.jpg").path)
                request.overwrite = true
                rows += try swapped(request).swapped
            }
            let (b, a, m) = (
                rows.compactMap(\.distanceBefore), rows.compactMap(\.distanceAfter), rows.compactMap(\.landmarkError)
            )
            guard !a.isEmpty else { continue }
            table.add([
                URL(fileURLWithPath: target).lastPathComponent, "\(a.count)", mean(b), mean(a),
                text(Double(a.max() ?? 0), 2), "\(mean(m)) %",
            ])
            before += b
            after += a
            moved += m
        }
        let same = after.filter { $0 < FaceEmbedding.samePersonDistance }.count
        table.add([
            "all", "\(after.count)", mean(before), mean(after), text(Double(after.max() ?? 0), 2), "\(mean(moved)) %",
        ])
        return """
            Identity distance (built-in embedding; below 0.60 counts as the same person) from the source to the target \
            before and after the swap, and how far the result's 468 landmarks lie from the target's, in parts of the \
            distance between the eyes; all ordered pairs of different people. \(same) of \(after.count) results count as \
            the source.

            \(table.markdown)
            """
    }

    private func mean(_ values: [Float]) -> String {
        values.isEmpty ? "–" : text(Double(values.reduce(0, +)) / Double(values.count), 2)
    }

    // MARK: Trembling

    /// A still head under camera noise: how much the inner face moves from frame to frame.
    private func trembling(_ folder: URL, quick: Bool) throws -> String {
        let frames = quick ? 30 : 90
        let target = folder.appendingPathComponent("still.mp4").path
        try stillHead(frames: frames, to: target)
        var table = Table(["video", "trembles by", "against the target"])
        let own = try movement(in: target)
        table.add(["target", "\(text(own, 3)) %", "1.00"])
        for smoothing in [false, true] {
            var request = MediaRequest(
                sources: [SampleStage.source], target: target, output: folder.appendingPathComponent("swap.mp4").path)
            request.overwrite = true
            request.smoothing = smoothing
            _ = try swapped(request)
            let moves = try movement(in: request.output)
            table.add([
                smoothing ? "swap, landmarks smoothed" : "swap, landmarks as measured", "\(text(moves, 3)) %",
                text(moves / max(own, 1e-9), 2),
            ])
        }
        return """
            A still head with camera noise (±4 of 255), \(frames) frames at 640×480: the root mean square of the \
            shift from frame to frame that best explains how the inner face changes, in parts of the distance between \
            the eyes (about 55 pixels). The target does not move at all: its figure is what noise alone gives.

            \(table.markdown)
            """
    }

    private func stillHead(frames: Int, to path: String) throws {
        let (portrait, _) = try decodePicture(
            at: Installation().samples.appendingPathComponent("astronaut.png").path)
        let view = portrait.sample(
            Affine(a: 0.6, b: 0, tx: 30, c: 0, d: 0.6, ty: 0), width: 640, height: 480)
        let writer = try VideoWriter(
            path: path, source: nil, options: VideoIO.EncodeOptions(container: .mp4, quality: 84))
        let whole = Plane(width: 640, height: 480, fill: 1)
        var state: UInt32 = 7
        for index in 0..<frames {
            var noisy = view
            for i in noisy.values.indices {
                state = state &* 1_664_525 &+ 1_013_904_223
                noisy.values[i] += Float(state >> 24) / 255 * 8 - 4
            }
            let frame = try VideoFrame.blank(width: 640, height: 480, index: index, rate: Rational(30, 1))
            try frame.withWritablePlanes { planes in
                var planes = planes
                planes.paste(noisy, mask: whole, through: .identity)
            }
            try writer.write(frame)
        }
        try writer.finish()
    }

    /// Root mean square of the face's steps from frame to frame, in percent of the distance between the eyes.
    ///
    /// Each step is the shift of the inner face that best explains the change from one frame to the next (Lucas and
    /// Kanade 1981, one linear step), so it sees what a person sees, whatever a landmarker makes of it.
    private func movement(in path: String) throws -> Double {
        let reader = try VideoReader(path: path)
        let finder = try FaceModels().finder(embeddings: false)
        var place: Affine?, eyes: Float = 1
        var last: Plane?, sum = 0.0, count = 0.0
        while let frame = try reader.next() {
            let view = try frame.withPlanes { planes -> Plane? in
                if place == nil, let face = try finder.faces(in: planes).first {
                    let box = face.mesh.box
                    eyes = (face.mesh.fivePoints.rightEye - face.mesh.fivePoints.leftEye).length
                    place = .crop(center: box.center, side: min(box.width, box.height) * 0.8, angle: 0, size: 96)
                }
                return place.map { planes.sample($0, width: 96, height: 96).luma.blurred(sigma: 1.5) }
            }
            if let view, let last, let place {
                let step = shift(from: last, to: view)
                let pixels = Double(place.scale / eyes)
                sum += (step.x * step.x + step.y * step.y) * pixels * pixels
                count += 1
            }
            last = view
        }
        return count > 0 ? 100 * (sum / count).squareRoot() : 0
    }

    /// The shift in pixels that best explains the change from `a` to `b`.
    private func shift(from a: Plane, to b: Plane) -> (x: Double, y: Double) {
        var xx = 1e-9, xy = 0.0, yy = 1e-9, xt = 0.0, yt = 0.0
        let w = a.width
        for y in 1..<a.height - 1 {
            for x in 1..<w - 1 {
                let i = y * w + x
                let gx = Double(a.values[i + 1] - a.values[i - 1]) / 2,
                    gy = Double(a.values[i + w] - a.values[i - w]) / 2
                let t = Double(b.values[i] - a.values[i])
                xx += gx * gx
                xy += gx * gy
                yy += gy * gy
                xt += gx * t
                yt += gy * t
            }
        }
        let determinant = max(xx * yy - xy * xy, 1e-9)
        return (-(yy * xt - xy * yt) / determinant, -(xx * yt - xy * xt) / determinant)
    }

    /// Runs a swap from this part's own thread, which may block.
    private func swapped(_ request: MediaRequest) throws -> MediaReport {
        let result = Mutex<Result<MediaReport, any Error>?>(nil)
        let ended = DispatchSemaphore(value: 0)
        Task {
            do {
                let report = try await Engine().process(request)
                result.withLock { $0 = .success(report) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
            ended.signal()
        }
        ended.wait()
        guard let outcome = result.withLock({ $0 }) else { throw MasqueError(.failed, "The swap gave no result.") }
        return try outcome.get()
    }
}
