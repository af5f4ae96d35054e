// What is asked for one picture or video: sources, target, processors, output and every choice about them.

package import Faces
package import ImageIO
package import VideoIO

/// With what faces and their landmarks are found.
package struct DetectorChoice: Sendable, Hashable {
    /// Which detector.
    package var model = DetectorModel.centerface
    /// The side of its view in pixels, where it has a choice.
    package var size = 640
    /// What gives 68 landmarks; the built-in mesh follows faces either way.
    package var landmarker = LandmarkerModel.mesh
    /// Landmarks that are less sure are not taken, 0…1.
    package var landmarkerScore: Float = 0.5

    /// The built-in models.
    package init() {}
}

/// What is to be done to one picture or video: processors in order, a swap if nothing else is said.
package struct MediaRequest: Sendable {
    /// Pictures of the people whose faces are put in. Without a ``map``, all show one person and are averaged for
    /// identity, the first gives the texture.
    package var sources: [String]
    /// A recording, or a video with sound, to which the lip syncer moves mouths; a source that is no picture is taken
    /// for it. Its sound takes the place of a target video's.
    package var voice: String?
    /// Which face of each source picture counts, by ``sourceOrder``, from 0.
    package var sourcePosition = 0
    /// The order in which faces of source pictures are counted.
    package var sourceOrder = FaceOrder.largeSmall
    /// The picture or video that the faces go into.
    package var target: String
    /// Where the result is written.
    package var output: String
    /// Whether an output that is there may be replaced.
    package var overwrite = false
    /// Which target faces are swapped.
    package var selector = FaceSelector(mode: .reference)
    /// Several people in one pass, such as "source1=0,source2=2".
    package var map: String?
    /// Who becomes whom by number, for a single source picture: the key is a face of the target (of a video: of the
    /// frame at ``referenceTime``), counted by `selector.order`; the value a face of the source, counted by
    /// ``sourceOrder``; both from 0, as ``Engine/inspect(_:)`` numbers them. Not together with ``map``.
    package var pairs: [Int: Int]?
    /// Pictures of the target people to swap, for the mode `reference` and for maps.
    package var references: [String] = []
    /// The frame (counted from 0 within the wanted part) whose faces `reference` and positions in maps refer to.
    package var referenceFrame = 0
    /// The moment, in seconds of the whole video, whose frame stands in for ``referenceFrame``: the first frame at or
    /// after it, the last one beyond the end. Only this frame is looked at.
    package var referenceTime: Double?
    /// How hard faces are looked for in pictures.
    package var detection = DetectionOptions.picture
    /// With what faces and their landmarks are found.
    package var detector = DetectorChoice()
    /// What is done, in order; never empty.
    package var processors: [ProcessorStep] = [.faceSwapper(FaceSwapperSettings())]
    /// Which pixels of a face published models may change.
    package var masks = FaceMaskSettings()
    /// The mesh swap's own settings; what is kept of the target holds for published swappers too.
    package var swap = MeshSwapSettings()
    /// Quality of a written JPEG or lossy WebP, 0…100.
    package var pictureQuality = 92
    /// How a video is written; `nil` takes the container's default codec and FaceFusion's quality.
    package var video: VideoIO.EncodeOptions?
    /// The part of a video that is wanted.
    package var trim = VideoTrim.all
    /// The size of the result in percent of the target's, 10…400; `nil` keeps it. For videos it takes the place of
    /// `video.scale`, sides become even.
    package var outputScale: Double?
    /// Frames a second of a resulting video, 1…120; `nil` keeps every frame's time. Takes the place of
    /// `video.frameRate`; sound is not touched.
    package var outputRate: Double?
    /// A folder for finished parts of a video: it is made if missing, and a second swap with the same request goes on
    /// from the last finished part. Whoever names it deletes it when the result is safe. GIFs are made in one piece.
    package var checkpoint: String?
    /// Frames of one part, at least 1.
    package var checkpointFrames = 250
    /// A folder in which `preview.jpg`, a small picture of the newest finished frame, is kept during a video swap.
    package var previewFolder: String?
    /// Seconds from one preview to the next, at least.
    package var previewInterval = 2.0
    /// Whether nobody can write to the target meanwhile, though it may get and lose other names, as stored files do.
    package var targetIsImmutable = false
    /// Bounds on pictures.
    package var pictureLimits = PictureLimits.default
    /// Bounds on videos.
    package var videoLimits = VideoLimits()
    /// What a person should know about the choices, as sentences: they begin the report's warnings.
    package var notes: [String] = []
    /// Whether the choices were options of a command, as sentences then call them.
    package var hasOptions = true
    /// Smoothing of landmarks in time; `false` for measurements.
    package var smoothing = true

    /// Makes a request with the defaults.
    package init(sources: [String], target: String, output: String) {
        self.sources = sources
        self.target = target
        self.output = output
    }
}
