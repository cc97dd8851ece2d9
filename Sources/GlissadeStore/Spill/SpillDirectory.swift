public import GlissadeSystem
public import GlissadeTensor
import Synchronization

/// The directory of one run's spill files: new, this user's alone, locked while the run lives, removed with all it holds
/// when let go.
///
/// It lies in a directory that runs may share. A run that was killed leaves its own behind; the next one there sees
/// that nobody holds its lock, and sweeps it away. One whose lock is held is never touched.
public final class SpillDirectory: Sendable {
  /// Where it is.
  public let path: String
  /// How many directories of dead runs were removed when this one was made.
  public let sweptCount: Int
  let files: any PrivateDirectory
  private let system: any FileSystem
  /// Held until the directory is gone: the fields of an object end after its `deinit`.
  private let lock: any FileLock
  private let serial = Atomic<Int>(0)

  private static let prefix = "glissade-spill-"
  private static let lockName = "lock"

  /// Makes a spill directory in `parent`, which is made where it is missing, and sweeps what dead runs left there.
  public init(
    in parent: String, files system: any FileSystem = LocalFileSystem()
  ) throws(StoreError) {
    do throws(SystemError) {
      try system.makeDirectory(parent)
      sweptCount = try SpillDirectory.sweep(parent, system)
      let made = try SpillDirectory.make(in: parent, system)
      (files, lock) = (made.files, made.lock)
    } catch {
      if error.reason == .full {
        throw .diskFull(path: parent, needed: ByteCount(0), free: nil)
      }
      throw .directory(path: parent, reason: error.description)
    }
    path = files.path
    self.system = system
    files.removeAtSecondInterrupt()
  }

  deinit { SpillDirectory.clear(files, system) }

  /// The bytes that may still be written; nil where the system does not say.
  public var freeBytes: ByteCount? { files.freeBytes().map { ByteCount($0) } }

  /// A name that no file here has had.
  func newName() -> String {
    "\(serial.wrappingAdd(1, ordering: .relaxed).newValue).spill"
  }

  /// A directory under a name that is free, and its lock.
  ///
  /// Between making, opening and locking it a sweep may come by and take it for a dead run's: then another is made.
  private static func make(
    in parent: String, _ system: any FileSystem
  ) throws(SystemError) -> (files: any PrivateDirectory, lock: any FileLock) {
    for number in 0..<1000 {
      let path = "\(parent)/\(prefix)\(Machine.processID)-\(number)"
      let files: any PrivateDirectory
      do throws(SystemError) {
        files = try system.makePrivateDirectory(path)
      } catch {
        if error.reason == .exists || error.reason == .missing { continue }
        throw error
      }
      do throws(SystemError) {
        if let lock = try files.lock(lockName) { return (files, lock) }
      } catch {
        if error.reason == .missing { continue }
        try? system.removeDirectory(path)
        throw error
      }
    }
    throw SystemError(
      .makeDirectory, path: parent, reason: .exists, words: "a thousand are there already")
  }

  /// Removes the directories of dead runs; gives their number.
  ///
  /// What is another user's, a link, or open to others is left alone: it was not made here.
  private static func sweep(_ parent: String, _ system: any FileSystem) throws(SystemError) -> Int {
    var count = 0
    for name in try system.list(parent) where name.hasPrefix(prefix) {
      guard let files = try? system.openPrivateDirectory(parent + "/" + name),
        let lock = try? files.lock(lockName)
      else { continue }
      withExtendedLifetime(lock) { clear(files, system) }
      count += 1
    }
    return count
  }

  /// Removes all files, then the lock file, then the directory.
  ///
  /// Whoever opens the lock file meanwhile finds it without a name and looks for another.
  private static func clear(_ files: any PrivateDirectory, _ system: any FileSystem) {
    let names = (try? files.list()) ?? []
    for name in names where name != lockName { try? files.remove(name) }
    try? files.remove(lockName)
    try? system.removeDirectory(files.path)
  }
}
