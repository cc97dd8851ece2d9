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
  /// Fills the tensors of a value by running its task, as often as that may help; throws a `RunError` that names it.
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
      then completion: @escaping @Sendable (StoreError?) -> Void
    ) throws(StoreError) {
      switch file {
      case .some(let file): try threads.restore(file, into: storage, then: completion)
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
    /// What the tasks said of it whose values could not be made.
    var errors: [RunError] = []
  }

  private let buffers: BufferPool
  private let options: SpillThreads.Options
  private let directory: SpillDirectory
  private let loaders: LoaderThreads
  private let state = Lock(State())
  /// A number that no other run has: files of another one are never taken for this one's.
  private let run: UInt64

  /// - Parameter directory: Where values are written to, from the first that is put away on.
  init(
    _ buffers: BufferPool, options: SpillThreads.Options, in directory: SpillDirectory
  ) throws(SystemError) {
    self.buffers = buffers
    self.options = options
    self.directory = directory
    run = UInt64(truncatingIfNeeded: Machine.processID) << 40 ^ MonotonicClock.now()
    loaders = try LoaderThreads(count: MemoryPlan.loaders)
  }

  /// What was moved so far.
  var statistics: MemoryStatistics { state.withLock { $0.statistics } }

  /// Why the disk took nothing, the last time.
  var failure: StoreError? { state.withLock { $0.failure } }

  /// Why a value could not be had again, if any could not.
  var loss: String? { state.withLock { $0.losses.values.min() } }

  /// What was wrong where a value could not be made from its files, if that was so.
  var error: RunError? {
    state.withLock { $0.errors.min { $0.description < $1.description } }
  }

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
    // Where nothing was read yet there is nothing to write.
    guard !tensors.isEmpty, !value.isVacant else {
      return loaders.run { _ in answer(.stored(version)) }
    }
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
    if value.isVacant { return }
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

  /// Brings the bytes of a value back: from its files, or where there are none or damaged ones by running its task again.
  func fetch(_ version: Version, _ value: Value, remake: Remake?, answer: @escaping Answer) {
    restore(Fetch(version: version, value: Held(value), remake: remake, answer: answer))
  }

  /// A value that is to come back, and who is told.
  private struct Fetch: Sendable {
    var version: Version
    var value: Held
    var remake: Remake?
    var answer: Answer
    var attempt = 1
    var failure: StoreError?
  }

  /// A value until it is back: let go before anybody is told, so that its bytes are held by none but their owners.
  private final class Held: Sendable {
    private let value: Lock<Value?>

    init(_ value: Value) { self.value = Lock(value) }

    var tensors: [Tensor] { value.withLock { $0?.tensors ?? [] } }
    var content: Value { value.withLock { $0 ?? Value() } }

    func letGo() { value.withLock { $0 = nil } }
  }

  private func restore(_ fetch: Fetch) {
    let (files, threads) = state.withLock { ($0.files[fetch.version], $0.threads) }
    let tensors = fetch.value.tensors
    guard let files, let threads, !tensors.isEmpty else { return load(fetch) }
    for tensor in tensors { buffers.refill(tensor.heldStorage) }
    let group = Pieces<Int>(count: tensors.count)
    for (index, tensor) in tensors.enumerated() {
      @Sendable func end(_ failure: StoreError?) {
        let piece: Result<Int?, StoreError> = failure.map { .failure($0) } ?? .success(nil)
        if group.note(index, piece) { restored(fetch, group) }
      }
      // What ends here and now is told from another thread: who asks may hold the lock that the answer takes.
      guard let stored = files[index] else {
        loaders.run { _ in end(nil) }
        continue
      }
      do throws(StoreError) {
        try stored.read(by: threads, into: tensor.heldStorage) { end($0) }
      } catch { loaders.run { _ in end(error) } }
    }
  }

  private func restored(_ fetch: Fetch, _ group: Pieces<Int>) {
    let bytes = fetch.value.tensors.bytes
    guard let failure = group.result.1 else {
      fetch.value.letGo()
      state.withLock { $0.statistics.note(fetch.version) { $0.readBack += bytes } }
      return fetch.answer(.fetched(fetch.version))
    }
    for tensor in fetch.value.tensors { tensor.heldStorage.vacate() }
    var again = fetch
    again.failure = failure
    again.attempt += 1
    // What the system refused once it may allow the next time; damage stays.
    if case .system = failure, fetch.attempt < 3 { return restore(again) }
    state.withLock { state in
      state.files[fetch.version] = nil
      state.failure = failure
    }
    load(again)
  }

  private func load(_ fetch: Fetch) {
    loaders.run { [self] loader in
      guard let remake = fetch.remake else {
        let why = fetch.failure?.description ?? "its bytes are nowhere"
        return lose(fetch, why + ", and it cannot be computed again")
      }
      for tensor in fetch.value.tensors { buffers.refill(tensor.heldStorage) }
      do {
        try remake(fetch.value.content, loader)
        let bytes = fetch.value.tensors.bytes
        state.withLock { state in
          state.statistics.note(fetch.version) { moved in
            moved.reread += bytes
            if fetch.failure != nil { moved.recomputed += 1 }
          }
        }
        fetch.value.letGo()
        fetch.answer(.fetched(fetch.version))
      } catch {
        for tensor in fetch.value.tensors { tensor.heldStorage.vacate() }
        if let error = error as? RunError { state.withLock { $0.errors.append(error) } }
        lose(fetch, "\(error)")
      }
    }
  }

  private func lose(_ fetch: Fetch, _ why: String) {
    fetch.value.letGo()
    state.withLock { $0.losses[fetch.version] = why }
    fetch.answer(.notFetched(fetch.version))
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
      do throws(SystemError) {
        let threads = try SpillThreads(in: directory, options: options)
        state.threads = threads
        return threads
      } catch { throw .system(error) }
    }
  }
}

extension Value {
  /// Whether all its bytes are elsewhere: they were never read.
  fileprivate var isVacant: Bool { tensors.allSatisfy { $0.heldStorage.isVacant } }
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
