// swift-tools-version: 6.2
// The rooms of the house and the arrows between them. A target may import only what it names here.

import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [])
  -> Target
{
  .testTarget(
    name: name + "Tests", dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func library(_ name: String, apt package: String) -> Target {
  .systemLibrary(name: name, path: "Sources/System/" + name, providers: [.apt([package])])
}

let package = Package(
  name: "glissade",
  products: [
    .library(name: "Glissade", targets: ["Glissade"]),
    .library(name: "GlissadeTesting", targets: ["GlissadeTesting"]),
    .executable(name: "glissade", targets: ["glissade-cli"]),
  ],
  dependencies: [
    // The command line's grammar, help and completions: the field's standard, 20 s to build.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    // C libraries of the system: they cost no build time.
    library("CLZ4", apt: "liblz4-dev"),
    library("CZlib", apt: "zlib1g-dev"),
    library("CYAML", apt: "libyaml-dev"),
    library("COpenSSL", apt: "libssl-dev"),
    .target(name: "CKernels", linkerSettings: [.linkedLibrary("dl")]),

    room("GlissadeTensor"),
    .target(name: "CSystem"),
    room("GlissadeSystem", ["COpenSSL", "CSystem"]),
    room("GlissadeKernels", ["GlissadeTensor", "CKernels"]),
    room("GlissadeModels", ["GlissadeKernels", "GlissadeTensor"]),
    room("GlissadeGraph", ["GlissadeTensor"]),
    room("GlissadeSchedule", ["GlissadeGraph", "GlissadeTensor"]),
    .target(name: "CSpill"),
    room("GlissadeStore", ["GlissadeTensor", "GlissadeSystem", "CLZ4", "CSpill"]),
    room("GlissadeData", ["GlissadeTensor", "GlissadeSystem", "CZlib"]),
    room(
      "GlissadeOperations",
      [
        "GlissadeGraph", "GlissadeModels", "GlissadeKernels", "GlissadeData", "GlissadeTensor",
        "GlissadeSystem",
      ]),
    room(
      "GlissadeRuntime",
      [
        "GlissadeSchedule", "GlissadeStore", "GlissadeOperations", "GlissadeGraph",
        "GlissadeModels",
        "GlissadeKernels", "GlissadeData", "GlissadeTensor", "GlissadeSystem",
      ]),
    room("GlissadeFormat", ["GlissadeGraph", "GlissadeTensor", "GlissadeSystem", "CYAML"]),
    room(
      "Glissade",
      [
        "GlissadeRuntime", "GlissadeFormat", "GlissadeOperations", "GlissadeGraph",
        "GlissadeModels", "GlissadeData", "GlissadeTensor", "GlissadeSystem",
      ]),
    room(
      "GlissadeTesting",
      ["GlissadeRuntime", "GlissadeSchedule", "GlissadeGraph", "GlissadeTensor", "GlissadeSystem"]),
    .executableTarget(
      name: "glissade-cli",
      dependencies: [
        "Glissade", "GlissadeRuntime", "GlissadeOperations", "GlissadeFormat", "GlissadeGraph",
        "GlissadeStore", "GlissadeTensor", "GlissadeSystem",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/glissade",
      swiftSettings: strict),
    .executableTarget(
      name: "glissade-example", dependencies: ["Glissade"], swiftSettings: strict),

    tests("GlissadeTensor", ["GlissadeTensor"]),
    tests("GlissadeSystem", ["GlissadeSystem", "GlissadeTesting"]),
    tests("GlissadeKernels", ["GlissadeKernels", "GlissadeTensor", "CKernels"]),
    tests("GlissadeModels", ["GlissadeModels", "GlissadeKernels", "GlissadeTensor"]),
    tests("GlissadeGraph", ["GlissadeGraph", "GlissadeTensor"]),
    tests(
      "GlissadeSchedule",
      ["GlissadeSchedule", "GlissadeTesting", "GlissadeGraph", "GlissadeTensor"]),
    tests(
      "GlissadeStore",
      ["GlissadeStore", "GlissadeTesting", "GlissadeTensor", "GlissadeSystem", "CSpill"]),
    tests(
      "GlissadeData", ["GlissadeData", "GlissadeTensor", "GlissadeSystem"],
      resources: [.copy("Fixtures")]),
    tests("GlissadeFormat", ["GlissadeFormat", "GlissadeGraph", "GlissadeSystem"]),
    tests(
      "Glissade",
      [
        "Glissade", "glissade-example", "GlissadeTesting", "GlissadeRuntime", "GlissadeOperations",
        "GlissadeFormat",
        "GlissadeGraph", "GlissadeModels", "GlissadeData", "GlissadeTensor", "GlissadeSystem",
      ], resources: [.copy("Fixtures")]),
    tests("Tidy", []),
  ]
)
