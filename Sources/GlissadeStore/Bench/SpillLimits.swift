import CLZ4
import CSpill
import GlissadeSystem
import GlissadeTensor
import Synchronization

/// What limits spilling, measured without us: the disk, and liblz4 in memory.
struct SpillLimits {
  private let directory: SpillDirectory
  private let options: SpillThreads.Options

  init(_ directory: SpillDirectory, _ options: SpillThreads.Options) {
    self.directory = directory
    self.options = options
  }

  /// The disk with as many threads, or with one if that is faster.
  func disk(byteCount: Int) throws -> SpillBench.Seconds {
    let several = try disk(byteCount, threads: options.threads)
    let one = try disk(byteCount, threads: 1)
    return SpillBench.Seconds(out: min(one.out, several.out), back: min(one.back, several.back))
  }

  private func disk(_ byteCount: Int, threads: Int) throws -> SpillBench.Seconds {
    let part = options.chunkBytes
    let parts = max(1, byteCount / part)
    let name = directory.newName()
    defer { try? directory.files.remove(name) }
    let written = try directory.files.create(name)
    let noise = SpillData.normal.tensor(count: part / 4, number: 0)
    var seconds = SpillBench.Seconds()
    seconds.out = try parallel(parts, threads: threads) { index, room, _ in
      if index < threads { noise.withBytes { room.copyMemory(from: $0) } }
      try written.write(UnsafeRawBufferPointer(rebasing: room[..<part]), at: index * part)
    }
    let opened = try directory.files.open(name)
    seconds.back = try parallel(parts, threads: threads) { index, room, _ in
      _ = try opened.read(
        into: UnsafeMutableRawBufferPointer(rebasing: room[..<part]), at: index * part)
    }
    return seconds
  }

  /// Copies tensors, chunk by chunk, their bytes in planes where they are shuffled: what LZ4 is then measured with.
  func lay(_ tensors: [Tensor], into storages: [TensorStorage], isShuffled: Bool) {
    let chunk = options.chunkBytes
    for (tensor, storage) in zip(tensors, storages) {
      tensor.withBytes { bytes in
        for start in stride(from: 0, to: bytes.count, by: chunk) {
          let from = UnsafeRawBufferPointer(rebasing: bytes[start..<start + chunk])
          let to = UnsafeMutableRawBufferPointer(start: storage.base + start, count: chunk)
          if isShuffled {
            glissade_spill_shuffle(
              4, chunk / 4, from.baseAddress?.assumingMemoryBound(to: UInt8.self),
              to.baseAddress?.assumingMemoryBound(to: UInt8.self))
          } else {
            to.copyMemory(from: from)
          }
        }
      }
    }
  }

  /// The seconds to compress every chunk of what was laid out, and to decompress it.
  func compress(_ storages: [TensorStorage], isFramed: Bool) throws -> SpillBench.Seconds {
    let chunk = options.chunkBytes
    let perStorage = (storages.first?.byteCount ?? 0) / chunk
    let total = perStorage * storages.count
    let squeeze = { @Sendable (index: Int, room: UnsafeMutableRawBufferPointer) -> Int in
      let content = UnsafeRawBufferPointer(
        start: storages[index / perStorage].base + index % perStorage * chunk, count: chunk)
      let count =
        isFramed
        ? LZ4Frame.compress(content, into: room) : LZ4Frame.blockBytes(content, scratch: room)
      return count ?? 0
    }
    var seconds = SpillBench.Seconds()
    seconds.out = try parallel(total, threads: options.threads) { index, room, _ in
      _ = squeeze(index, room)
    }
    let compressed = Lock([[UInt8]](repeating: [], count: total))
    _ = try parallel(total, threads: options.threads) { index, room, _ in
      let count = squeeze(index, room)
      let bytes = Array(room[..<count])
      compressed.withLock { $0[index] = bytes }
    }
    let inputs = compressed.withLock { $0 }
    seconds.back = try parallel(total, threads: options.threads) { index, room, frame in
      let target = UnsafeMutableRawBufferPointer(rebasing: room[..<chunk])
      let isSound = inputs[index].withUnsafeBytes { from in
        isFramed ? frame.decompress(from, into: target) : Self.expand(from, into: target)
      }
      precondition(isSound, "LZ4 does not give back chunk \(index)")
    }
    return seconds
  }

  private static func expand(
    _ from: UnsafeRawBufferPointer, into to: UnsafeMutableRawBufferPointer
  ) -> Bool {
    LZ4_decompress_safe(
      from.baseAddress?.assumingMemoryBound(to: CChar.self),
      to.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(from.count), Int32(to.count))
      == Int32(to.count)
  }

  /// Does `count` parts on some threads, each with a buffer and a decompressor of its own; gives the seconds.
  private func parallel(
    _ count: Int, threads: Int,
    _ body:
      @escaping @Sendable (Int, UnsafeMutableRawBufferPointer, borrowing LZ4Frame) throws -> Void
  ) throws -> Double {
    let next = Counter()
    let failure = Lock<(any Error)?>(nil)
    let room = 2 * options.chunkBytes
    let start = MonotonicClock.now()
    let running = try (0..<threads).map { _ in
      try SystemThread(name: "bench") {
        let buffer = AlignedBuffer(byteCount: room)
        let frame = LZ4Frame()
        while true {
          let index = next.next()
          guard index < count, failure.withLock({ $0 == nil }) else { return }
          do { try body(index, buffer.bytes, frame) } catch { failure.withLock { $0 = error } }
        }
      }
    }
    for thread in running { thread.join() }
    if let error = failure.withLock({ $0 }) { throw error }
    return MonotonicClock.seconds(since: start)
  }

  private final class Counter: Sendable {
    private let value = Atomic(0)
    func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
  }
}
