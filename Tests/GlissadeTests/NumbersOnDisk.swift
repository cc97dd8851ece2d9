import Foundation
import GlissadeTesting

/// Rows as NPY files, from nothing but numbers.
enum NumbersOnDisk {
  /// Writes `features.npy` and `labels.npy`.
  ///
  /// - Parameter times: How often the rows are there, one copy behind the other.
  static func write(
    rows: Int, features: Int, classes: Int, times: Int = 1, to directory: String
  ) throws {
    var generator = SeededGenerator(seed: 11)
    let labels = (0..<rows).map { _ in Int32(generator.number(0...classes - 1)) }
    let numbers = labels.flatMap { label in
      (0..<features).map { column in
        Float(generator.number(0...1000)) / 1000 + (column % classes == Int(label) ? 0.5 : 0)
      }
    }
    let all = rows * times
    try npy("<f4", "(\(all), \(features))", numbers, times, to: directory + "/features.npy")
    try npy("<i4", "(\(all),)", labels, times, to: directory + "/labels.npy")
  }

  private static func npy<Number>(
    _ type: String, _ shape: String, _ numbers: [Number], _ times: Int, to path: String
  ) throws {
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    while (10 + header.utf8.count + 1) % 64 != 0 { header += " " }
    header += "\n"
    var data = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0])
    data += Data([UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)])
    data += Data(header.utf8)
    try data.write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.seekToEnd()
    let copy = numbers.withUnsafeBytes { Data($0) }
    for _ in 0..<times { try file.write(contentsOf: copy) }
    try file.close()
  }
}
