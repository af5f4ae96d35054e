// Parts and sizes at the ends of what numbers can say.

import Errors
import Foundation
import Testing
import VideoIO

@Suite struct ExtremeTests {
    private let lab: Lab
    private let video: String

    init() throws {
        lab = try Lab()
        video = try lab.make("a.mp4", "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -c:v libx264")
    }

    private func error(trim: String = "..", scale: String? = nil) throws -> MasqueError? {
        let options = try EncodeOptions(container: .mp4, scale: scale.map { try FrameScale($0) })
        let reader = try VideoReader(path: video)
        do throws(MasqueError) {
            try reader.prepare(for: options, trim: VideoTrim(trim))
            return nil
        } catch { return error }
    }

    @Test func `the largest frame number is a place after the end`() throws {
        #expect(try error(trim: "9223372036854775807f..")?.code == .badInput)
        #expect(try error(trim: "..9223372036854775807f") == nil)
    }

    @Test(arguments: ["..0", "..0f"]) func `a part that ends at the beginning is empty`(trim: String) throws {
        let error = try #require(try error(trim: trim))
        #expect(error.code == .badInput && error.message.contains("empty"))
    }

    @Test func `a size beyond the limit is refused before a frame is made`() throws {
        #expect(try error(scale: "16384x16384")?.code == .tooLarge)
        #expect(try error(scale: "800%") == nil)
    }
}
