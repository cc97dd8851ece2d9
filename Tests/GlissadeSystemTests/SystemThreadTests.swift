import Foundation
import GlissadeSystem
import Synchronization
import Testing

@Suite struct SystemThreadTests {
  @Test func joinSeesAllThatTheThreadDid() throws {
    let done = Lock(0)
    for name in ["", "worker", "a name that is longer than the kernel keeps"] {
      let thread = try SystemThread(name: name) {
        for _ in 0..<100 { SystemThread.yield() }
        done.withLock { $0 += 1 }
      }
      thread.join()
    }
    #expect(done.withLock { $0 } == 3)
  }

  @Test func theNameIsCutToFifteenBytes() throws {
    let seen = Lock("")
    let thread = try SystemThread(name: "glissade worker 12") {
      let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
      seen.withLock { $0 = name ?? "" }
    }
    thread.join()
    #expect(seen.withLock { $0 } == "glissade worker\n")
  }

  /// A thread lets go of what its body held, so a pool that ends frees what it lent.
  @Test func theBodyIsLetGoAtTheEnd() throws {
    final class Held: Sendable {}
    weak var gone: Held?
    do {
      let held = Held()
      gone = held
      try SystemThread(name: "holder") { withExtendedLifetime(held) {} }.join()
    }
    #expect(gone == nil)
  }

  /// Recursion as deep as that of library code on a main thread fits: the stack has 8 MiB, not the 512 KiB of some systems.
  @Test func theStackHoldsAMainThreadsFrames() throws {
    let sum = Lock(0)
    let thread = try SystemThread(name: "deep") {
      withUnsafeTemporaryAllocation(byteCount: 6 << 20, alignment: 16) { bytes in
        for offset in stride(from: 0, to: bytes.count, by: 4096) { bytes[offset] = 1 }
        sum.withLock {
          $0 = stride(from: 0, to: bytes.count, by: 4096).reduce(0) { $0 + Int(bytes[$1]) }
        }
      }
    }
    thread.join()
    #expect(sum.withLock { $0 } == 1536)
  }
}

@Suite struct MonotonicClockTests {
  @Test func neverGoesBack() {
    var last = MonotonicClock.now()
    for _ in 0..<10_000 {
      let now = MonotonicClock.now()
      #expect(now >= last)
      last = now
    }
  }

  @Test func aSleepLastsAtLeastItsTime() {
    let start = MonotonicClock.now()
    MonotonicClock.sleep(nanoseconds: 2_000_000)
    #expect(MonotonicClock.now() - start >= 2_000_000)
    #expect(MonotonicClock.seconds(since: start) >= 0.002)
  }
}

@Suite struct MachineTests {
  @Test func saysWhatTheProcessHas() {
    #expect(Machine.processorCount >= 1)
    #expect(Machine.processorCount <= ProcessInfo.processInfo.processorCount)
    #expect(Machine.memoryBytes == Int(ProcessInfo.processInfo.physicalMemory))
    #expect(Machine.peakResidentBytes > 1 << 20)
    #expect(Machine.peakResidentBytes < Machine.memoryBytes)
    #expect(Machine.workingDirectory == FileManager.default.currentDirectoryPath)
    #expect(Machine.environment("PATH") == ProcessInfo.processInfo.environment["PATH"])
    #expect(Machine.environment("GLISSADE_NO_SUCH_VARIABLE") == nil)
  }
}
