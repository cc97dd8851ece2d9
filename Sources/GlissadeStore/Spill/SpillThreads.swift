public import GlissadeSystem
public import GlissadeTensor

/// Threads that put tensors away and read them back, so that kernels' threads never wait for a disk.
///
/// Requests are cut into chunks that all threads work on at once: while one waits for the disk, another codes. Reads go before writes. What is
/// asked for is answered by a call on one of these threads, which should only hand the answer on: the next chunk waits for it.
///
/// A slow disk delays what waits for it and nothing else; asking never blocks.
public final class SpillThreads: Sendable {
  /// How tensors are put away.
  public struct Options: Sendable {
    /// The threads.
    ///
    /// Most of the time they wait for the disk.
    public var threads: Int
    /// The bytes of a chunk, one of `SpillSpec.chunkSizes`: the least that keeps a disk busy, since each thread
    /// has buffers for it.
    public var chunkBytes: Int
    /// What the disk is believed to reach: it decides how much compression is worth.
    public var rates: SpillRates
    /// The most requests that may wait.
    public var queueLimit: Int

    /// Options with these values.
    public init(
      threads: Int = 2, chunkBytes: Int = 1 << 20, rates: SpillRates = SpillRates(),
      queueLimit: Int = 65_536
    ) {
      precondition((1...64).contains(threads), "\(threads) threads for spilling")
      self.threads = threads
      self.chunkBytes = chunkBytes
      self.rates = rates
      self.queueLimit = queueLimit
    }

    /// The bytes of all buffers of the threads, allocated at the start and held until the end: a memory budget counts
    /// them once. Beside them each request under way holds its header, `headerBytes(for:)`.
    public var heldBytes: ByteCount {
      ByteCount(threads * SpillCoder.heldBytes(chunkBytes: chunkBytes).bytes)
    }

    /// The bytes that a request for a tensor of `byteCount` bytes holds for its header while it is begun or ended.
    public func headerBytes(for byteCount: ByteCount) -> ByteCount {
      let key = SpillKey(run: 0, value: 0, step: 0, place: 0)
      let spec = SpillSpec(
        key: key, type: .uint8, shape: Shape(byteCount.bytes), chunkBytes: chunkBytes)
      return ByteCount(spec.headerBytes)
    }
  }

  /// Where the files are.
  public let directory: SpillDirectory
  /// How tensors are put away.
  public let options: Options
  private let queue: ChunkQueue
  private let threads: Lock<[SystemThread]>

  /// Starts the threads; they work until `close`.
  public init(in directory: SpillDirectory, options: Options = Options()) throws(SystemError) {
    self.directory = directory
    self.options = options
    let queue = ChunkQueue(limit: options.queueLimit)
    self.queue = queue
    var started: [SystemThread] = []
    do throws(SystemError) {
      for _ in 0..<options.threads {
        started.append(
          try SystemThread(name: "spill") {
            var coder = SpillCoder(chunkBytes: options.chunkBytes, rates: options.rates)
            SpillThreads.work(queue, &coder)
          })
      }
    } catch {
      _ = queue.close()
      for thread in started { thread.join() }
      throw error
    }
    threads = Lock(started)
  }

  deinit { close() }

  /// Puts a tensor away and hands `completion` the file, or the reason why there is none.
  ///
  /// The tensor is held until it is written, and let go before `completion` is called, so that its bytes are free by then where
  /// the caller has let go of it, too. If it fails, nothing is left on the disk, and whoever still holds the tensor
  /// has lost nothing.
  ///
  /// - Throws: `StoreError.busy` or `.closed`; then `completion` is not called.
  public func write(
    _ tensor: Tensor, as key: SpillKey,
    then completion: @escaping @Sendable (consuming Result<SpillFile, StoreError>) -> Void
  ) throws(StoreError) {
    let write = SpillWrite(
      tensor, as: key, in: directory, chunkBytes: options.chunkBytes, then: completion)
    try queue.submit(write, .writing)
  }

  /// Reads a tensor back into `storage`, which has room for it and nobody else uses, and hands it to `completion`.
  ///
  /// The file stays until its owner lets go of it, and is read to the end even where that happens meanwhile.
  ///
  /// - Throws: `StoreError.busy` or `.closed`; then `completion` is not called.
  public func read(
    _ file: borrowing SpillFile, into storage: TensorStorage,
    then completion: @escaping @Sendable (Result<Tensor, StoreError>) -> Void
  ) throws(StoreError) {
    try queue.submit(SpillRead(file.contents, into: storage, then: completion), .reading)
  }

  /// Reads a tensor back into the storage of one that is there, and says how that has ended; nobody here holds the storage
  /// then.
  ///
  /// - Throws: `StoreError.busy` or `.closed`; then `completion` is not called.
  public func restore(
    _ file: borrowing SpillFile, into storage: TensorStorage,
    then completion: @escaping @Sendable (StoreError?) -> Void
  ) throws(StoreError) {
    try queue.submit(SpillRead(file.contents, into: storage, thenSay: completion), .reading)
  }

  /// Removes a file on one of the threads: the system takes its time to give back the blocks of a large one.
  public func forget(_ file: consuming SpillFile) {
    // Where it cannot wait its turn, it is removed here and now.
    try? queue.submit(SpillRemoval(file.contents), .reading)
  }

  /// Ends the threads: chunks that are under way are finished, all else is answered with `StoreError.closed`.
  ///
  /// Not from a completion: it waits for the threads.
  public func close() {
    for job in queue.close() { job.end(.closed) }
    let ending = threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
    for thread in ending { thread.join() }
  }

  private static func work(_ queue: ChunkQueue, _ coder: inout SpillCoder) {
    while true {
      switch queue.next() {
      case .leave: return
      case .begin(let job, let kind):
        var failure: StoreError?
        do throws(StoreError) { try job.begin() } catch { failure = error }
        if let end = queue.begun(job, kind, failure: failure) { job.end(end) }
      case .chunk(let active, let index, let kind):
        var failure: StoreError?
        do throws(StoreError) { try active.job.perform(index, &coder) } catch { failure = error }
        if let end = queue.done(active, kind, failure: failure) { active.job.end(end) }
      }
    }
  }
}

/// The removal of a file, as a job.
private final class SpillRemoval: ChunkJob {
  private let contents: Lock<SpillContents?>

  init(_ contents: SpillContents) { self.contents = Lock(contents) }

  var chunkCount: Int { 0 }

  func begin() { contents.withLock { $0 = nil } }

  func perform(_ chunk: Int, _ coder: inout SpillCoder) {}

  func end(_ failure: StoreError?) {}
}
