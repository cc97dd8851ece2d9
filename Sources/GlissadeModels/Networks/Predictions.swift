import GlissadeKernels

extension Network {
  /// How many probabilities a row has: one for each class, so two where a single output is a margin.
  package var probabilityCount: Int { outputs == 1 ? 2 : outputs }

  /// The probabilities of the classes, of [rows, probabilityCount], from the logits of [rows, outputs].
  ///
  /// With one output, the margin of the second class over the first, both probabilities are given. A temperature
  /// divides the logits first (G. Hinton, O. Vinyals, J. Dean, 2015).
  package func probabilities(
    _ logits: UnsafePointer<Float>, rows: Int, temperature: Float = 1,
    into result: UnsafeMutablePointer<Float>
  ) {
    guard outputs == 1 else {
      softmax(logits, rows: rows, columns: outputs, temperature: temperature, into: result)
      return
    }
    // A softmax over (0, margin) is the sigmoid, and as stable. From the last row, since result may be the logits.
    for row in stride(from: rows - 1, through: 0, by: -1) {
      let margin = logits[row]
      result[2 * row] = 0
      result[2 * row + 1] = margin
    }
    softmax(result, rows: rows, columns: 2, temperature: temperature, into: result)
  }

  /// The class code of each row: the greatest logit, the first of equals; with one output 1 where it is above 0.
  package func classes(
    _ logits: UnsafePointer<Float>, rows: Int, into result: UnsafeMutablePointer<Int32>
  ) {
    for row in 0..<rows {
      result[row] = Int32(classCode(logits + row * outputs, outputs: outputs))
    }
  }
}

/// The class that one row of logits says.
func classCode(_ row: UnsafePointer<Float>, outputs: Int) -> Int {
  if outputs == 1 { return row[0] > 0 ? 1 : 0 }
  var best = 0
  for index in 1..<outputs where row[index] > row[best] { best = index }
  return best
}
