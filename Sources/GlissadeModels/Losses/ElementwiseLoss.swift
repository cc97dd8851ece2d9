import GlissadeKernels

/// A loss that is a sum over the elements of the logits, each against a number.
protocol ElementwiseLoss: LossFunction {
  /// The arithmetic.
  var kernel: ElementLoss { get }
}

extension ElementwiseLoss {
  func sum(
    _ logits: UnsafePointer<Float>, _ targets: Targets, rows: Int, outputs: Int,
    residual: UnsafeMutablePointer<Float>?
  ) -> Double {
    switch targets {
    case .numbers(let numbers):
      kernel.sum(logits, targets: numbers, count: rows * outputs, residual: residual)
    case .codes(let codes):
      sum(logits, codes: codes, rows: rows, outputs: outputs, residual: residual)
    }
  }

  /// Class codes 0 and 1 as numbers, a few at a time on the stack; another code is NaN, and so is the sum then.
  private func sum(
    _ logits: UnsafePointer<Float>, codes: UnsafePointer<Int32>, rows: Int, outputs: Int,
    residual: UnsafeMutablePointer<Float>?
  ) -> Double {
    precondition(outputs == 1, "class codes for \(outputs) numbers a row")
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: 256) { numbers in
      var total = 0.0
      for first in stride(from: 0, to: rows, by: 256) {
        let count = min(256, rows - first)
        for index in 0..<count {
          let code = codes[first + index]
          numbers[index] = code == 0 || code == 1 ? Float(code) : .nan
        }
        guard let base = numbers.baseAddress else { return total }
        total += kernel.sum(
          logits + first, targets: base, count: count, residual: residual.map { $0 + first })
      }
      return total
    }
  }
}
