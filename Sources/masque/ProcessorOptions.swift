// Which models the processors use, and how; the names are FaceFusion's.

internal import ArgumentParser
internal import Studio

/// Options of the processors. Texts here; ``ProcessorChoices`` reads and checks them, for the HTTP API too.
struct ProcessorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How faces are swapped: mesh (built in) or a published model such as hyperswap_1a_256; “masque models list” shows them. (default: mesh)",
            valueName: "model"))
    var faceSwapperModel: String?

    @Option(help: ArgumentHelp("Side of the swapped crop, such as 512x512 (published models).", valueName: "size"))
    var faceSwapperPixelBoost: String?

    @Option(
        help: ArgumentHelp(
            "0.5 takes the source as it is, 1 exaggerates it, 0 keeps most of the target (published models). (default: 0.5)",
            valueName: "weight"))
    var faceSwapperWeight: String?

    @Flag(help: "Bring a published swapper's colours to the target's.")
    var matchColour = false

    @Option(help: ArgumentHelp("The model that restores faces. (default: gfpgan_1.4)", valueName: "model"))
    var faceEnhancerModel: String?

    @Option(help: ArgumentHelp("How much of the restored face shows, 0 to 100. (default: 80)", valueName: "percent"))
    var faceEnhancerBlend: String?

    @Option(help: ArgumentHelp("CodeFormer's weight, 0 to 1. (default: 0.5)", valueName: "weight"))
    var faceEnhancerWeight: String?

    @Option(help: ArgumentHelp("How far the old expression comes back, 0 to 100. (default: 80)", valueName: "percent"))
    var expressionRestorerFactor: String?

    @Option(
        help: ArgumentHelp("Which parts get it back: any of upper-face,lower-face. (default: both)", valueName: "areas")
    )
    var expressionRestorerAreas: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("-100 makes faces young, 100 old. (default: 0)", valueName: "number"))
    var ageModifierDirection: String?

    @Option(help: ArgumentHelp("Your own DFM file, by its name in the models folder.", valueName: "model"))
    var deepSwapperModel: String?

    @Option(
        help: ArgumentHelp("How far the face becomes the trained one, 0 to 100. (default: 100)", valueName: "percent"))
    var deepSwapperMorph: String?

    @Option(
        help: ArgumentHelp(
            "The model that moves mouths: wav2lip_gan_96, wav2lip_96 or edtalk_256. (default: wav2lip_gan_96)",
            valueName: "model"))
    var lipSyncerModel: String?

    @Option(help: ArgumentHelp("How strongly the voice moves the mouth, 0 to 1. (default: 0.5)", valueName: "weight"))
    var lipSyncerWeight: String?

    @Option(
        help: ArgumentHelp(
            "What takes the voice out of the recording: kim_vocal_1, kim_vocal_2, uvr_mdxnet, or none. (default: kim_vocal_2 where it is installed)",
            valueName: "model"))
    var voiceExtractorModel: String?

    @Option(
        help: ArgumentHelp(
            "The model that enlarges; realesr_animevideov3_x2, _x4 and realesrgan_x4plus come with Masque. (default: realesr_animevideov3_x2)",
            valueName: "model"))
    var frameEnhancerModel: String?

    @Option(
        help: ArgumentHelp(
            "How much of the model's result shows over a plain enlargement, 0 to 100. (default: the model's own)",
            valueName: "percent"))
    var frameEnhancerBlend: String?

    @Option(help: ArgumentHelp("The model that colours. (default: ddcolor)", valueName: "model"))
    var frameColorizerModel: String?

    @Option(
        help: ArgumentHelp(
            "The side at which it looks at a frame: 192x192, 256x256, 384x384 or 512x512. (default: 256x256)",
            valueName: "size"))
    var frameColorizerSize: String?

    @Option(help: ArgumentHelp("How much of the colour shows, 0 to 100. (default: 100)", valueName: "percent"))
    var frameColorizerBlend: String?

    @Option(
        help: ArgumentHelp(
            "What tells people from backgrounds: selfie_segmentation comes with Masque. (default: selfie_segmentation)",
            valueName: "model"))
    var backgroundRemoverModel: String?

    @Option(
        help: ArgumentHelp(
            "What is behind: red,green,blue,alpha, each 0 to 255. (default: 0,0,0,0, transparent)", valueName: "r,g,b,a"
        ))
    var backgroundRemoverColor: String?

    @Option(
        help: ArgumentHelp(
            "What is drawn: any of bounding-box, face-landmark-5, face-landmark-5/68, face-landmark-68, face-landmark-68/5, face-mask, values. (default: face-landmark-5/68,face-mask)",
            valueName: "items"))
    var faceDebuggerItems: String?

    @OptionGroup var editor: EditorOptions
    @OptionGroup var masks: MaskOptions

    /// The choices and further ones, by FaceFusion's names.
    func choices(with others: [String: String]) -> ProcessorChoices {
        var values = masks.values.merging(others) { $1 }
        values["face_swapper_model"] = faceSwapperModel
        values["face_swapper_pixel_boost"] = faceSwapperPixelBoost
        values["face_swapper_weight"] = faceSwapperWeight
        values["face_swapper_match_colour"] = matchColour ? "true" : nil
        values["face_enhancer_model"] = faceEnhancerModel
        values["face_enhancer_blend"] = faceEnhancerBlend
        values["face_enhancer_weight"] = faceEnhancerWeight
        values["expression_restorer_factor"] = expressionRestorerFactor
        values["expression_restorer_areas"] = expressionRestorerAreas
        values["age_modifier_direction"] = ageModifierDirection
        values["deep_swapper_model"] = deepSwapperModel
        values["deep_swapper_morph"] = deepSwapperMorph
        values["lip_syncer_model"] = lipSyncerModel
        values["lip_syncer_weight"] = lipSyncerWeight
        values["voice_extractor_model"] = voiceExtractorModel
        values["frame_enhancer_model"] = frameEnhancerModel
        values["frame_enhancer_blend"] = frameEnhancerBlend
        values["frame_colorizer_model"] = frameColorizerModel
        values["frame_colorizer_size"] = frameColorizerSize
        values["frame_colorizer_blend"] = frameColorizerBlend
        values["background_remover_model"] = backgroundRemoverModel
        values["background_remover_color"] = backgroundRemoverColor
        values["face_debugger_items"] = faceDebuggerItems
        values.merge(editor.values) { $1 }
        return ProcessorChoices(values, areOptions: true)
    }
}

/// Which pixels of a face published models may change.
struct MaskOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Any of box,occlusion,area,region: all of them must cover a pixel. (default: box)", valueName: "types"))
    var faceMaskTypes: String?

    @Option(
        help: ArgumentHelp("Areas of the face: any of upper-face,lower-face,mouth. (default: all)", valueName: "areas"))
    var faceMaskAreas: String?

    @Option(help: ArgumentHelp("Parts of the face for the region mask. (default: all)", valueName: "regions"))
    var faceMaskRegions: String?

    @Option(help: ArgumentHelp("Softness of the box's edge, 0 to 1. (default: 0.3)", valueName: "share"))
    var faceMaskBlur: String?

    @Option(
        help: ArgumentHelp(
            "What the box leaves out at the top, right, bottom and left, in percent. (default: 0,0,0,0)",
            valueName: "t,r,b,l"))
    var faceMaskPadding: String?

    @Option(
        help: ArgumentHelp(
            "What looks for hands and hair before the face: xseg_1, xseg_2, xseg_3 or many. (default: xseg_1)",
            valueName: "model"))
    var faceOccluderModel: String?

    @Option(
        help: ArgumentHelp("What knows the parts of a face. (default: bisenet_resnet_34)", valueName: "model"))
    var faceParserModel: String?

    /// What was given.
    var values: [String: String] {
        var values: [String: String] = [:]
        values["face_mask_types"] = faceMaskTypes
        values["face_mask_areas"] = faceMaskAreas
        values["face_mask_regions"] = faceMaskRegions
        values["face_mask_blur"] = faceMaskBlur
        values["face_mask_padding"] = faceMaskPadding
        values["face_occluder_model"] = faceOccluderModel
        values["face_parser_model"] = faceParserModel
        return values
    }
}
