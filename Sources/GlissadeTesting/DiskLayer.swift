public import GlissadeSystem

/// A file system that hands everything on to another one, but for the private directories that it makes its own.
public protocol DiskLayer: FileSystem {
  /// The files below.
  var files: any FileSystem { get }

  /// A private directory of the files below, as this layer shows it.
  func wrapped(_ directory: any PrivateDirectory) -> any PrivateDirectory
}

extension DiskLayer {
  /// What a path leads to.
  public func status(_ path: String) throws(SystemError) -> FileStatus { try files.status(path) }

  /// Opens a file for reading.
  public func openForReading(_ path: String) throws(SystemError) -> any ReadableFile {
    try files.openForReading(path)
  }

  /// Opens a file for writing.
  public func openForWriting(_ path: String, exclusive: Bool) throws(SystemError)
    -> any WritableFile
  {
    try files.openForWriting(path, exclusive: exclusive)
  }

  /// The names in a directory.
  public func list(_ directory: String) throws(SystemError) -> [String] {
    try files.list(directory)
  }

  /// Makes a directory.
  public func makeDirectory(_ path: String) throws(SystemError) { try files.makeDirectory(path) }

  /// Renames a file.
  public func rename(_ from: String, to: String) throws(SystemError) {
    try files.rename(from, to: to)
  }

  /// Removes a file.
  public func remove(_ path: String) throws(SystemError) { try files.remove(path) }

  /// Makes a private directory.
  public func makePrivateDirectory(_ path: String) throws(SystemError) -> any PrivateDirectory {
    wrapped(try files.makePrivateDirectory(path))
  }

  /// Opens a private directory.
  public func openPrivateDirectory(_ path: String) throws(SystemError) -> any PrivateDirectory {
    wrapped(try files.openPrivateDirectory(path))
  }

  /// Removes a directory.
  public func removeDirectory(_ path: String) throws(SystemError) {
    try files.removeDirectory(path)
  }
}
