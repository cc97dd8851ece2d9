import Testing

import GlissadeKernels

@Suite struct BLASTests {
  /// (rows, columns, inner), odd ones among them.
  static let shapes = [
    (1, 1, 1), (3, 5, 7), (17, 1, 33), (1, 17, 33), (128, 10, 65), (10, 65, 129), (33, 31, 1),
    (100, 101, 3), (5, 7, 0),
  ]

  @Test(arguments: shapes, [false, true])
  func aProductAgreesWithPlainLoops(shape: (Int, Int, Int), accumulating: Bool) {
    let (rows, columns, inner) = shape
    let a = numbers(rows * inner, seed: 1)
    let b = numbers(inner * columns, seed: 2)
    let c = numbers(rows * columns, seed: 3)
    var expected = c.map { accumulating ? Double($0) : 0 }
    for i in 0..<rows {
      for j in 0..<columns {
        for k in 0..<inner {
          expected[i * columns + j] += Double(a[i * inner + k]) * Double(b[k * columns + j])
        }
      }
    }
    let transposedA = transpose(a, rows: rows, columns: inner)
    let transposedB = transpose(b, rows: inner, columns: columns)
    for (left, right) in [(false, false), (false, true), (true, false), (true, true)] {
      let found = (left ? transposedA : a).withUnsafeBufferPointer { x in
        (right ? transposedB : b).withUnsafeBufferPointer { y in
          output(c) { out in
            // An empty array may have no address, and an empty product reads none.
            let x = x.baseAddress ?? UnsafePointer(out)
            let y = y.baseAddress ?? UnsafePointer(out)
            BLAS.multiply(
              rows: rows, columns: columns, inner: inner, left ? .transposed(x) : .plain(x),
              right ? .transposed(y) : .plain(y), beta: accumulating ? 1 : 0, into: out)
          }
        }
      }
      #expect(agree(found, expected, within: 2e-5), "\(shape) transposed \(left) \(right)")
    }
  }

  @Test(arguments: [(1, 1), (3, 5), (17, 33), (128, 10), (1, 100)], [false, true])
  func aProductWithAVectorAgreesWithPlainLoops(shape: (Int, Int), transposed: Bool) {
    let (rows, columns) = shape
    let a = numbers(rows * columns, seed: 4)
    let x = numbers(transposed ? rows : columns, seed: 5)
    let y = numbers(transposed ? columns : rows, seed: 6)
    var expected = y.map { Double($0) }
    for i in 0..<rows {
      for j in 0..<columns {
        let (to, from) = transposed ? (j, i) : (i, j)
        expected[to] += Double(a[i * columns + j]) * Double(x[from])
      }
    }
    let found = a.withUnsafeBufferPointer { a in
      output(y) {
        BLAS.multiply(
          storedRows: rows, storedColumns: columns,
          transposed ? .transposed(a.baseAddress!) : .plain(a.baseAddress!), vector: x, beta: 1,
          into: $0)
      }
    }
    #expect(agree(found, expected, within: 2e-5))
  }

  @Test func theSameProductHasTheSameBits() {
    let a = numbers(128 * 65, seed: 7)
    let found = (0..<3).map { _ in
      a.withUnsafeBufferPointer { a in
        bits(
          output(128 * 128) {
            BLAS.multiply(
              rows: 128, columns: 128, inner: 65, .plain(a.baseAddress!),
              .transposed(a.baseAddress!), into: $0)
          })
      }
    }
    #expect(found[0] == found[1] && found[1] == found[2])
  }

  @Test func theFingerprintNamesLibraryCoreAndLevel() {
    let words = KernelFingerprint.current.split(separator: " ")
    #expect(words.first == "OpenBLAS")
    #expect(words.count >= 6)
    #expect(words.suffix(3).first == "kernels")
    #expect(KernelFingerprint.configuration.hasPrefix("OpenBLAS"))
  }

  private func transpose(_ x: [Float], rows: Int, columns: Int) -> [Float] {
    (0..<rows * columns).map { x[$0 % rows * columns + $0 / rows] }
  }
}
