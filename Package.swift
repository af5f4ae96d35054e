// swift-tools-version: 6.2
// The map of Masque: every module, what it may see, and which module owns which C library.
import PackageDescription

/// Settings of every Swift target: Swift 6 language mode, strict concurrency, warnings are errors.
let swift: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]
/// For modules that touch C pointers: every unsafe expression is marked as such.
let swiftOverC: [SwiftSetting] = swift + [.strictMemorySafety()]

let package = Package(
    name: "masque",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "masque", targets: ["masque"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // C, one owner each
        .target(name: "CPixels"),
        .target(name: "CHash"),
        .target(name: "COnnxRuntime"),
        .target(name: "COpenVINO"),
        .target(name: "CImageCodecs", dependencies: ["CTurboJPEG", "CPNG"]),
        .systemLibrary(
            name: "CFFmpeg", pkgConfig: "libavformat libavcodec libavfilter libswscale libavutil",
            providers: [
                .apt([
                    "libavformat-dev", "libavcodec-dev", "libavfilter-dev", "libswscale-dev", "libavutil-dev",
                ])
            ]),
        .systemLibrary(name: "CTurboJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg62-turbo-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CWebP", pkgConfig: "libwebp libwebpmux libwebpdemux", providers: [.apt(["libwebp-dev"])]),

        // The engine, from the ground up
        .target(name: "Errors", swiftSettings: swift),
        .target(name: "Files", dependencies: ["Errors"], swiftSettings: swiftOverC),
        .target(name: "Pixels", dependencies: ["CPixels", "Errors"], swiftSettings: swiftOverC),
        .target(
            name: "ImageIO", dependencies: ["Errors", "Files", "Pixels", "CImageCodecs", "CWebP"],
            swiftSettings: swiftOverC),
        .target(name: "VideoIO", dependencies: ["Errors", "Files", "Pixels", "CFFmpeg"], swiftSettings: swiftOverC),
        .target(
            name: "Inference", dependencies: ["Errors", "CHash", "COnnxRuntime", "COpenVINO"],
            swiftSettings: swiftOverC),
        .target(name: "Faces", dependencies: ["Errors", "Pixels", "Inference"], swiftSettings: swift),
        .target(
            name: "Studio", dependencies: ["Errors", "Files", "Pixels", "ImageIO", "VideoIO", "Inference", "Faces"],
            swiftSettings: swift),

        // The binary: parse, wire
        .executableTarget(
            name: "masque",
            dependencies: [
                "Errors", "Faces", "Files", "Inference", "Pixels", "Studio", "VideoIO",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: swift),
        .executableTarget(
            name: "masque-bench",
            dependencies: ["Errors", "Faces", "Files", "ImageIO", "Inference", "Pixels", "Studio", "VideoIO"],
            swiftSettings: swift),

        // Draws what `make demo` shows
        .executableTarget(
            name: "masque-demo",
            dependencies: ["Errors", "Faces", "Files", "ImageIO", "Inference", "Pixels", "Studio", "VideoIO"],
            swiftSettings: swift),

        // Tests
        .testTarget(name: "PixelsTests", dependencies: ["Pixels"], swiftSettings: swift),
        .testTarget(name: "FilesTests", dependencies: ["Errors", "Files"], swiftSettings: swift),
        .testTarget(
            name: "ImageIOTests", dependencies: ["Errors", "Files", "ImageIO", "Pixels"], swiftSettings: swift),
        .testTarget(
            name: "FacesTests", dependencies: ["Errors", "Faces", "Inference", "Pixels"], exclude: ["Golden"],
            swiftSettings: swift),
        .testTarget(name: "InferenceTests", dependencies: ["Errors", "Inference"], swiftSettings: swift),
        .testTarget(name: "VideoIOTests", dependencies: ["Errors", "Pixels", "VideoIO"], swiftSettings: swift),
        .testTarget(name: "MasqueTests", dependencies: ["Errors", "Studio"], swiftSettings: swift),
        .testTarget(
            name: "StudioTests",
            dependencies: ["Errors", "Faces", "ImageIO", "Inference", "Pixels", "Studio", "VideoIO"],
            swiftSettings: swift),
    ]
)
