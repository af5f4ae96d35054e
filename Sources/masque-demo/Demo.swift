// `make demo`: real swaps on the two public-domain samples, with figures, a video and a contact sheet.

internal import Errors
internal import Faces
internal import Files
internal import Foundation
internal import ImageIO
internal import Inference
internal import Pixels
internal import Studio
internal import VideoIO

/// Runs the demonstration: `masque-demo OUTPUT-FOLDER [--docs FOLDER]`.
@main struct Demo {
    let engine = Engine()
    let folder: String
    let samples = Installation().samples.path

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let docs = arguments.firstIndex(of: "--docs").flatMap {
            arguments.indices.contains($0 + 1) ? arguments[$0 + 1] : nil
        }
        do {
            let demo = Demo(folder: arguments.first ?? "out/demo")
            try FileManager.default.createDirectory(atPath: demo.folder, withIntermediateDirectories: true)
            try await demo.run(docs: docs)
        } catch {
            FileHandle.standardError.write(Data("masque-demo: \(error)\n".utf8))
            exit((error as? MasqueError)?.code.exitCode ?? 1)
        }
    }

    func run(docs: String?) async throws {
        let astronaut = "\(samples)/astronaut.png", hopper = "\(samples)/grace_hopper.jpg"
        print("Pictures")
        try await swap(hopper, into: astronaut, name: "hopper-on-astronaut.jpg")
        try await swap(astronaut, into: hopper, name: "astronaut-on-hopper.jpg")

        print("\nVideo")
        let clip = "\(folder)/astronaut-turning.mp4"
        try await onEngineThread("demo-clip") { try makeClip(from: astronaut, to: clip) }
        print("  \(clip)  (made from the portrait: the head turns, speaks, and the light changes)")
        try await swap(hopper, into: clip, name: "hopper-on-astronaut-turning.mp4")

        print("\nContact sheet")
        let sheet = "\(folder)/contact-sheet.jpg"
        try await contactSheet(astronaut: astronaut, hopper: hopper, to: sheet)
        print("  \(sheet)  (source, target, result, twice in each row)")
        if let docs {
            try FileManager.default.createDirectory(atPath: docs, withIntermediateDirectories: true)
            for (source, target, result, name) in [
                (hopper, astronaut, "hopper-on-astronaut.jpg", "swap-1.jpg"),
                (astronaut, hopper, "astronaut-on-hopper.jpg", "swap-2.jpg"),
            ] {
                var row = Sheet(cell: 360)
                let (from, onto) = (try decodePicture(at: source).picture, try decodePicture(at: target).picture)
                let made = try decodePicture(at: "\(folder)/\(result)").picture
                let place = try await box(of: onto)
                row.add([(from, try await box(of: from)), (onto, place), (made, place)])
                try renew("\(docs)/\(name)", with: row.picture)
            }
            try renew("\(docs)/contact-sheet.jpg", with: decodePicture(at: sheet).picture)
        }
    }

    /// Writes a picture of the documentation, unless the one that is there looks the same: the tree stays clean.
    private func renew(_ path: String, with picture: Picture) throws {
        if let (old, _) = try? decodePicture(at: path), old.width == picture.width, old.height == picture.height {
            var sum = 0
            for (a, b) in zip(old.bytes, picture.bytes) { sum += abs(Int(a) - Int(b)) }
            if Double(sum) < 1.5 * Double(picture.bytes.count) { return }
        }
        try writePicture(picture, to: path, options: ImageIO.EncodeOptions(quality: 88), overwrite: true)
    }

    /// Swaps and prints the figures.
    private func swap(_ source: String, into target: String, name: String) async throws {
        var request = MediaRequest(sources: [source], target: target, output: "\(folder)/\(name)")
        request.overwrite = true
        let report = try await engine.process(request)
        print("  \(report.output)")
        let rate =
            report.kind == "video"
            ? String(format: ", %.0f frames a second", Double(report.frames) / report.seconds) : ""
        print(String(format: "    %d×%d, %.2f s%@", report.width, report.height, report.seconds, rate))
        for face in report.swapped {
            print(
                "    identity distance to the source \(text(face.distanceBefore)) → \(text(face.distanceAfter)) "
                    + "(below 0.60 is the same person), landmarks moved by \(text(face.landmarkError)) % of the eyes' distance"
            )
        }
        for warning in report.warnings { print("    note: \(warning)") }
    }

    private func text(_ value: Float?) -> String { value.map { String(format: "%.2f", $0) } ?? "–" }

    // MARK: Material

    private func turner(_ path: String, side: Int) throws -> HeadTurner {
        let (picture, _) = try decodePicture(at: path)
        let scale = Float(min(picture.width, picture.height)) / Float(side)
        let height = Int(Float(picture.height) / scale) / 2 * 2, width = Int(Float(picture.width) / scale) / 2 * 2
        let scaled = picture.sample(
            Affine(a: scale, b: 0, tx: 0, c: 0, d: scale, ty: 0), width: width, height: height
        ).picture
        let faces = try FaceModels().finder(embeddings: false).faces(in: scaled)
        guard let face = FaceOrder.largeSmall.sorted(faces).first else {
            throw MasqueError(.noFace, "No face was found in the sample “\(path)”.", advice: Installation.setupAdvice)
        }
        return HeadTurner(picture: scaled, mesh: face.mesh, topology: try FaceTopology.load())
    }

    /// Six seconds of 1280×720 in which the head looks about, speaks and the light wanders.
    private func makeClip(from path: String, to output: String) throws {
        let turner = try turner(path, side: 1280)
        let options = try VideoIO.EncodeOptions(container: .mp4, quality: 86)
        let writer = try VideoWriter(path: output, source: nil, options: options)
        for index in 0..<180 {
            let t = Float(index) / 30
            var pose = HeadTurner.Pose()
            pose.yaw = 0.32 * sin(t * 1.3)
            pose.pitch = 0.10 * sin(t * 1.9 + 1)
            pose.roll = 0.08 * sin(t * 0.9)
            pose.mouth = 0.014 * max(0, sin(t * 7)) * (sin(t * 1.1) > -0.2 ? 1 : 0)
            pose.shift = Point(14 * sin(t * 0.8), 8 * sin(t * 1.1))
            pose.sideLight = 0.5 * sin(t * 0.7)
            pose.gain = 1 - 0.15 * max(0, sin(t * 0.5))
            let picture = turner.frame(pose)
            // The upper part: 1280×720 about the head.
            let view = picture.picture.sample(
                Affine(a: 1, b: 0, tx: 0, c: 0, d: 1, ty: 0), width: 1280, height: 720)
            let frame = try VideoFrame.blank(width: 1280, height: 720, index: index, rate: Rational(30, 1))
            try frame.withWritablePlanes { planes in
                var planes = planes
                planes.paste(view, mask: Plane(width: 1280, height: 720, fill: 1), through: .identity)
            }
            try writer.write(frame)
        }
        try writer.finish()
    }

    /// Many conditions on the two portraits, drawn anew each time.
    private func contactSheet(astronaut: String, hopper: String, to output: String) async throws {
        var sheet = Sheet(cell: 300)
        let work = "\(folder)/.sheet"
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: work) }
        var rows: [[(Picture, Box?)]] = []
        for (source, target) in [(hopper, astronaut), (astronaut, hopper)] {
            let variants = try await onEngineThread("demo-variants") { try self.variants(of: target) }
            let (sourcePicture, _) = try decodePicture(at: source)
            let sourceBox = try await box(of: sourcePicture)
            for (index, variant) in variants.enumerated() {
                let (from, to) = ("\(work)/\(index).png", "\(work)/\(index)-swapped.png")
                try writePicture(variant, to: from, overwrite: true)
                var request = MediaRequest(sources: [source], target: from, output: to)
                request.overwrite = true
                _ = try await engine.process(request)
                let (result, _) = try decodePicture(at: to)
                let box = try await box(of: variant)
                let cells = [(sourcePicture, sourceBox), (variant, box), (result, box)]
                if rows.count > index { rows[index] += cells } else { rows.append(cells) }
            }
        }
        for row in rows { sheet.add(row) }
        try writePicture(sheet.picture, to: output, options: ImageIO.EncodeOptions(quality: 85), overwrite: true)
    }

    /// The largest face with some room about it, inside the picture.
    private func box(of picture: Picture) async throws -> Box? {
        try await onEngineThread("demo-box") {
            let faces = try FaceModels().finder(embeddings: false).faces(in: picture)
            return FaceOrder.largeSmall.sorted(faces).first.map { self.grown($0.box, in: picture) }
        }
    }

    private func grown(_ box: Box, in picture: Picture) -> Box {
        let (width, height) = (Float(picture.width), Float(picture.height))
        let side = min(max(box.width, box.height) * 1.7, width, height)
        let x = min(max(box.center.x - side / 2, 0), width - side)
        let y = min(max(box.center.y - side / 2, 0), height - side)
        return Box(x: x, y: y, width: side, height: side)
    }

    /// A portrait as it is, turned to both sides, tilted, in side light, dim, in black and white, cut by the edge.
    private func variants(of path: String) throws -> [Picture] {
        let turner = try turner(path, side: 640)
        var poses: [HeadTurner.Pose] = []
        for (yaw, roll, side, gain) in [
            (0, 0, 0, 1), (0.42, 0, 0, 1), (-0.42, 0.1, 0, 1), (0.1, 0.5, 0, 1), (0, 0, 1.4, 0.9), (0, 0, 0, 0.45),
        ] as [(Float, Float, Float, Float)] {
            poses.append(.init(yaw: yaw, roll: 0, sideLight: side, gain: gain))
            poses[poses.count - 1].roll = roll
        }
        var result = poses.map { turner.frame($0).picture }
        // A tilted camera instead of a bent neck for the large roll.
        let tilt = Affine.crop(center: turner.mesh.box.center, side: 560, angle: -0.6, size: 560)
        result[3] = turner.picture.sample(tilt, width: 560, height: 560).picture
        var grey = turner.picture.sample(.identity, width: turner.picture.width, height: turner.picture.height)
        let luma = grey.luma
        grey = Crop(red: luma, green: luma, blue: luma)
        result.append(grey.picture)
        let box = turner.mesh.box
        let cut = Affine(
            a: 1, b: 0, tx: box.center.x - box.width * 0.12, c: 0, d: 1, ty: max(0, box.y - box.height * 0.4))
        result.append(turner.picture.sample(cut, width: 320, height: 420).picture)
        return result
    }
}
