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
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
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
        .target(
            name: "Words", dependencies: ["Errors", "Files"], resources: [.copy("words.json")], swiftSettings: swift),
        .target(name: "Pixels", dependencies: ["CPixels", "Errors"], swiftSettings: swiftOverC),
        .target(
            name: "ImageIO", dependencies: ["Errors", "Files", "Pixels", "CImageCodecs", "CWebP"],
            swiftSettings: swiftOverC),
        .target(name: "VideoIO", dependencies: ["Errors", "Files", "Pixels", "CFFmpeg"], swiftSettings: swiftOverC),
        .target(name: "ModelFiles", dependencies: ["CHash", "Errors"], swiftSettings: swiftOverC),
        .target(
            name: "Inference", dependencies: ["Errors", "ModelFiles", "COnnxRuntime", "COpenVINO"],
            swiftSettings: swiftOverC),
        .target(name: "Faces", dependencies: ["Errors", "Pixels", "Inference"], swiftSettings: swift),
        .target(
            name: "Neural", dependencies: ["Errors", "Pixels", "Inference", "Faces"], swiftSettings: swift),
        .target(
            name: "Studio",
            dependencies: [
                "Errors", "Files", "ModelFiles", "Pixels", "ImageIO", "VideoIO", "Inference", "Faces", "Neural",
            ],
            swiftSettings: swift),

        // Jobs: what is to be done, by whom, how far it is; the stores keep it through any crash
        .target(name: "JobQueue", dependencies: ["Errors"], swiftSettings: swift),
        .target(
            name: "JobQueueSQLite",
            dependencies: ["Errors", "Files", "JobQueue", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: swift),
        .target(
            name: "BlobStore",
            dependencies: ["Errors", "Files", "JobQueue", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: swiftOverC),

        // Workers: child processes that alone touch media. WorkerProtocol is what the two sides say to each other,
        // Workers the server's side, JobHandlers the child's: the only place where a job meets the engine
        .target(name: "CSandbox"),
        .target(name: "WorkerProtocol", dependencies: ["Errors", "JobQueue"], swiftSettings: swift),
        .target(name: "Processes", dependencies: ["Errors", "Files", "WorkerProtocol"], swiftSettings: swiftOverC),
        .target(
            name: "Workers",
            dependencies: [
                "BlobStore", "Errors", "Files", "JobQueue", "Processes", "WorkerProtocol",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: swiftOverC),
        // FaceFusion as an operator has it installed, driven for jobs whose models Masque does not have
        .target(
            name: "FaceFusion", dependencies: ["Errors", "Files", "JobQueue", "Processes", "WorkerProtocol"],
            swiftSettings: swift),
        .target(
            name: "JobHandlers",
            dependencies: [
                "CSandbox", "Errors", "Faces", "Files", "ImageIO", "Inference", "JobQueue", "ModelFiles", "Pixels",
                "Studio", "VideoIO", "WorkerProtocol",
            ], swiftSettings: swiftOverC),

        // The network: which addresses are public, and the models that the operator adds; neither knows engine or jobs
        .target(
            name: "Addresses", dependencies: ["Errors", .product(name: "NIOPosix", package: "swift-nio")],
            swiftSettings: swift),
        .target(
            name: "ModelStore",
            dependencies: [
                "Addresses", "Errors", "Files", "ModelFiles",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ], resources: [.copy("models.yaml")], swiftSettings: swift),

        // Downloads of models for others: links, Civitai's API, the queue, the fleet
        .target(
            name: "Civitai",
            dependencies: [
                "Errors", "Files", "ModelFiles", "ModelStore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ], swiftSettings: swift),

        // Fronts and what they stand on: never the engine
        .target(
            name: "Services",
            dependencies: [
                "Addresses", "BlobStore", "Errors", "Files", "JobQueue", "WorkerProtocol",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: swift),
        .target(
            name: "HTTPParts",
            dependencies: [
                "Errors", "Files", "Words",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: swiftOverC),
        .target(
            name: "HTTPAPI",
            dependencies: [
                "Addresses", "BlobStore", "Civitai", "Errors", "Files", "HTTPParts", "JobQueue", "ModelFiles",
                "ModelStore", "Services",
                "WorkerProtocol", "Words",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ], resources: [.copy("Assets")], swiftSettings: swift),

        // Telegram's Bot API, as far as the bot uses it
        .target(
            name: "TelegramAPI",
            dependencies: [
                "Errors", "Files",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: swiftOverC),

        // The bot: what is said to whom, over the same jobs as the HTTP API; never the engine
        .target(
            name: "TelegramBot",
            dependencies: [
                "BlobStore", "Civitai", "Errors", "Files", "JobQueue", "Services", "TelegramAPI", "WorkerProtocol",
                "Words",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: swift),

        // The binary: parse, wire
        .executableTarget(
            name: "masque",
            dependencies: [
                "BlobStore", "Civitai", "Errors", "FaceFusion", "Faces", "Files", "HTTPAPI", "HTTPParts", "Inference",
                "JobHandlers",
                "JobQueue", "JobQueueSQLite", "ModelFiles", "ModelStore", "Pixels", "Services", "Studio", "TelegramAPI",
                "TelegramBot", "VideoIO", "Words", "WorkerProtocol", "Workers",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: swift),
        .executableTarget(
            name: "masque-bench",
            dependencies: [
                "Errors", "Faces", "Files", "ImageIO", "Inference", "JobQueue", "JobQueueSQLite", "ModelFiles",
                "Pixels", "Studio", "TelegramStandIn", "VideoIO",
            ],
            swiftSettings: swift),

        // Draws what `make demo` shows
        .executableTarget(
            name: "masque-demo",
            dependencies: ["Errors", "Faces", "Files", "ImageIO", "Inference", "Pixels", "Studio", "VideoIO"],
            swiftSettings: swift),

        // Tests
        // A Telegram on loopback for the bot's tests and loads, as strict as the real one
        .target(
            name: "TelegramStandIn",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Tests/TelegramStandIn", swiftSettings: swift),
        // What tests of real media work take
        .target(
            name: "MediaSamples", dependencies: ["Errors", "ImageIO", "Pixels", "VideoIO"], path: "Tests/MediaSamples",
            swiftSettings: swift),
        .testTarget(
            name: "TelegramBotTests",
            dependencies: [
                "BlobStore", "Civitai", "Errors", "JobQueue", "JobQueueSQLite", "Services", "TelegramAPI",
                "TelegramBot",
                "TelegramStandIn", "WorkerProtocol", "Words",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: swift),
        // Conversations with the bot, over real jobs and media processes
        .testTarget(
            name: "BotDialogueTests",
            dependencies: [
                "BlobStore", "Errors", "ImageIO", "JobQueue", "JobQueueSQLite", "MediaSamples", "Pixels", "Services",
                "TelegramAPI", "TelegramBot", "TelegramStandIn", "Words", "WorkerProtocol", "Workers",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: swift),
        .testTarget(
            name: "TelegramAPITests",
            dependencies: [
                "Errors", "TelegramAPI", "TelegramStandIn",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ], swiftSettings: swift),
        .testTarget(name: "PixelsTests", dependencies: ["Pixels"], swiftSettings: swift),
        .testTarget(name: "FilesTests", dependencies: ["Errors", "Files"], swiftSettings: swift),
        .testTarget(name: "WordsTests", dependencies: ["Errors", "Words"], swiftSettings: swift),
        .testTarget(
            name: "ImageIOTests", dependencies: ["Errors", "Files", "ImageIO", "Pixels"], swiftSettings: swift),
        .testTarget(
            name: "FacesTests", dependencies: ["Errors", "Faces", "Inference", "Pixels"], exclude: ["Golden"],
            swiftSettings: swift),
        .testTarget(
            name: "NeuralTests", dependencies: ["Errors", "Faces", "ImageIO", "Inference", "Neural", "Pixels"],
            exclude: ["Golden"], swiftSettings: swift),
        .testTarget(name: "InferenceTests", dependencies: ["Errors", "Inference", "ModelFiles"], swiftSettings: swift),
        .testTarget(
            name: "ModelStoreTests",
            dependencies: [
                "Addresses", "Errors", "Files", "ModelFiles", "ModelStore",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: swift),
        .testTarget(
            name: "CivitaiTests",
            dependencies: [
                "Addresses", "Civitai", "Errors", "ModelStore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: swift),
        .testTarget(name: "VideoIOTests", dependencies: ["Errors", "Pixels", "VideoIO"], swiftSettings: swift),
        .testTarget(
            name: "MasqueTests", dependencies: ["Errors", "Studio", "TelegramStandIn"], swiftSettings: swift),
        .testTarget(
            name: "StudioTests",
            dependencies: [
                "Errors", "Faces", "Files", "ImageIO", "Inference", "ModelFiles", "Pixels", "Studio", "VideoIO",
            ],
            exclude: ["Golden"], swiftSettings: swift),
        .testTarget(
            name: "JobQueueTests",
            dependencies: ["Errors", "JobQueue", "JobQueueSQLite", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: swift),
        .testTarget(name: "BlobStoreTests", dependencies: ["BlobStore", "Errors", "JobQueue"], swiftSettings: swift),
        .testTarget(
            name: "ServicesTests",
            dependencies: [
                "Addresses", "BlobStore", "Errors", "Files", "JobQueue", "JobQueueSQLite", "Services", "WorkerProtocol",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: swift),
        .testTarget(
            name: "FaceFusionTests",
            dependencies: ["Errors", "FaceFusion", "JobQueue", "WorkerProtocol"], exclude: ["StandIn"],
            swiftSettings: swift),
        .testTarget(
            name: "WorkersTests",
            dependencies: [
                "BlobStore", "Errors", "FaceFusion", "Files", "ImageIO", "JobQueue", "JobQueueSQLite", "MediaSamples",
                "Pixels", "Services", "VideoIO", "WorkerProtocol", "Workers",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: swift),
        .testTarget(
            name: "JobHandlersTests",
            dependencies: [
                "Errors", "ImageIO", "Inference", "JobHandlers", "JobQueue", "Pixels", "Studio", "VideoIO",
                "WorkerProtocol",
            ], swiftSettings: swift),
        .testTarget(
            name: "HTTPPartsTests",
            dependencies: [
                "Errors", "Files", "HTTPParts", "Words",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: swiftOverC),
        .testTarget(
            name: "HTTPAPITests",
            dependencies: [
                "Addresses", "BlobStore", "Civitai", "Errors", "Files", "HTTPAPI", "HTTPParts", "JobQueue",
                "JobQueueSQLite", "ModelFiles", "ModelStore", "Services", "WorkerProtocol", "Words",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ], swiftSettings: swift),
    ]
)
