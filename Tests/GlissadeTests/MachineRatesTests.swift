import GlissadeRuntime
import Testing

/// The measured rates that estimates rest on.
@Suite struct MachineRatesTests {
  /// A processor that computes at all does a million operations a second; none reads a petabyte.
  @Test(arguments: [1, 2, 3]) func ratesArePlausible(threads: Int) throws {
    let rates = try MachineRates.measure(threads: threads, seconds: 0.005, bytes: 1 << 20)
    #expect(rates.threads == threads)
    let multiply = try #require(rates.multiplyPerSecond)
    #expect((1e6..<1e15).contains(multiply))
    #expect((1e6..<1e15).contains(rates.readBytesPerSecond))
  }

  @Test func theShareOfAThreadIsItsPart() {
    let rates = MachineRates(threads: 4, multiplyPerSecond: 100, readBytesPerSecond: 20).perThread
    #expect(rates == MachineRates(threads: 1, multiplyPerSecond: 25, readBytesPerSecond: 5))
    let without = MachineRates(threads: 2, multiplyPerSecond: nil, readBytesPerSecond: 20)
    #expect(without.perThread.multiplyPerSecond == nil)
  }
}
