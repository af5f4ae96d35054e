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
        .target(name: "COnnxRuntime"),
        .target(name: "COpenVINO"),
        .systemLibrary(
            name: "CFFmpeg", pkgConfig: "libavformat libavcodec libswscale libavutil",
            providers: [.apt(["libavformat-dev", "libavcodec-dev", "libswscale-dev", "libavutil-dev"])]),
        .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CWebP", pkgConfig: "libwebp libwebpmux libwebpdemux", providers: [.apt(["libwebp-dev"])]),

        // The engine, from the ground up
        .target(name: "Errors", swiftSettings: swift),
        .target(name: "Pixels", dependencies: ["CPixels", "Errors"], swiftSettings: swiftOverC),
        .target(
            name: "ImageIO", dependencies: ["Errors", "Pixels", "CTurboJPEG", "CPNG", "CWebP"],
            swiftSettings: swiftOverC),
        .target(name: "VideoIO", dependencies: ["Errors", "Pixels", "CFFmpeg"], swiftSettings: swiftOverC),
        .target(
            name: "Inference", dependencies: ["Errors", "COnnxRuntime", "COpenVINO"], swiftSettings: swiftOverC),
        .target(name: "Faces", dependencies: ["Errors", "Pixels", "Inference"], swiftSettings: swift),
        .target(
            name: "Studio", dependencies: ["Errors", "Pixels", "ImageIO", "VideoIO", "Inference", "Faces"],
            swiftSettings: swift),

        // The binary: parse, wire
        .executableTarget(
            name: "masque",
            dependencies: [
                "Errors", "Studio", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: swift),
        .executableTarget(name: "masque-bench", dependencies: ["Errors", "Inference"], swiftSettings: swift),

        // Tests
        .testTarget(name: "InferenceTests", dependencies: ["Errors", "Inference"], swiftSettings: swift),
    ]
)
