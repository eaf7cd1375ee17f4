// swift-tools-version: 6.2
// The order of the targets is the way a reading goes: broker → … → page. Sources/README.md is the map.
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The store, the disk that its tests simulate, the query language and the rules are optimised in debug builds, too: the tests seal and
/// recover hundreds of thousands of segments, and evaluate rules over months, which takes ten times as long otherwise.
/// Preconditions stay.
let optimised = settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
    name: "quantrac",
    products: [
        .executable(name: "quantracd", targets: ["quantracd"]),
        .executable(name: "quantrac", targets: ["quantrac"]),
        .executable(name: "publish-readings", targets: ["PublishReadings"]),
        .executable(name: "quantrac-bench", targets: ["Benchmarks"]),
        .executable(name: "quantrac-simulate", targets: ["Simulate"]),
        .executable(name: "quantrac-fuzz", targets: ["Fuzz"]),
        .executable(name: "promqltest", targets: ["PromQLTest"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // What the broker says.
        .systemLibrary(
            name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
        .target(name: "Readings", swiftSettings: optimised),
        .target(name: "CBufferedSocket"),
        .target(name: "MQTTSubscriber", dependencies: ["CBufferedSocket", "CMosquitto"], swiftSettings: settings),

        // What a message means.
        .target(
            name: "PayloadDecoders", dependencies: ["Readings"], exclude: ["README.md"], swiftSettings: settings),
        // What the user says.
        .target(
            name: "ConfigurationFile", dependencies: ["PayloadDecoders", .product(name: "Yams", package: "Yams")],
            swiftSettings: settings),
        .target(
            name: "Intake", dependencies: ["Readings", "PayloadDecoders"], exclude: ["Clock/README.md"],
            swiftSettings: settings),

        // What is kept.
        .target(name: "CChecksum"),
        .target(name: "CPageCache"),
        .target(
            name: "RingStore", dependencies: ["CChecksum", "CPageCache", "Readings"],
            exclude: ["README.md", "FORMAT.md"],
            swiftSettings: optimised),
        .target(
            name: "BoundedDatabase",
            dependencies: [
                "Readings", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: settings),
        .target(
            name: "Registry",
            dependencies: [
                "BoundedDatabase", "Intake", "PayloadDecoders", "Readings",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["README.md"], swiftSettings: settings),

        // What is asked.
        .target(name: "PromQL", dependencies: ["Readings"], exclude: ["README.md"], swiftSettings: optimised),
        .target(
            name: "PromQLScripts", dependencies: ["PromQL", "Readings"], exclude: ["README.md"],
            swiftSettings: settings),
        .target(
            name: "Alerting",
            dependencies: ["PromQL", "Readings", .product(name: "Yams", package: "Yams")],
            exclude: ["README.md"],
            swiftSettings: optimised),
        .target(
            name: "Delivery",
            dependencies: [
                "Alerting", "BoundedDatabase", "Readings",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "RuleTesting",
            dependencies: [
                "Alerting", "PromQL", "PromQLScripts", "Readings", .product(name: "Yams", package: "Yams"),
            ],
            exclude: ["README.md"],
            swiftSettings: settings),
        .target(name: "Energy", dependencies: ["Readings"], exclude: ["README.md"], swiftSettings: settings),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "QueryAPI", swiftSettings: settings),
        .target(
            name: "QueryServer",
            dependencies: [
                "CZlib", "Energy", "PromQL", "QueryAPI", "Readings",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["README.md"],
            resources: [.embedInCode("Page")],
            swiftSettings: settings),

        // The programs.
        .systemLibrary(name: "CMalloc"),
        .executableTarget(
            name: "quantracd",
            dependencies: [
                "CMalloc", "MQTTSubscriber", "ConfigurationFile", "Intake", "PayloadDecoders", "RingStore", "Registry",
                "PromQL",
                "Alerting", "Delivery", "QueryAPI", "QueryServer", "Readings",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "quantrac",
            dependencies: [
                "Alerting", "ConfigurationFile", "Energy", "PayloadDecoders", "QueryAPI", "Readings", "RingStore",
                "RuleTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Yams", package: "Yams"),
            ],
            exclude: ["README.md"],
            swiftSettings: settings),

        // For developers: a simulated household, and the measurements.
        .executableTarget(
            name: "PublishReadings",
            dependencies: [
                "CMosquitto", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "CMosquitto", "Readings", "PayloadDecoders", "PromQL", "Alerting", "RingStore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["README.md"],
            swiftSettings: settings),
        .target(name: "LastWords", swiftSettings: settings),
        .target(name: "StorageSimulator", dependencies: ["Readings", "RingStore"], swiftSettings: optimised),
        .executableTarget(
            name: "Simulate",
            dependencies: [
                "LastWords", "StorageSimulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
        .target(
            name: "HostileMessages", dependencies: ["Intake", "PayloadDecoders", "Readings", "TestSupport"],
            exclude: ["README.md"], swiftSettings: settings),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "HostileMessages", "LastWords", "Readings",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),

        .executableTarget(
            name: "PromQLTest",
            dependencies: ["PromQLScripts", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: settings),

        // The proofs.
        .target(
            name: "TestSupport", dependencies: ["PromQL", "Readings"], path: "Tests/TestSupport",
            swiftSettings: settings),
        .testTarget(
            name: "ReadingsTests", dependencies: ["Readings", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "MQTTSubscriberTests", dependencies: ["CBufferedSocket", "MQTTSubscriber", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "PayloadDecodersTests",
            dependencies: ["HostileMessages", "PayloadDecoders", "Readings", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "IntakeTests", dependencies: ["Intake", "PayloadDecoders", "Readings", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "RingStoreTests",
            dependencies: ["RingStore", "StorageSimulator", "Readings", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "RegistryTests",
            dependencies: [
                "BoundedDatabase", "Registry", "Intake", "PayloadDecoders", "Readings", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "PromQLTests", dependencies: ["PromQL", "PromQLScripts", "Readings", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: settings),
        .testTarget(
            name: "SideBySideTests",
            dependencies: ["PromQL", "Readings", "TestSupport", .product(name: "Yams", package: "Yams")],
            swiftSettings: settings),
        .testTarget(
            name: "AlertingTests", dependencies: ["Alerting", "PromQL", "Readings", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "DeliveryTests",
            dependencies: [
                "Alerting", "BoundedDatabase", "Delivery", "Readings", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "RuleTestingTests", dependencies: ["Alerting", "Readings", "RuleTesting", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "EnergyTests", dependencies: ["Energy", "Readings", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "QueryServerTests",
            dependencies: [
                "QueryServer", "QueryAPI", "PromQL", "Readings", "TestSupport",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ClientTests",
            dependencies: [
                "quantrac", "Alerting", "ConfigurationFile", "Energy", "QueryAPI", "Readings",
                "TestSupport",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "PublishReadingsTests",
            dependencies: ["PublishReadings", "PayloadDecoders", "Readings"], swiftSettings: settings),
        .testTarget(
            name: "BenchmarksTests", dependencies: ["Benchmarks", "Readings"], swiftSettings: settings),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "quantracd", "Alerting", "ConfigurationFile", "Delivery", "Intake", "PayloadDecoders", "PromQL",
                "QueryAPI",
                "Readings",
                "RingStore",
                "StorageSimulator",
                "TestSupport",
            ],
            swiftSettings: settings),
    ]
)
