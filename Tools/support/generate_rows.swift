// Writes the rows of Tools/generate-rows: a matrix of Float32 and a class for each row, as NPY files.
//
//   generate_rows ROWS FEATURES CLASSES SEED FEATURES-FILE LABELS-FILE
//
// Every number is a function of the seed, its row and its column, so the files are the same however the rows are divided
// among threads. A row is the mean of its class plus noise of variance one. The means lie about 3.4 apart, so that no model
// is always right and a linear one is right most of the time.

import Dispatch
import Glibc

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): all bits of the result depend on all bits of `number`.
@inline(__always)
func mixed(_ number: UInt64) -> UInt64 {
  var bits = number &+ 0x9E37_79B9_7F4A_7C15
  bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
  bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
  return bits ^ (bits >> 31)
}

/// Nearly normal, with mean zero and variance one: the sum of four 16-bit numbers, each even over its range.
@inline(__always)
func noise(_ bits: UInt64) -> Float {
  let sum =
    Int32(truncatingIfNeeded: bits & 0xFFFF) + Int32(truncatingIfNeeded: (bits >> 16) & 0xFFFF)
    + Int32(truncatingIfNeeded: (bits >> 32) & 0xFFFF) + Int32(truncatingIfNeeded: bits >> 48)
  // Four times 65535 / 2, and √(12 / 4) / 65536.
  return (Float(sum) - 131_070) * 2.642_923e-5
}

func stop(_ code: Int32, _ message: String) -> Never {
  let line = Array("Tools/generate-rows: error: \(message)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
  exit(code)
}

/// Rows of a data set, to be filled in at any place.
struct Rows: Sendable {
  let features: Int
  let classes: Int
  /// Different ones for classes, means and noise.
  let keys: (label: UInt64, mean: UInt64, noise: UInt64)
  let means: [Float]

  init(features: Int, classes: Int, seed: UInt64) {
    self.features = features
    self.classes = classes
    let keys = (label: mixed(seed), mean: mixed(mixed(seed) ^ 1), noise: mixed(mixed(seed) ^ 2))
    self.keys = keys
    let scale = 2.4 / Float(features).squareRoot()
    means = (0..<classes * features).map { scale * noise(mixed(keys.mean &+ UInt64($0))) }
  }

  /// The class of a row; each class is there among the first rows.
  @inline(__always)
  func label(_ row: Int) -> Int32 {
    row < classes ? Int32(row) : Int32(mixed(keys.label &+ UInt64(row)) % UInt64(classes))
  }

  /// Numbers of the matrix, row after row, from any first one.
  func fillFeatures(_ target: UnsafeMutableRawPointer, _ numbers: Range<Int>) {
    let target = target.assumingMemoryBound(to: Float.self) - numbers.lowerBound
    means.withUnsafeBufferPointer { means in
      var first = numbers.lowerBound
      while first < numbers.upperBound {
        let row = first / features
        let end = min((row + 1) * features, numbers.upperBound)
        let mean = means.baseAddress! + (Int(label(row)) - row) * features
        for number in first..<end {
          target[number] = mean[number] + noise(mixed(keys.noise &+ UInt64(number)))
        }
        first = end
      }
    }
  }

  func fillLabels(_ target: UnsafeMutableRawPointer, _ rows: Range<Int>) {
    let target = target.assumingMemoryBound(to: Int32.self) - rows.lowerBound
    for row in rows { target[row] = label(row) }
  }
}

/// An NPY file of numbers of four bytes, written by two threads around the page cache, which has better use for its memory.
struct Output {
  /// A multiple of the blocks that disks ask for.
  static let pieceBytes = 4 << 20

  let path: String
  /// Of NPY 1.0; the numbers behind it begin at a multiple of 64 bytes.
  let header: [UInt8]
  let count: Int

  init(_ path: String, type: String, shape: String, count: Int) {
    self.path = path
    self.count = count
    let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(shape)), }"
    let length = (10 + text.utf8.count + 1 + 63) / 64 * 64 - 10
    let padding = String(repeating: " ", count: length - text.utf8.count - 1)
    header =
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
      + Array((text + padding + "\n").utf8)
  }

  /// Makes the file; `fill` gives the numbers of a range.
  func write(_ fill: @Sendable (UnsafeMutableRawPointer, Range<Int>) -> Void) {
    // What <fcntl.h> shows of O_DIRECT to programs with GNU's extensions.
    #if arch(arm64)
      let direct: Int32 = 0o200000
    #else
      let direct: Int32 = 0o40000
    #endif
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
    var descriptor = open(path, flags | direct, 0o644)
    // Some file systems have no way around the page cache.
    if descriptor < 0 && errno == EINVAL { descriptor = open(path, flags, 0o644) }
    if descriptor < 0 { stop(73, "\(path) cannot be made: \(String(cString: strerror(errno)))") }
    let byteCount = header.count + 4 * count
    let pieces = (byteCount + Self.pieceBytes - 1) / Self.pieceBytes
    let threads = 2
    DispatchQueue.concurrentPerform(iterations: threads) { [descriptor] thread in
      let buffer = UnsafeMutableRawPointer.allocate(byteCount: Self.pieceBytes, alignment: 4096)
      defer { buffer.deallocate() }
      for piece in stride(from: thread, to: pieces, by: threads) {
        let start = piece * Self.pieceBytes
        // The first piece has the header in front.
        let skipped = piece == 0 ? header.count : 0
        buffer.copyMemory(from: header, byteCount: skipped)
        let end = min(byteCount, start + Self.pieceBytes)
        fill(buffer + skipped, (start + skipped - header.count) / 4..<(end - header.count) / 4)
        write(buffer, at: start, to: descriptor)
      }
    }
    // The last piece was written whole.
    if ftruncate(descriptor, byteCount) != 0 || fsync(descriptor) != 0 || close(descriptor) != 0 {
      fail()
    }
  }

  private func write(_ piece: UnsafeMutableRawPointer, at offset: Int, to descriptor: Int32) {
    var done = 0
    while done < Self.pieceBytes {
      let count = pwrite(descriptor, piece + done, Self.pieceBytes - done, offset + done)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { fail() }
      done += count
    }
  }

  private func fail() -> Never {
    stop(
      errno == ENOSPC || errno == EDQUOT ? 75 : 74,
      "\(path) cannot be written: \(String(cString: strerror(errno)))")
  }
}

func main() {
  let numbers = CommandLine.arguments.dropFirst().prefix(4).compactMap { UInt64($0) }
  guard CommandLine.arguments.count == 7, numbers.count == 4 else {
    stop(64, "ROWS FEATURES CLASSES SEED FEATURES-FILE LABELS-FILE")
  }
  let count = Int(numbers[0])
  let rows = Rows(features: Int(numbers[1]), classes: Int(numbers[2]), seed: numbers[3])
  Output(
    CommandLine.arguments[5], type: "<f4", shape: "\(count), \(rows.features)",
    count: count * rows.features
  ).write { rows.fillFeatures($0, $1) }
  Output(CommandLine.arguments[6], type: "<i4", shape: "\(count),", count: count)
    .write { rows.fillLabels($0, $1) }
}

main()
