import CFuzz

/// `fuzz TARGET ARGS…`: the arguments behind the target are libFuzzer's.
@main
struct Main {
  /// What is done with the bytes; set once, before libFuzzer starts.
  nonisolated(unsafe) static var target: @Sendable ([UInt8]) -> Void = { _ in }

  static func main() {
    let name = CommandLine.arguments.dropFirst().first ?? ""
    guard let target = targets.first(where: { $0.name == name }) else {
      print(targets.map(\.name).joined(separator: "\n"))
      return
    }
    Self.target = target.run
    var count = CommandLine.argc - 1
    // The name of the target takes the place of the program's.
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
    _ = withUnsafeMutablePointer(to: &arguments) { pointer in
      pointer.withMemoryRebound(
        to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1
      ) {
        LLVMFuzzerRunDriver(&count, $0) { data, size in
          Main.target(Array(UnsafeBufferPointer(start: data, count: size)))
          return 0
        }
      }
    }
  }
}
