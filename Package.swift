// swift-tools-version: 6.3
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let cSettings: [CSetting] = [
    .unsafeFlags(["-Wall", "-Wextra", "-Werror", "-std=gnu17"])
]

/// What runs on an event loop stays there: without it every call of an asynchronous function, and every return from one,
/// looks for the executor to go on with.
let onLoops: [SwiftSetting] = [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

/// What runs at a start and a reload only.
let cold: [SwiftSetting] = [.unsafeFlags(["-Osize"], .when(configuration: .release))]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")

func library(_ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings + settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.target(name: name), "TestSupport"] + dependencies,
        swiftSettings: swiftSettings
    )
}

let package = Package(
    name: "fpwd",
    products: [
        .executable(name: "fpwd", targets: ["fpwd"]),
        .executable(name: "fpw-relay", targets: ["fpw-relay"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "CFPWPeer", cSettings: cSettings),
        .target(
            name: "CFPWCurl", dependencies: ["CFPWPeer"], cSettings: cSettings,
            linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CFPWCrypt", cSettings: cSettings, linkerSettings: [.linkedLibrary("crypt")]),
        .target(name: "CFPWPage", exclude: ["page"], cSettings: cSettings + [.unsafeFlags(["-std=gnu23"])]),
        library("FPWProtocol"),
        library("FPWConfig", ["FPWProtocol"], settings: cold),
        library("FPWMetrics"),
        library("FPWTransport", ["CFPWCurl"], settings: onLoops + [.strictMemorySafety()]),
        library(
            "FPWService",
            ["CFPWPage", "FPWConfig", "FPWMetrics", logging, lifecycle, signals, nioCore, nioPosix, nioHTTP1]
        ),
        library(
            "FPWDaemon",
            [
                "CFPWCrypt", "FPWProtocol", "FPWConfig", "FPWMetrics", "FPWTransport", "FPWService", logging, lifecycle,
                signals, nioHTTP1,
            ],
            settings: onLoops
        ),
        library(
            "FPWRelay",
            [
                "CFPWPeer", "FPWProtocol", "FPWConfig", "FPWMetrics", "FPWService", logging, lifecycle, signals,
                nioCore,
                nioPosix, nioHTTP1, nioTLS, nioSSL,
            ]
        ),
        library("FPWCommands", [argumentParser], settings: cold),
        .executableTarget(
            name: "fpwd", dependencies: ["FPWCommands", "FPWDaemon", argumentParser], swiftSettings: swiftSettings),
        .executableTarget(
            name: "fpw-relay", dependencies: ["FPWCommands", "FPWRelay", argumentParser], swiftSettings: swiftSettings),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
        .target(
            name: "FuzzClaims", dependencies: ["FPWProtocol", "FPWConfig", "FPWRelay", nioCore],
            path: "Tests/Fuzz/Claims", swiftSettings: swiftSettings),
        tests(of: "FuzzClaims"),
        tests(of: "CFPWPeer"),
        tests(of: "FPWProtocol"),
        tests(of: "FPWConfig", ["FPWProtocol"]),
        tests(of: "FPWMetrics"),
        tests(of: "FPWTransport"),
        tests(of: "FPWService", ["FPWConfig", "FPWMetrics", logging, lifecycle, nioCore, nioHTTP1]),
        tests(of: "FPWDaemon", ["FPWProtocol", "FPWConfig", "FPWMetrics", "FPWService", "FPWTransport", logging]),
        tests(
            of: "FPWRelay",
            ["FPWProtocol", "FPWConfig", "FPWMetrics", "FPWService", logging, nioCore, nioPosix, nioEmbedded, nioSSL]),
    ],
    swiftLanguageModes: [.v6]
)

// Its main is libFuzzer's, which only scripts/fuzz.sh links.
if Context.environment["FPW_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fpw-fuzz", dependencies: ["FuzzClaims"], path: "Tests/Fuzz/Program", swiftSettings: swiftSettings))
}
