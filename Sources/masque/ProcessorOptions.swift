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

    @OptionGroup var masks: MaskOptions

    /// The choices, by FaceFusion's names.
    var choices: ProcessorChoices {
        var values: [String: String] = masks.values
        values["face_swapper_model"] = faceSwapperModel
        values["face_swapper_pixel_boost"] = faceSwapperPixelBoost
        values["face_swapper_weight"] = faceSwapperWeight
        values["face_swapper_match_colour"] = matchColour ? "true" : nil
        values["face_enhancer_model"] = faceEnhancerModel
        values["face_enhancer_blend"] = faceEnhancerBlend
        values["face_enhancer_weight"] = faceEnhancerWeight
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
