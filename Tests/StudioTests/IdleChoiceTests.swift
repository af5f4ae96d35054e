// Choices without effect are told, and those with one are not.

import Errors
import Faces
import Studio
import Testing

@Suite struct IdleChoiceTests {
    /// What is said of choices for processors.
    private func notes(
        _ processors: String, _ values: [String: String], areOptions: Bool = false,
        change: (inout MediaRequest) -> Void = { _ in }
    ) throws -> [String] {
        var request = MediaRequest(sources: [], target: "", output: "")
        let choices = ProcessorChoices(values, areOptions: areOptions)
        request.processors = try ProcessorStep.names([processors]).map { try ProcessorStep($0, choices: choices) }
        change(&request)
        try request.take(choices)
        return request.notes
    }

    @Test(arguments: [
        (
            "face_swapper", ["face_swapper_pixel_boost": "512x512", "face_swapper_weight": "0.7"],
            "face_swapper_pixel_boost, face_swapper_weight had no effect: the model mesh does not take it."
        ),
        (
            "face_swapper", ["face_swapper_model": "uniface_256", "face_swapper_weight": "0.7"],
            "face_swapper_weight had no effect: the model uniface_256 does not take it."
        ),
        (
            "face_enhancer", ["face_enhancer_weight": "0.7"],
            "face_enhancer_weight had no effect: the model gfpgan_1.4 does not take it."
        ),
        (
            "face_swapper", ["face_enhancer_blend": "50"],
            "face_enhancer_blend had no effect: face_enhancer is not among the processors."
        ),
        (
            "face_swapper", ["face_mask_blur": "0.5", "face_mask_padding": "1"],
            "face_mask_blur, face_mask_padding had no effect: the processors and models that ran use no such mask."
        ),
        (
            "face_enhancer", ["face_mask_types": "box,region"],
            "“region” in face_mask_types had no effect: the processors and models that ran use no such mask."
        ),
        (
            "deep_swapper", ["deep_swapper_model": "anna", "face_mask_areas": "mouth"],
            "face_mask_areas had no effect: “area” is not in face_mask_types."
        ),
        (
            "frame_enhancer", ["face_mask_blur": "0.5", "face_selector_mode": "one", "reference_face_position": "1"],
            "face_mask_blur, face_selector_mode, reference_face_position had no effect: no processor that ran works on faces."
        ),
        (
            "face_debugger", ["face_detector_size": "320x320"],
            "face_detector_size had no effect: face_detector_model is centerface."
        ),
        (
            "face_debugger", ["face_selector_mode": "one", "reference_face_distance": "0.4"],
            "reference_face_distance had no effect: face_selector_mode is one."
        ),
        ("age_modifier", [:], "The age modifier changed nothing: age_modifier_direction is 0."),
        (
            "expression_restorer", ["expression_restorer_factor": "0"],
            "The expression restorer changed nothing: expression_restorer_factor is 0."
        ),
    ])
    func `what has no effect is said, with the reason`(
        processors: String, values: [String: String], sentence: String
    ) throws {
        #expect(try notes(processors, values) == [sentence])
    }

    @Test(arguments: [
        ("face_swapper", ["face_swapper_model": "mesh"]),
        (
            "face_swapper",
            [
                "face_swapper_model": "inswapper_128", "face_swapper_weight": "0.7",
                "face_swapper_pixel_boost": "256x256",
            ]
        ),
        ("face_enhancer", ["face_enhancer_model": "codeformer", "face_enhancer_weight": "0.7"]),
        (
            "face_enhancer",
            ["face_mask_types": "box,occlusion", "face_occluder_model": "xseg_2", "face_mask_blur": "0"]
        ),
        ("lip_syncer", ["lip_syncer_model": "edtalk_256", "face_mask_padding": "5", "lip_syncer_weight": "1"]),
        (
            "face_swapper",
            [
                "face_swapper_model": "simswap_256", "face_mask_types": "area,region", "face_mask_areas": "mouth",
                "face_mask_regions": "nose", "face_parser_model": "bisenet_resnet_18",
            ]
        ),
        ("face_debugger", ["face_detector_model": "scrfd", "face_detector_size": "320x320"]),
        ("face_debugger", ["face_landmarker_model": "2dfan4", "face_landmarker_score": "0.3"]),
        ("face_debugger", ["face_selector_mode": "reference", "reference_frame_number": "4"]),
        ("age_modifier", ["age_modifier_direction": "-20"]),
    ])
    func `what has an effect is not said to have none`(processors: String, values: [String: String]) throws {
        #expect(try notes(processors, values) == [])
    }

    @Test func `options of a command are called so, the mesh's own among them`() throws {
        let said = try notes("face_swapper", ["face_swapper_model": "inswapper_128"], areOptions: true) {
            $0.swap.shape = 0.2
            $0.swap.keepEyes = true
        }
        #expect(said == ["--shape had no effect: the model inswapper_128 does not take it."])
        let absent = try notes("face_enhancer", ["face_enhancer_weight": "1"], areOptions: true) {
            $0.swap.keepEyes = true
        }
        #expect(
            absent == [
                "--face-enhancer-weight had no effect: the model gfpgan_1.4 does not take it.",
                "--keep-eyes had no effect: face_swapper is not among the processors.",
            ])
    }

    @Test(arguments: [
        (
            "reference_face_position", "1.5",
            "reference_face_position is “1.5”, but must be a whole number from 0 to 9999."
        ),
        ("face_detector_angles", "45", "face_detector_angles names 45, which is no quarter turn."),
        ("face_selector_gender", "other", "face_selector_gender is “other”, but must be one of female, male."),
        ("face_detector_model", "eagle", "There is no face detector “eagle”."),
    ])
    func `a wrong choice about faces is named`(name: String, value: String, sentence: String) throws {
        var request = MediaRequest(sources: [], target: "", output: "")
        let error = #expect(throws: MasqueError.self) { try request.take(ProcessorChoices([name: value])) }
        #expect(error?.message == sentence)
    }
}
