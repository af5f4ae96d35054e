// Which models the processors use, and how; the names are FaceFusion's.

internal import ArgumentParser
internal import Errors
internal import Faces
internal import Neural
internal import Studio

extension FaceArea: ExpressibleByArgument {}

/// Options of the face processors.
struct ProcessorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How faces are swapped: mesh (built in) or a published model such as hyperswap_1a_256; masque models list shows them.",
            valueName: "model"))
    var faceSwapperModel = FaceSwapperSettings.mesh

    @Option(help: ArgumentHelp("Side of the swapped crop, such as 512x512 (published models).", valueName: "size"))
    var faceSwapperPixelBoost: String?

    @Option(
        help: ArgumentHelp(
            "0.5 takes the source as it is, 1 exaggerates it, 0 keeps most of the target (published models).",
            valueName: "weight"))
    var faceSwapperWeight: Float = 0.5

    @Flag(help: "Bring a published swapper's colours to the target's.")
    var matchColour = false

    @Option(help: ArgumentHelp("The model that restores faces.", valueName: "model"))
    var faceEnhancerModel = FaceEnhancerSettings().model

    @Option(help: ArgumentHelp("How much of the restored face shows, 0 to 100.", valueName: "percent"))
    var faceEnhancerBlend = 80

    @Option(help: ArgumentHelp("CodeFormer's weight, 0 to 1.", valueName: "weight"))
    var faceEnhancerWeight: Double = 0.5

    @OptionGroup var masks: MaskOptions

    /// The processors of these names, with the options' settings.
    ///
    /// - Throws: ``MasqueError`` `.badInput` for a name that there is not or a value out of its range.
    func steps(_ names: [String]) throws -> [ProcessorStep] {
        let words = names.flatMap { $0.split(separator: ",").map { $0.filter { !$0.isWhitespace } } }
        return try words.filter { !$0.isEmpty }.map { word in
            guard let name = ProcessorName(rawValue: word) else {
                throw MasqueError(
                    .badInput, "There is no processor “\(word)”.",
                    advice: "Processors are \(ProcessorName.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            return try step(name)
        }
    }

    private func step(_ name: ProcessorName) throws -> ProcessorStep {
        switch name {
        case .faceSwapper:
            var settings = FaceSwapperSettings(model: faceSwapperModel)
            settings.boost = try faceSwapperPixelBoost.map { try square($0, "--face-swapper-pixel-boost") }
            settings.weight = try within(0...1, faceSwapperWeight, "--face-swapper-weight")
            settings.matchesColour = matchColour
            return .faceSwapper(settings)
        case .faceEnhancer:
            var settings = FaceEnhancerSettings(model: faceEnhancerModel)
            settings.blend = Float(try within(0...100, faceEnhancerBlend, "--face-enhancer-blend")) / 100
            settings.weight = try within(0...1, faceEnhancerWeight, "--face-enhancer-weight")
            return .faceEnhancer(settings)
        default:
            throw MasqueError(.badInput, "The processor “\(name.rawValue)” cannot be used here yet.")
        }
    }

    private func square(_ text: String, _ option: String) throws -> Int {
        let sides = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(sides.count), let side = sides[0], side > 0, sides.last == side else {
            throw MasqueError(.badInput, "“\(text)” for \(option) is not a square.", advice: "Write 512x512.")
        }
        return side
    }
}

/// Which pixels of a face published models may change.
struct MaskOptions: ParsableArguments {
    @Option(
        name: [.customLong("mask-types"), .customLong("face-mask-types")],
        help: ArgumentHelp("Any of box,occlusion,area,region: all of them must cover a pixel.", valueName: "types"))
    var types = "box"

    @Option(
        name: [.customLong("mask-areas"), .customLong("face-mask-areas")],
        help: ArgumentHelp("Areas of the face: any of upper-face,lower-face,mouth.", valueName: "areas"))
    var areas = FaceArea.allCases.map(\.rawValue).joined(separator: ",")

    @Option(
        name: [.customLong("mask-regions"), .customLong("face-mask-regions")],
        help: ArgumentHelp("Parts of the face for the region mask, with commas.", valueName: "regions"))
    var regions = FaceRegion.allCases.map(\.label).joined(separator: ",")

    @Option(
        name: [.customLong("mask-blur"), .customLong("face-mask-blur")],
        help: ArgumentHelp("Softness of the box's edge, 0 to 1.", valueName: "share"))
    var blur: Float = 0.3

    @Option(
        name: [.customLong("mask-padding"), .customLong("face-mask-padding")],
        help: ArgumentHelp(
            "What the box leaves out at the top, right, bottom and left, in percent, with commas.", valueName: "t,r,b,l"
        ))
    var padding = "0,0,0,0"

    @Option(
        help: ArgumentHelp(
            "What looks for hands and hair before the face: xseg_1, xseg_2, xseg_3 or many.", valueName: "model"))
    var faceOccluderModel = "xseg_1"

    @Option(help: ArgumentHelp("What knows the parts of a face.", valueName: "model"))
    var faceParserModel = FaceMaskSettings().parser

    /// The engine's settings.
    ///
    /// - Throws: ``MasqueError`` `.badInput` for a value that there is not.
    func settings() throws -> FaceMaskSettings {
        let types = try words(self.types, "--mask-types", known: ["box", "occlusion", "area", "region"])
        var settings = FaceMaskSettings()
        settings.parts.hasBox = types.contains("box")
        settings.parts.blur = try within(0...1, blur, "--mask-blur")
        if types.contains("area") {
            settings.parts.areas = try words(areas, "--mask-areas", known: FaceArea.allCases.map(\.rawValue))
                .compactMap(FaceArea.init(rawValue:))
        }
        if types.contains("region") {
            let wanted = try words(regions, "--mask-regions", known: FaceRegion.allCases.map(\.label))
            settings.parts.regions = Set(FaceRegion.allCases.filter { wanted.contains($0.label) })
        }
        if types.contains("occlusion") {
            settings.occluders = faceOccluderModel == "many" ? ["xseg_1", "xseg_2", "xseg_3"] : [faceOccluderModel]
        }
        settings.parser = faceParserModel
        settings.parts.padding = try sides()
        return settings
    }

    /// One to four numbers, as in CSS: all; vertical and horizontal; top, horizontal and bottom; top, right, bottom, left.
    private func sides() throws -> MaskPadding {
        let numbers = padding.split(separator: ",").map { Int($0.filter { !$0.isWhitespace }) }
        guard (1...4).contains(numbers.count), numbers.allSatisfy({ $0.map { (0...100).contains($0) } ?? false })
        else {
            throw MasqueError(
                .badInput, "“\(padding)” for --mask-padding is not one to four numbers from 0 to 100.",
                advice: "Write 10 or 0,5,20,5.")
        }
        let all = numbers.compactMap { $0 }
        let right = all.count > 1 ? all[1] : all[0]
        return MaskPadding(
            top: all[0], right: right, bottom: all.count > 2 ? all[2] : all[0], left: all.count > 3 ? all[3] : right)
    }

    private func words(_ text: String, _ option: String, known: [String]) throws -> [String] {
        let words = text.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
        if let wrong = words.first(where: { !known.contains($0) }) {
            throw MasqueError(
                .badInput, "“\(wrong)” is none of those that \(option) knows.",
                advice: "Write some of \(known.joined(separator: ",")).")
        }
        return words
    }
}
