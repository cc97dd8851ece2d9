import GlissadeSystem

/// A private directory whose calls, and those on its files, can be struck.
struct FaultyDirectory: PrivateDirectory {
  let directory: any PrivateDirectory
  let ledger: FaultLedger

  var path: String { directory.path }

  func create(_ name: String) throws(SystemError) -> any BlockFile {
    let path = path + "/" + name
    try ledger.fail(.openForWriting, path, as: .open)
    return FaultyBlockFile(file: try directory.create(name), path: path, ledger: ledger)
  }

  func open(_ name: String, cached: Bool) throws(SystemError) -> any BlockFile {
    let path = path + "/" + name
    try ledger.fail(.openForReading, path, as: .open)
    return FaultyBlockFile(
      file: try directory.open(name, cached: cached), path: path, ledger: ledger)
  }

  func list() throws(SystemError) -> [String] {
    try ledger.fail(.list, path, as: .list)
    return try directory.list()
  }

  func remove(_ name: String) throws(SystemError) {
    try ledger.fail(.remove, path + "/" + name, as: .remove)
    try directory.remove(name)
  }

  func lock(_ name: String) throws(SystemError) -> (any FileLock)? {
    try ledger.fail(.lock, path + "/" + name, as: .lock)
    return try directory.lock(name)
  }

  func freeBytes() -> Int? { directory.freeBytes() }
}

private struct FaultyBlockFile: BlockFile {
  let file: any BlockFile
  let path: String
  let ledger: FaultLedger

  var byteCount: Int { file.byteCount }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
    switch ledger.effect(on: .write, path) {
    case nil: try file.write(bytes, at: offset)
    case .fail(let reason): throw SystemError(.write, path: path, reason: reason)
    case .shorten(let count, let reason):
      try file.write(UnsafeRawBufferPointer(rebasing: bytes.prefix(count)), at: offset)
      if let reason { throw SystemError(.write, path: path, reason: reason) }
    }
  }

  func flush() throws(SystemError) { try file.flush() }

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
