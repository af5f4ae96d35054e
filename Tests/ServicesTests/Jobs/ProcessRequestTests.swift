// The fields of a process call.

import Errors
import Foundation
import JobQueue
import Services
import Testing

struct ProcessRequestTests {
    private func decode(_ json: String) throws -> ProcessRequest {
        try JSONDecoder().decode(ProcessRequest.self, from: Data(json.utf8))
    }

    @Test func `an empty request has the contract's defaults`() throws {
        let request = try decode("{}")
        #expect(request == ProcessRequest())
        let description = try request.description(lane: .image)
        #expect(description.processors == ["face_swapper"])
        #expect(description.options.executionProviders == ["cpu"])
        #expect(description.options.detectorModel == "yoloface_8n")
        #expect(description.options.detectorScore == 0.5)
        // The target's own size, unless a processor enlarges it.
        #expect(description.options.outputScale == nil)
        #expect(description.options.outputFPS == nil)
        #expect(description.options.threadCount == 1)
    }

    @Test func `the scale is the one of the target's kind`() throws {
        let request = try decode(#"{"output_image_scale": 50, "output_video_scale": 200, "output_video_fps": 12.5}"#)
        #expect(try request.description(lane: .image).options.outputScale == 50)
        #expect(try request.description(lane: .video).options.outputScale == 200)
        #expect(try request.description(lane: .video).options.outputFPS == 12.5)
    }

    @Test(arguments: [
        (#"{"processors": []}"#, "processors"), (#"{"processors": ["magic"]}"#, "magic"),
        (#"{"execution_thread_count": 0}"#, "execution_thread_count is 0,"),
        (#"{"execution_thread_count": 33}"#, "execution_thread_count is 33,"),
        (#"{"output_image_scale": 9}"#, "output_image_scale is 9,"),
        (#"{"output_video_scale": 401}"#, "output_video_scale is 401,"),
        (#"{"face_detector_score": 1.5}"#, "face_detector_score is 1.5,"),
        (#"{"output_video_fps": 0}"#, "output_video_fps is 0,"),
        (#"{"execution_providers": []}"#, "execution_providers"),
    ])
    func `a value out of its range is refused with a sentence that names the field`(json: String, word: String) throws {
        let request = try decode(json)
        let error = #expect(throws: MasqueError.self) { try request.description(lane: .image) }
        #expect(error?.code == .badInput)
        #expect(error?.message.contains(word) == true)
        #expect(error?.message.hasSuffix(".") == true)
    }
}
