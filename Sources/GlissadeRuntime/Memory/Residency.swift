import GlissadeGraph
import GlissadeSchedule
import GlissadeStore
import GlissadeSystem
import GlissadeTensor

/// Puts values away and brings them back, as the scheduler decides: what acts on memory and disk.
///
/// A value keeps its tensors, and those who show a part of it keep theirs: only the bytes behind them go and come. Nothing
/// here blocks whoever asks; the answers come from the threads of the disk.
final class Residency: Sendable {
  /// Who is told what has come of a move.
  typealias Answer = @Sendable (SchedulerEvent) -> Void
  /// Fills the tensors of a value by running its task again.
  typealias Remake = @Sendable (_ value: Value, _ loader: Int) throws -> Void

  /// A spill file with one owner.
  ///
  /// `@unchecked Sendable`: it is taken out once, under the lock of the residency.
  private final class Stored: @unchecked Sendable {
    private var file: SpillFile?
    let bytes: Int

    init(_ file: consuming SpillFile) {
      bytes = file.fileBytes.bytes
      self.file = consume file
    }

    func take() -> SpillFile? { file.take() }

    func read(
      by threads: SpillThreads, into storage: TensorStorage,
      then completion: @escaping @Sendable (Result<Tensor, StoreError>) -> Void
    ) throws(StoreError) {
      switch file {
      case .some(let file): try threads.read(file, into: storage, then: completion)
      case .none: throw .closed
      }
    }
  }

  private struct State {
    var files: [Version: [Stored?]] = [:]
    /// Versions that were released while they were written.
    var released: Set<Version> = []
    var writing: Set<Version> = []
    var threads: SpillThreads?
    var statistics = MemoryStatistics()
    /// Why the disk took or gave nothing, the last time.
    var failure: StoreError?
    /// Why values could not be had again.
    var losses: [Version: String] = [:]
  }

  private let buffers: BufferPool
  private let options: SpillThreads.Options
  private let parent: String
  private let files: any FileSystem
  private let loaders: LoaderThreads
  private let state = Lock(State())
  /// A number that no other run has: files of another one are never taken for this one's.
  private let run: UInt64

  /// - Parameter parent: Where the spill directory is made when the first value is put away.
  init(
    _ buffers: BufferPool, options: SpillThreads.Options, parent: String, files: any FileSystem
  ) throws(SystemError) {
    self.buffers = buffers
    self.options = options
    self.parent = parent
    self.files = files
    run = UInt64(truncatingIfNeeded: Machine.processID) << 40 ^ MonotonicClock.now()
    loaders = try LoaderThreads(count: MemoryPlan.loaders)
  }

  /// What was moved so far.
  var statistics: MemoryStatistics { state.withLock { $0.statistics } }

  /// Why the disk took nothing, the last time.
  var failure: StoreError? { state.withLock { $0.failure } }

  /// Why a value could not be had again, if any could not.
  var loss: String? { state.withLock { $0.losses.values.min() } }

  /// Ends all threads and removes all files.
  func close() {
    loaders.close()
    let threads = state.withLock { state in
      state.files = [:]
      defer { state.threads = nil }
      return state.threads
    }
    threads?.close()
  }

  // MARK: Out

  /// Writes the bytes of a value; they stay in memory.
  func spill(_ version: Version, _ value: Value, answer: @escaping Answer) {
    let tensors = value.tensors
    let group = Pieces<Stored>(count: tensors.count)
    do throws(StoreError) {
      let threads = try spillThreads()
      state.withLock { _ = $0.writing.insert(version) }
      for (index, tensor) in tensors.enumerated() {
        guard tensor.byteCount > 0 else {
          if group.note(index, .success(nil)) {
            loaders.run { [self] _ in end(version, group, tensors.bytes, answer) }
          }
          continue
        }
        let bytes = tensors.bytes
        do throws(StoreError) {
          try threads.write(tensor, as: key(version, index)) { [self] result in
            let piece: Result<Stored?, StoreError>
            switch consume result {
            case .success(let file): piece = .success(Stored(file))
            case .failure(let error): piece = .failure(error)
            }
            if group.note(index, piece) { end(version, group, bytes, answer) }
          }
        } catch {
          if group.note(index, .failure(error)) {
            loaders.run { [self] _ in end(version, group, bytes, answer) }
          }
        }
      }
    } catch {
      state.withLock { $0.failure = error }
      loaders.run { _ in answer(.notStored(version)) }
    }
  }

  private func end(
    _ version: Version, _ group: Pieces<Stored>, _ bytes: Int, _ answer: Answer
  ) {
    let (pieces, failure) = group.result
    let isStored = state.withLock { state in
      state.writing.remove(version)
      let isReleased = state.released.remove(version) != nil
      if let failure {
        state.failure = failure
        return false
      }
      state.statistics.note(version) { moved in
        moved.spilled += bytes
        moved.written += pieces.reduce(0) { $0 + ($1?.bytes ?? 0) }
      }
      if !isReleased { state.files[version] = pieces }
      return true
    }
    answer(isStored ? .stored(version) : .notStored(version))
  }

  /// Lets go of the bytes of a value that is on the disk or can be made again.
  func evict(_ version: Version, _ value: Value) {
    for tensor in value.tensors { tensor.heldStorage.vacate() }
    state.withLock { state in
      if state.files[version] == nil { state.statistics.note(version) { $0.dropped += 1 } }
    }
  }

  /// A value will not be needed again: its files go.
  func release(_ version: Version) {
    let (files, threads) = state.withLock { state in
      if state.writing.contains(version) { state.released.insert(version) }
      return (state.files.removeValue(forKey: version), state.threads)
    }
    for stored in files ?? [] {
      guard let file = stored?.take() else { continue }
      threads?.forget(file)
    }
  }

  /// A value goes on under another name.
  func rename(_ old: Version, _ new: Version) {
    state.withLock { state in
      if let files = state.files.removeValue(forKey: old) { state.files[new] = files }
    }
  }

  // MARK: Back

  /// Brings the bytes of a value back: from its files, or where they are none or damaged by running its task again.
  func fetch(_ version: Version, _ value: Value, remake: Remake?, answer: @escaping Answer) {
    let (files, threads) = state.withLock { ($0.files[version], $0.threads) }
    guard let files, let threads else {
      return load(version, value, remake, isLoss: false, nil, answer)
    }
    for tensor in value.tensors { buffers.refill(tensor.heldStorage) }
    let group = Pieces<Int>(count: value.tensors.count)
    let tensors = value.tensors
    @Sendable func end() {
      let (_, failure) = group.result
      guard let failure else {
        state.withLock { $0.statistics.note(version) { $0.readBack += tensors.bytes } }
        return answer(.fetched(version))
      }
      for tensor in tensors { tensor.heldStorage.vacate() }
      state.withLock { state in
        state.files[version] = nil
        state.failure = failure
      }
      load(version, value, remake, isLoss: true, failure, answer)
    }
    for (index, tensor) in tensors.enumerated() {
      guard let stored = files[index] else {
        if group.note(index, .success(nil)) { loaders.run { _ in end() } }
        continue
      }
      do throws(StoreError) {
        try stored.read(by: threads, into: tensor.heldStorage) { result in
          switch result {
          case .success: if group.note(index, .success(nil)) { end() }
          case .failure(let error): if group.note(index, .failure(error)) { end() }
          }
        }
      } catch {
        if group.note(index, .failure(error)) { loaders.run { _ in end() } }
      }
    }
  }

  private func load(
    _ version: Version, _ value: Value, _ remake: Remake?, isLoss: Bool, _ failure: StoreError?,
    _ answer: @escaping Answer
  ) {
    guard let remake else {
      state.withLock { state in
        state.losses[version] =
          (failure?.description ?? "its bytes are nowhere") + ", and it cannot be computed again"
      }
      // Not on the thread that asks: it may hold the lock that the answer takes.
      return loaders.run { _ in answer(.notFetched(version)) }
    }
    loaders.run { [self] loader in
      for tensor in value.tensors { buffers.refill(tensor.heldStorage) }
      do {
        try LoaderThreads.retrying { try remake(value, loader) }
        state.withLock { state in
          state.statistics.note(version) { moved in
            moved.reread += value.tensors.bytes
            if isLoss { moved.recomputed += 1 }
          }
        }
        answer(.fetched(version))
      } catch {
        for tensor in value.tensors { tensor.heldStorage.vacate() }
        state.withLock { $0.losses[version] = "\(error)" }
        answer(.notFetched(version))
      }
    }
  }

  // MARK: Common

  private func key(_ version: Version, _ tensor: Int) -> SpillKey {
    let isOnce = version.step == Version.once
    return SpillKey(
      run: run, value: UInt64(version.value) << 8 | UInt64(tensor),
      step: isOnce ? .max : UInt64(version.step + 1), place: 0)
  }

  private func spillThreads() throws(StoreError) -> SpillThreads {
    try state.withLock { (state) throws(StoreError) in
      if let threads = state.threads { return threads }
      let directory = try SpillDirectory(in: parent, files: files)
      do throws(SystemError) {
        let threads = try SpillThreads(in: directory, options: options)
        state.threads = threads
        return threads
      } catch { throw .system(error) }
    }
  }
}

extension [Tensor] {
  /// The bytes of all.
  fileprivate var bytes: Int { reduce(0) { $0 + $1.byteCount } }
}

/// The tensors of a value that is on its way, gathered from several threads.
private final class Pieces<Piece: Sendable>: Sendable {
  private struct State {
    var pieces: [Piece?]
    var left: Int
    var failure: StoreError?
  }

  private let state: Lock<State>

  init(count: Int) {
    state = Lock(State(pieces: Array(repeating: nil, count: count), left: count))
  }

  /// Notes one; true where it was the last.
  func note(_ index: Int, _ piece: Result<Piece?, StoreError>) -> Bool {
    state.withLock { state in
      switch piece {
      case .success(let piece): state.pieces[index] = piece
      case .failure(let error): state.failure = state.failure ?? error
      }
      state.left -= 1
      return state.left == 0
    }
  }

  /// All of them, or the first failure.
  var result: ([Piece?], StoreError?) { state.withLock { ($0.pieces, $0.failure) } }
}
