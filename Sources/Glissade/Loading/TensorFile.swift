import GlissadeData
public import GlissadeRuntime
public import GlissadeSystem
public import GlissadeTensor

/// Writes one tensor where other programs can read it.
public enum TensorFile {
  /// Writes a tensor to a `.csv` file, or to any other as NPY, atomically.
  ///
  /// In CSV a line is a row of the outermost dimension, without a header.
  public static func write(
    _ tensor: Tensor, to path: String, world: World = World()
  ) throws(OutputError) {
    do throws(SystemError) {
      if path.hasSuffix(".csv") {
        try world.files.writeAtomically(path, csv(tensor))
      } else {
        let result = NPY.encode(tensor).withUnsafeBytes { bytes in
          Result { () throws(SystemError) in try world.files.writeAtomically(path, bytes) }
        }
        try result.get()
      }
    } catch { throw OutputError(error) }
  }

  /// The elements with the fewest digits that read back equal.
  static func csv(_ tensor: Tensor) -> String {
    let cells: [String] =
      switch tensor.type {
      case .float32: tensor.elements(of: Float.self).map(\.description)
      case .float64: tensor.elements(of: Double.self).map(\.description)
      case .int32: tensor.elements(of: Int32.self).map(\.description)
      case .int64: tensor.elements(of: Int64.self).map(\.description)
      case .uint8: tensor.elements(of: UInt8.self).map(\.description)
      }
    // A tensor of one dimension is a column.
    let width = tensor.shape.dimensions.dropFirst().reduce(1, *)
    guard width > 0 else { return "" }
    return stride(from: 0, to: cells.count, by: width).map {
      cells[$0..<min($0 + width, cells.count)].joined(separator: ",") + "\n"
    }.joined()
  }
}

/// Writes a text as a file.
public enum OutputText {
  /// Writes a text atomically.
  public static func write(
    _ text: String, to path: String, world: World = World()
  ) throws(OutputError) {
    do throws(SystemError) { try world.files.writeAtomically(path, text) } catch {
      throw OutputError(error)
    }
  }
}
