import GlissadeSystem

/// A world of few files, each of them bytes.
struct OneFile: FileSystem {
  var files: [String: [UInt8]]

  private func bytes(_ path: String) throws(SystemError) -> [UInt8] {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let found = files[name] else { throw SystemError(.open, path: path, reason: .missing) }
    return found
  }

  func status(_ path: String) throws(SystemError) -> FileStatus {
    FileStatus(byteCount: try bytes(path).count, isDirectory: false, modified: 0)
  }

  func openForReading(_ path: String) throws(SystemError) -> any ReadableFile {
    Reader(bytes: try bytes(path))
  }

  func openForWriting(_ path: String, exclusive: Bool) throws(SystemError) -> any WritableFile {
    throw SystemError(.open, path: path, words: "nothing is written here")
  }

  func list(_ directory: String) throws(SystemError) -> [String] { files.keys.sorted() }
  func makeDirectory(_ path: String) throws(SystemError) {}
  func rename(_ from: String, to: String) throws(SystemError) {}
  func remove(_ path: String) throws(SystemError) {}

  private struct Reader: ReadableFile {
    let bytes: [UInt8]
    var byteCount: Int { bytes.count }

    func read(
      into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(SystemError) -> Int {
      guard offset >= 0, offset < bytes.count else { return 0 }
      let end = min(bytes.count, offset + buffer.count)
      buffer.copyBytes(from: bytes[offset..<end])
      return end - offset
    }
  }
}
