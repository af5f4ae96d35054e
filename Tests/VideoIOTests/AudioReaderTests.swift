// Sound as samples: right rate and length, mixed to one channel, from its own moment on; refusals in words.

import Errors
import Foundation
import Testing
import VideoIO

struct AudioReaderTests {
    /// The strength of one frequency in samples at a rate: the amplitude of a sine that is there.
    private func strength(_ hertz: Double, in samples: ArraySlice<Float>, rate: Double = 16000) -> Double {
        var x = 0.0, y = 0.0
        for (i, sample) in samples.enumerated() {
            let angle = 2 * Double.pi * hertz * Double(i) / rate
            x += Double(sample) * cos(angle)
            y += Double(sample) * sin(angle)
        }
        return 2 * (x * x + y * y).squareRoot() / Double(max(samples.count, 1))
    }

    @Test(arguments: ["wav", "mp3", "flac", "m4a", "ogg", "mkv"])
    func `a tone of any format comes out at 16 kHz, as long and as loud as it is`(format: String) throws {
        let lab = try Lab()
        let file = try lab.make(
            "tone." + format, "-f lavfi -i aevalsrc=0.5*sin(2*PI*440*t):s=44100:d=2")
        let samples = try AudioReader(path: file).all()
        // Lossy formats add up to some hundredths of a second at the ends.
        #expect(abs(Double(samples.count) / 16000 - 2) < 0.15)
        try #require(samples.count > 24000)
        #expect(abs(strength(440, in: samples[8000..<24000]) - 0.5) < 0.04)
        #expect(strength(880, in: samples[8000..<24000]) < 0.02)
    }

    @Test
    func `channels are averaged and another rate is given as asked`() throws {
        let lab = try Lab()
        let file = try lab.make(
            "two.wav", "-f lavfi -i aevalsrc=0.6*sin(2*PI*300*t)|0.2*sin(2*PI*1000*t):s=48000:d=1")
        let reader = try AudioReader(path: file, rate: 48000)
        let samples = try reader.all()
        #expect(samples.count == 48000)
        #expect(abs(strength(300, in: samples[...], rate: 48000) - 0.3) < 0.01)
        #expect(abs(strength(1000, in: samples[...], rate: 48000) - 0.1) < 0.01)
        #expect(try reader.next() == nil)
        let both = try AudioReader(path: file, rate: 48000, channels: 2).all()
        #expect(both.count == 96000)
        let left = stride(from: 0, to: both.count, by: 2).map { both[$0] }
        let right = stride(from: 1, to: both.count, by: 2).map { both[$0] }
        #expect(abs(strength(300, in: left[...], rate: 48000) - 0.6) < 0.01)
        #expect(strength(1000, in: left[...], rate: 48000) < 0.01)
        #expect(abs(strength(1000, in: right[...], rate: 48000) - 0.2) < 0.01)
    }

    @Test
    func `sound that begins after the picture begins after as much silence`() throws {
        let lab = try Lab()
        let tone = try lab.make("tone.wav", "-f lavfi -i aevalsrc=0.5*sin(2*PI*440*t):s=16000:d=1")
        let file = try lab.make(
            "late.mkv",
            "-f lavfi -i testsrc=s=64x48:r=25:d=2 -itsoffset 0.5 -i \(tone) -map 0:v -map 1:a -c:v libx264 -c:a flac")
        let samples = try AudioReader(path: file).all()
        #expect(abs(Double(samples.count) / 16000 - 1.5) < 0.02)
        try #require(samples.count > 20000)
        #expect(strength(440, in: samples[0..<7600]) < 0.01)
        #expect(abs(strength(440, in: samples[8400..<20000]) - 0.5) < 0.02)
    }

    @Test
    func `files without sound, that are no media or too long are refused in words`() throws {
        let lab = try Lab()
        func refusal(_ path: String, limit: Double = 60) throws -> MasqueError {
            try #require(throws: MasqueError.self) { _ = try AudioReader(path: path, limit: limit).all() }
        }
        let silent = try refusal(lab.make("mute.mp4", "-f lavfi -i testsrc=s=64x48:r=25:d=0.2 -c:v libx264"))
        #expect(silent.code == .unsupportedMedia && silent.message == "“mute.mp4” holds no sound.")
        try Data("not a recording, only words".utf8).write(to: URL(fileURLWithPath: lab.path("words.mp3")))
        #expect(try refusal(lab.path("words.mp3")).code == .unsupportedMedia)
        #expect(try refusal(lab.path("nowhere.wav")).code == .badInput)
        let long = try lab.make("long.wav", "-f lavfi -i anullsrc=r=8000:cl=mono -t 5")
        let error = try refusal(long, limit: 2)
        #expect(error.code == .tooLarge && error.message == "The sound of “long.wav” is longer than 2 seconds.")
        // A stream whose length no header tells is cut off while it is read.
        let raw = try lab.make("long.aac", "-f lavfi -i anullsrc=r=8000:cl=mono -t 5 -c:a aac")
        #expect(try refusal(raw, limit: 1).code == .tooLarge)
        #expect(try AudioReader(path: raw, limit: 20).all().count > 60000)
    }

    @Test
    func `a recording that is cut off gives what is there`() throws {
        let lab = try Lab()
        let file = try lab.make("tone.mp3", "-f lavfi -i aevalsrc=0.5*sin(2*PI*440*t):s=44100:d=2")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let half = lab.path("half.mp3")
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: half))
        let samples = try AudioReader(path: half).all()
        #expect(samples.count > 8000 && samples.count < 24000)
    }

    @Test
    func `a recording that cannot be opened is refused as one`() throws {
        let lab = try Lab()
        let tone = try lab.make("tone.wav", "-f lavfi -i sine=440:d=1")
        let head = lab.path("head.wav")
        try Data(contentsOf: URL(fileURLWithPath: tone)).prefix(30).write(to: URL(fileURLWithPath: head))
        let error = try #require(throws: MasqueError.self) { _ = try AudioReader(path: head) }
        #expect(error.code == .unsupportedMedia)
        #expect(error.message == "“head.wav” is not a recording that Masque can read, or it is damaged.")
        #expect(error.advice == "Give a recording, or a video with sound.")
    }
}
