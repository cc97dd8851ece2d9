public import GlissadeSystem

/// The files of another file system, where chosen calls fail: a disk that fills up, a file that is gone, lost power.
///
/// To fail every call of some work in turn, run it once without faults, ask `callCount(of:)`, then run it again with
/// a fault at each number. Copies share their counters, so a value inside a `World` can be questioned from outside.
public struct FaultyFileSystem: FileSystem {
  /// A call that a fault can strike.
  ///
  /// Calls on an open file count like those on the file system.
  public enum Call: Sendable, Hashable, CaseIterable {
    case status
    case openForReading
    case openForWriting
    case read
    case write
    case sync
    case list
    case makeDirectory
    case rename
    case remove
    case lock
  }

  /// What a fault does to its call.
  public enum Effect: Sendable, Hashable {
    /// The call throws a `SystemError` with this reason and has no other effect.
    case fail(SystemError.Reason)
    /// A read gives, or a write stores, at most this many bytes; a write then throws, where there is a reason, or is
    /// taken for whole, as after a loss of power. Only for reads and writes.
    case shorten(to: Int, then: SystemError.Reason? = nil)
  }

  /// One planned fault.
  public struct Fault: Sendable, Hashable {
    /// Which call it strikes.
    public let call: Call
    /// The first call that is struck; 1 is the first of all.
    ///
    /// Only calls whose path ends as wanted count.
    public let number: Int
    /// How many calls in a row are struck: `Int.max` for a disk that stays broken.
    public let times: Int
    /// What the path must end with; an empty text strikes every path.
    public let pathSuffix: String
    /// What happens.
    public let effect: Effect

    /// A fault at the `number`-th call of a kind, on paths that end with `pathSuffix`.
    public init(
      _ call: Call, number: Int = 1, times: Int = 1, pathSuffix: String = "", _ effect: Effect
    ) {
      precondition(number >= 1 && times >= 1, "fault at call \(number), \(times) times")
      if case .shorten(let count, _) = effect {
        precondition(call == .read || call == .write, "a \(call) call cannot be shortened")
        precondition(count >= 0, "shortened to \(count) bytes")
      }
      self.call = call
      self.number = number
      self.times = times
      self.pathSuffix = pathSuffix
      self.effect = effect
    }
  }

  private let files: any FileSystem
  private let ledger: FaultLedger

  /// The files of `files`, with faults.
  ///
  /// Where two faults strike one call, the first in the array does.
  public init(_ files: any FileSystem = LocalFileSystem(), faults: [Fault] = []) {
    self.files = files
    ledger = FaultLedger(faults)
  }

  /// How often a call was made until now, struck ones included.
  public func callCount(of call: Call) -> Int { ledger.state.withLock { $0.calls[call] ?? 0 } }

  /// The faults that no call has met yet.
  public var pendingFaults: [Fault] {
    ledger.state.withLock { state in
      zip(ledger.faults, state.met).filter { $0.1 < $0.0.number }.map(\.0)
    }
  }

  /// What a path leads to, or a `.status` fault.
  public func status(_ path: String) throws(SystemError) -> FileStatus {
    try ledger.fail(.status, path, as: .open)
    return try files.status(path)
  }

  /// Opens a file whose reads can be struck, or meets an `.openForReading` fault.
  public func openForReading(_ path: String) throws(SystemError) -> any ReadableFile {
    try ledger.fail(.openForReading, path, as: .open)
    return FaultyReadableFile(file: try files.openForReading(path), path: path, ledger: ledger)
  }

  /// Opens a file whose writes and syncs can be struck, or meets an `.openForWriting` fault.
  public func openForWriting(_ path: String, exclusive: Bool) throws(SystemError)
    -> any WritableFile
  {
    try ledger.fail(.openForWriting, path, as: .open)
    let file = try files.openForWriting(path, exclusive: exclusive)
    return FaultyWritableFile(file: file, path: path, ledger: ledger)
  }

  /// The names in a directory, or a `.list` fault.
  public func list(_ directory: String) throws(SystemError) -> [String] {
    try ledger.fail(.list, directory, as: .list)
    return try files.list(directory)
  }

  /// Makes a directory, or meets a `.makeDirectory` fault.
  public func makeDirectory(_ path: String) throws(SystemError) {
    try ledger.fail(.makeDirectory, path, as: .makeDirectory)
    try files.makeDirectory(path)
  }

  /// Renames a file, or meets a `.rename` fault; the path that a fault looks at is the new one.
  public func rename(_ from: String, to: String) throws(SystemError) {
    try ledger.fail(.rename, to, as: .rename)
    try files.rename(from, to: to)
  }

  /// Removes a file, or meets a `.remove` fault.
  public func remove(_ path: String) throws(SystemError) {
    try ledger.fail(.remove, path, as: .remove)
    try files.remove(path)
  }

  /// Makes a private directory whose calls can be struck, or meets a `.makeDirectory` fault.
  public func makePrivateDirectory(_ path: String) throws(SystemError) -> any PrivateDirectory {
    try ledger.fail(.makeDirectory, path, as: .makeDirectory)
    return FaultyDirectory(directory: try files.makePrivateDirectory(path), ledger: ledger)
  }

  /// Opens a private directory whose calls can be struck, or meets an `.openForReading` fault.
  public func openPrivateDirectory(_ path: String) throws(SystemError) -> any PrivateDirectory {
    try ledger.fail(.openForReading, path, as: .open)
    return FaultyDirectory(directory: try files.openPrivateDirectory(path), ledger: ledger)
  }

  /// Removes a directory, or meets a `.remove` fault.
  public func removeDirectory(_ path: String) throws(SystemError) {
    try ledger.fail(.remove, path, as: .remove)
    try files.removeDirectory(path)
  }
}

/// Counts calls and says which are struck.
///
/// Shared by a file system, its copies and its open files.
final class FaultLedger: Sendable {
  struct State {
    var calls: [FaultyFileSystem.Call: Int] = [:]
    /// For each fault, how many calls it could have struck.
    var met: [Int]
  }

  let faults: [FaultyFileSystem.Fault]
  let state: Lock<State>

  init(_ faults: [FaultyFileSystem.Fault]) {
    self.faults = faults
    state = Lock(State(met: [Int](repeating: 0, count: faults.count)))
  }

  /// Counts a call; gives what strikes it, if anything does.
  func effect(on call: FaultyFileSystem.Call, _ path: String) -> FaultyFileSystem.Effect? {
    state.withLock { state in
      state.calls[call, default: 0] += 1
      var effect: FaultyFileSystem.Effect?
      for (index, fault) in faults.enumerated()
      where fault.call == call && path.hasSuffix(fault.pathSuffix) {
        state.met[index] += 1
        if state.met[index] >= fault.number, state.met[index] - fault.number < fault.times {
          effect = effect ?? fault.effect
        }
      }
      return effect
    }
  }

  /// Counts a call that can only fail or not.
  func fail(
    _ call: FaultyFileSystem.Call, _ path: String, as action: SystemError.Action
  ) throws(SystemError) {
    if case .fail(let reason) = effect(on: call, path) {
      throw SystemError(action, path: path, reason: reason)
    }
  }
}

private struct FaultyReadableFile: ReadableFile {
  let file: any ReadableFile
  let path: String
  let ledger: FaultLedger

  var byteCount: Int { file.byteCount }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
    switch ledger.effect(on: .read, path) {
    case nil: return try file.read(into: buffer, at: offset)
    case .fail(let reason): throw SystemError(.read, path: path, reason: reason)
    case .shorten(let count, _):
      return try file.read(
        into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(count)), at: offset)
    }
  }
}

private struct FaultyWritableFile: WritableFile {
  let file: any WritableFile
  let path: String
  let ledger: FaultLedger

  func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    switch ledger.effect(on: .write, path) {
    case nil: try file.write(bytes)
    case .fail(let reason): throw SystemError(.write, path: path, reason: reason)
    case .shorten(let count, let reason):
      try file.write(UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
      if let reason { throw SystemError(.write, path: path, reason: reason) }
    }
  }

  func sync() throws(SystemError) {
    try ledger.fail(.sync, path, as: .sync)
    try file.sync()
  }
}
