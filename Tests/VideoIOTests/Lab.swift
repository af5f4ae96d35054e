// A folder for one test, and the ffmpeg programs that make and judge its videos.

import Errors
import Foundation
import Testing
import VideoIO

/// A temporary folder that goes with its owner, and what tests do in it.
final class Lab {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("masque-video-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The path of a file in the folder.
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// Runs a program and gives what it says.
    @discardableResult
    func run(_ program: String, _ arguments: [String], merged: Bool = false) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/" + program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        if merged { process.standardError = pipe }
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(program) \(arguments.joined(separator: " "))")
        return String(decoding: data, as: UTF8.self)
    }

    /// Makes a video with ffmpeg from a line of arguments; gives its path.
    @discardableResult
    func make(_ name: String, _ line: String) throws -> String {
        let words = line.split(separator: " ").map(String.init)
        try run("ffmpeg", ["-y", "-v", "error"] + words + [path(name)])
        return path(name)
    }

    /// ffprobe's table of what `entries` names, as lines.
    func probe(_ file: String, _ entries: String, stream: String = "v:0", extra: [String] = []) throws -> [String] {
        try run(
            "ffprobe",
            ["-v", "error", "-select_streams", stream, "-show_entries", entries, "-of", "csv=p=0"] + extra + [file]
        ).split(separator: "\n").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: ",")) }
    }

    /// Passes a video through reader and writer on two threads, as the engine does.
    @discardableResult
    func pass(
        _ input: String, to name: String, trim: VideoTrim = .all, _ change: (inout EncodeOptions) -> Void = { _ in }
    ) throws -> (summary: VideoSummary, warnings: [String], path: String) {
        let output = path(name)
        var options = try EncodeOptions(container: VideoContainer(path: output))
        change(&options)
        let reader = try VideoReader(path: input)
        try reader.prepare(for: options, trim: trim)
        let writer = try VideoWriter(path: output, source: reader.source, options: options)
        let queue = BoundedQueue<VideoFrame>(capacity: 4)
        let thread = Thread {
            do {
                while let frame = try reader.next() { try queue.push(frame) }
                queue.close()
            } catch { queue.cancel(error) }
        }
        thread.start()
        while let frame = try queue.pop() { try writer.write(frame) }
        let summary = try writer.finish()
        return (summary, reader.warnings + summary.warnings, output)
    }

    /// The peak signal-to-noise ratio between two videos of one size and length, in decibels.
    func psnr(_ a: String, _ b: String) throws -> Double {
        let said = try run(
            "ffmpeg", ["-v", "info", "-i", a, "-i", b, "-lavfi", "psnr", "-f", "null", "-"], merged: true)
        let word = try #require(said.firstRange(of: "average:"))
        let number = said[word.upperBound...].prefix { $0 != " " }
        return number == "inf" ? 100 : try #require(Double(number))
    }

    /// A test picture that moves, with sound: ffmpeg's arguments before the codecs.
    static func source(_ size: String = "320x240", rate: String = "25", seconds: Int = 2, sound: Bool = true) -> String
    {
        "-f lavfi -i testsrc2=s=\(size):r=\(rate):d=\(seconds)"
            + (sound ? " -f lavfi -i sine=440:d=\(seconds)" : "")
    }
}

/// Every frame's pts and duration, read by Masque.
func times(_ path: String) throws -> [Int64] {
    let reader = try VideoReader(path: path)
    try reader.prepare()
    var all: [Int64] = []
    while let frame = try reader.next() { all.append(frame.pts) }
    return all
}

/// The sentence with which reading a file is refused, nil when it is not.
func refusal(_ path: String) -> MasqueError? {
    do throws(MasqueError) {
        let reader = try VideoReader(path: path)
        try reader.prepare()
        while try reader.next() != nil {}
        return nil
    } catch { return error }
}
