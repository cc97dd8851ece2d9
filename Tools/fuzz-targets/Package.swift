// swift-tools-version: 6.2
// The fuzz targets: a package of its own, since every module that they link is built for libFuzzer. `Tools/fuzz` builds it.

import PackageDescription

let package = Package(
  name: "fuzz-targets",
  dependencies: [.package(name: "glissade", path: "../..")],
  targets: [
    .target(name: "CFuzz"),
    .executableTarget(
      name: "fuzz", dependencies: ["CFuzz", .product(name: "Glissade", package: "glissade")],
      swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]),
  ]
)
