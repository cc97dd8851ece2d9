import GlissadeSystem
import GlissadeTensor

/// Measures spilling beside what limits it: the disk without us, and liblz4 without a disk, on as many threads in the same process.
package struct SpillBench {
  /// Seconds for all bytes of a kind of data, out and back in; one of each for a run.
  package struct Sample: Sendable {
    /// Tensors put away and read back.
    package var spill = Seconds()
    /// As many bytes as the spill files had, written and read as they are around the page cache.
    package var disk = Seconds()
    /// LZ4 frames with the checksums of spill files, in memory; of byte planes where the spill files have those.
    package var frame = Seconds()
    /// LZ4 blocks without any checksum, in memory.
    package var block = Seconds()
    /// The bytes of tensors and of their files.
    package var tensorBytes = 0
    package var fileBytes = 0
  }

  /// The seconds of two ways.
  package struct Seconds: Sendable {
    package var out = 0.0
    package var back = 0.0

    static func * (seconds: Seconds, factor: Double) -> Seconds {
      Seconds(out: seconds.out * factor, back: seconds.back * factor)
    }
  }

  /// The bytes of the tensors of a run.
  private let bytes: Int
  private let options: SpillThreads.Options
  private let directory: SpillDirectory

  /// Tensors are of this size; a few of them are put away again and again under other keys.
  private static let tensorBytes = 64 << 20
  private static let distinct = 4

  /// A bench of `bytes` bytes of tensors, rounded up to whole ones, in a directory.
  package init(
    bytes: Int, in directory: SpillDirectory, options: SpillThreads.Options = .init()
  ) {
    self.bytes = (bytes + Self.tensorBytes - 1) / Self.tensorBytes * Self.tensorBytes
    self.directory = directory
    self.options = options
  }

  /// One run for each of `runs`, all four measured alternately.
  package func measure(_ kind: SpillData, runs: Int) throws -> [Sample] {
    let tensors = (0..<Self.distinct).map {
      kind.tensor(count: Self.tensorBytes / 4, number: $0)
    }
    let storages = (0..<Self.distinct).map { _ in TensorStorage(byteCount: Self.tensorBytes) }
    let limits = SpillLimits(directory, options)
    let isShuffled = try isShuffled(tensors[0])
    return try (0..<runs).map { _ in
      var sample = try spill(tensors, storages)
      sample.disk = try limits.disk(byteCount: sample.fileBytes)
      // For all distinct tensors once.
      let factor = Double(bytes) / Double(Self.tensorBytes * Self.distinct)
      limits.lay(tensors, into: storages, isShuffled: isShuffled)
      sample.frame = try limits.compress(storages, isFramed: true) * factor
      sample.block = try limits.compress(storages, isFramed: false) * factor
      return sample
    }
  }

  // MARK: Spilling

  /// Files as they come from the threads, and the first failure.
  private final class Answers: Sendable {
    struct State {
      var files: [SpillContents] = []
      var done = 0
      var failure: StoreError?
    }
    let state = Gate(State())

    func answer(_ failure: StoreError?, _ contents: SpillContents? = nil) {
      state.change { state in
        state.done += 1
        state.failure = state.failure ?? failure
        if let contents { state.files.append(contents) }
      }
    }

    func wait(_ count: Int) throws(StoreError) {
      _ = state.wait { $0.done >= count ? true : nil }
      if let failure = state.change({ $0.failure }) { throw failure }
    }
  }

  private func spill(_ tensors: [Tensor], _ storages: [TensorStorage]) throws -> Sample {
    let threads = try SpillThreads(in: directory, options: options)
    defer { threads.close() }
    var sample = Sample()
    let count = bytes / Self.tensorBytes
    let answers = Answers()
    var start = MonotonicClock.now()
    for index in 0..<count {
      let key = SpillKey(run: 1, value: UInt64(index), step: 0, place: 0)
      try threads.write(tensors[index % Self.distinct], as: key) { result in
        switch consume result {
        case .success(let file): answers.answer(nil, file.contents)
        case .failure(let error): answers.answer(error)
        }
      }
    }
    try answers.wait(count)
    sample.spill.out = MonotonicClock.seconds(since: start)
    let files = answers.state.change { state in
      defer { state.files = [] }
      return state.files.sorted { $0.spec.key.value < $1.spec.key.value }
    }
    sample.tensorBytes = bytes
    sample.fileBytes = files.reduce(0) { $0 + $1.fileBytes }
    let back = Answers()
    start = MonotonicClock.now()
    for (index, file) in files.enumerated() {
      // As many at once as there are places for them.
      try back.wait(index - Self.distinct + 1)
      let storage = storages[index % Self.distinct]
      try threads.read(SpillFile(file), into: storage) { result in
        switch result {
        case .success: back.answer(nil)
        case .failure(let error): back.answer(error)
        }
      }
    }
    try back.wait(count)
    sample.spill.back = MonotonicClock.seconds(since: start)
    for (index, storage) in storages.enumerated() where index < count {
      let last = (count - 1 - index) / Self.distinct * Self.distinct + index
      let tensor = Tensor(.float32, tensors[0].shape, storage: storage)
      precondition(
        tensor.hasSameBits(as: tensors[last % Self.distinct]), "tensor \(last) came back changed")
    }
    return sample
  }

  private func isShuffled(_ tensor: Tensor) throws -> Bool {
    let spec = SpillSpec(
      key: SpillKey(run: 1, value: 0, step: 0, place: 0), type: .float32, shape: tensor.shape,
      chunkBytes: options.chunkBytes)
    var coder = SpillCoder(chunkBytes: options.chunkBytes, rates: options.rates)
    let bytes = SpillCodec.encode(tensor, as: spec, using: &coder)
    return try bytes.withUnsafeBytes {
      try SpillCodec.codings(in: $0, expecting: spec).contains(.shuffled)
    }
  }
}
