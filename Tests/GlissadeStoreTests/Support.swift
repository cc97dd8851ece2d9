import Foundation
import GlissadeStore
import GlissadeSystem
import GlissadeTensor
import GlissadeTesting

/// Whether the slow variants of the tests run, too: `GLISSADE_ALL=1`.
let runsEverything = Machine.environment("GLISSADE_ALL") == "1"

/// The seeds of a property test: the seed of `GLISSADE_SEED` alone, where it is given.
func propertySeeds(_ seeds: Range<UInt64>) -> Range<UInt64> {
  guard let text = Machine.environment("GLISSADE_SEED"), let seed = UInt64(text) else {
    return seeds
  }
  return seed..<seed + 1
}

/// A directory of one test, removed with all it holds when let go.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("glissade-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a name inside.
  func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// The names inside, sorted.
  var names: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
  }
}

/// What tensors are filled with.
enum Filling: CaseIterable {
  case noise
  case halfZeros
  case fewNonZeros
  case zeros
  case ramp
}

extension SeededGenerator {
  /// A tensor whose elements look like what training makes.
  mutating func tensor(_ type: ScalarType, _ shape: Shape, _ filling: Filling) -> Tensor {
    let count = shape.elementCount
    var numbers = [Double](repeating: 0, count: count)
    for index in 0..<count {
      let isZero =
        switch filling {
        case .noise, .ramp: false
        case .halfZeros: once(in: 2)
        case .fewNonZeros: !once(in: 20)
        case .zeros: true
        }
      if isZero { continue }
      numbers[index] =
        filling == .ramp ? Double(index) / 8 : Double.random(in: -100...100, using: &self)
    }
    switch type {
    case .float32: return Tensor(numbers.map { Float($0) }, shape: shape)
    case .float64: return Tensor(numbers, shape: shape)
    case .int32: return Tensor(numbers.map { Int32($0) }, shape: shape)
    case .int64: return Tensor(numbers.map { Int64($0) }, shape: shape)
    case .uint8:
      return Tensor(
        numbers.map { UInt8(truncatingIfNeeded: Int($0)) }, shape: shape)
    }
  }

  /// A shape of at most `elements` elements: any rank, empty ones and single numbers among them.
  mutating func shape(elements: Int) -> Shape {
    var sizes: [Int] = []
    var left = elements
    for _ in 0..<number(0...4) {
      let size = once(in: 40) ? 0 : number(1...max(1, left))
      sizes.append(size)
      left /= max(1, size)
    }
    return Shape(sizes.shuffled(using: &self))
  }
}

/// The key of the tensors of a test, told apart by their value.
func key(_ value: Int, step: UInt64 = 7) -> SpillKey {
  SpillKey(run: 0xABCD, value: UInt64(value), step: step, place: 3)
}

/// Why something was refused; nil where it was not.
func refusal(_ body: () throws(StoreError) -> Void) -> StoreError? {
  do throws(StoreError) { try body() } catch { return error }
  return nil
}

/// A file that is moved from one thread to another.
final class FileBox: Sendable {
  private let file: Lock<SpillContentsHolder>

  init(_ file: consuming SpillFile) { self.file = Lock(SpillContentsHolder(file)) }

  /// Does something with the file.
  func with<Result>(_ body: (borrowing SpillFile) throws -> Result) rethrows -> Result {
    try file.withLock { try body($0.file) }
  }
}

/// A class around a value that cannot be copied, for a lock that holds only what can.
private final class SpillContentsHolder {
  let file: SpillFile
  init(_ file: consuming SpillFile) { self.file = file }
}

extension SpillThreads {
  /// Writes and waits.
  func writeAndWait(_ tensor: Tensor, as key: SpillKey) throws(StoreError) -> FileBox {
    let answer = Gate<Result<FileBox, StoreError>?>(nil)
    try write(tensor, as: key) { result in
      let boxed: Result<FileBox, StoreError>
      switch consume result {
      case .success(let file): boxed = .success(FileBox(file))
      case .failure(let error): boxed = .failure(error)
      }
      answer.change { $0 = boxed }
    }
    return try answer.wait { $0 }!.get()
  }

  /// Reads and waits.
  func readAndWait(_ box: FileBox) throws(StoreError) -> Tensor {
    let answer = Gate<Result<Tensor, StoreError>?>(nil)
    var refused: StoreError?
    box.with { file in
      let storage = TensorStorage(byteCount: file.tensorBytes.bytes, zeroed: false)
      do throws(StoreError) {
        try read(file, into: storage) { result in answer.change { $0 = result } }
      } catch { refused = error }
    }
    if let refused { throw refused }
    return try answer.wait { $0 }!.get()
  }
}
