import GlissadeKernels
package import GlissadeSystem

/// How fast this machine multiplies matrices and reads memory, measured: the two rates that estimates of time rest on.
///
/// Rates are of all measuring threads together; `perThread` divides them.
package struct MachineRates: Sendable, Hashable {
  /// The threads that measured at once.
  package let threads: Int
  /// Floating-point operations a second of square matrix products in Float32, a multiplication and an addition counted
  /// as two; nil where OpenBLAS cannot be loaded.
  package let multiplyPerSecond: Double?
  /// Bytes a second that sums read from buffers of their own.
  ///
  /// Of memory where the buffers are larger than the last level of the caches, else of that.
  package let readBytesPerSecond: Double

  /// Rates that are known already.
  package init(threads: Int, multiplyPerSecond: Double?, readBytesPerSecond: Double) {
    self.threads = threads
    self.multiplyPerSecond = multiplyPerSecond
    self.readBytesPerSecond = readBytesPerSecond
  }

  /// The share of one thread.
  package var perThread: MachineRates {
    MachineRates(
      threads: 1, multiplyPerSecond: multiplyPerSecond.map { $0 / Double(threads) },
      readBytesPerSecond: readBytesPerSecond / Double(threads))
  }

  /// Measures with some threads at once.
  ///
  /// Takes about twice `seconds` and the time to fill the buffers: 0.2 s by default.
  ///
  /// - Parameters:
  ///   - threads: How many measure at once.
  ///   - seconds: How long each of the two rates is measured.
  ///   - bytes: The buffer that each thread reads.
  /// - Throws: `SystemError` where the system gives no threads.
  package static func measure(
    threads: Int = 1, seconds: Double = 0.06, bytes: Int = 64 << 20
  ) throws(SystemError) -> MachineRates {
    precondition(threads > 0 && bytes > 4096, "\(threads) threads that read \(bytes) bytes")
    // OpenBLAS is loaded before the clock runs.
    let multiplies = KernelFingerprint.failure == nil
    let read = try total(threads) { gate in readRate(bytes: bytes, seconds: seconds, gate) }
    let multiplied =
      multiplies
      ? try total(threads) { gate in multiplyRate(seconds: seconds, gate) } : nil
    return MachineRates(
      threads: threads, multiplyPerSecond: multiplied, readBytesPerSecond: read)
  }

  /// Where measuring threads wait for each other once their buffers are filled.
  private typealias Start = Gate<Int>

  /// The sum of what `rate` gives in each thread.
  private static func total(
    _ threads: Int, _ rate: @escaping @Sendable (Start) -> Double
  ) throws(SystemError) -> Double {
    let (start, rates) = (Start(threads), Lock<[Double]>([]))
    var started: [SystemThread] = []
    var failure: SystemError?
    for _ in 0..<threads {
      do throws(SystemError) {
        started.append(
          try SystemThread(name: "measure") {
            let own = rate(start)
            rates.withLock { $0.append(own) }
          })
      } catch {
        failure = error
        break
      }
    }
    // Those that never came are not waited for.
    if failure != nil { start.change { $0 -= threads - started.count } }
    for thread in started { thread.join() }
    if let failure { throw failure }
    // Sorted, so that rounding does not depend on who was first.
    return rates.withLock { $0.sorted().reduce(0, +) }
  }

  /// Waits until every thread has come this far.
  private static func meet(_ start: Start) {
    start.change { $0 -= 1 }
    _ = start.wait { $0 <= 0 ? true : nil }
  }

  /// Bytes a second of sums over a buffer that was written before, so that it has pages of its own.
  private static func readRate(bytes: Int, seconds: Double, _ start: Start) -> Double {
    let count = bytes / MemoryLayout<Float>.stride
    let buffer = UnsafeMutablePointer<Float>.allocate(capacity: count)
    defer { buffer.deallocate() }
    buffer.initialize(repeating: 1, count: count)
    meet(start)
    let piece = min(count, 1 << 20)
    var from = 0
    return rate(seconds: seconds) {
      let length = min(piece, count - from)
      _ = totalSquares(buffer + from, count: length)
      from = from + length == count ? 0 : from + length
      return Double(length * MemoryLayout<Float>.stride)
    }
  }

  /// Operations a second of products of matrices that stay in the second-level cache's reach.
  private static func multiplyRate(seconds: Double, _ start: Start) -> Double {
    let size = 384
    let buffer = UnsafeMutablePointer<Float>.allocate(capacity: 3 * size * size)
    defer { buffer.deallocate() }
    buffer.initialize(repeating: 0.5, count: 3 * size * size)
    let (a, b, c) = (buffer, buffer + size * size, buffer + 2 * size * size)
    func multiply() -> Double {
      BLAS.multiply(rows: size, columns: size, inner: size, .plain(a), .plain(b), into: c)
      return 2 * Double(size * size * size)
    }
    // The first product makes OpenBLAS's own buffers.
    _ = multiply()
    meet(start)
    return rate(seconds: seconds, multiply)
  }

  /// Work a second of a piece that is done again and again until the time is over.
  private static func rate(seconds: Double, _ piece: () -> Double) -> Double {
    let began = MonotonicClock.now()
    var work = 0.0
    var passed = 0.0
    repeat {
      work += piece()
      passed = MonotonicClock.seconds(since: began)
    } while passed < seconds
    return work / passed
  }
}
