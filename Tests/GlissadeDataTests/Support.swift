import Foundation
import GlissadeData
import GlissadeSystem
import GlissadeTensor
import Testing

/// Files that are not there: a dictionary of paths.
///
/// Directories are the paths' beginnings.
struct MemoryFiles: FileSystem {
  private let content: Lock<[String: [UInt8]]>
  /// Reading at or behind this byte fails.
  var failsReadingAt = Int.max
  /// Writing fails.
  var failsWriting = false

  init(_ content: [String: [UInt8]] = [:]) { self.content = Lock(content) }

  init(_ content: [String: String]) { self.init(content.mapValues { Array($0.utf8) }) }

  subscript(path: String) -> [UInt8]? { content.withLock { $0[path] } }

  var paths: [String] { content.withLock { $0.keys.sorted() } }

  /// A status of the real world, since nobody else can make one: only whether it is a directory is
  /// true.
  func status(_ path: String) throws(SystemError) -> FileStatus {
    if self[path] != nil {
      return try LocalFileSystem().status(#filePath)
    }
    let prefix = path == "." ? "" : path.hasSuffix("/") ? path : path + "/"
    guard paths.contains(where: { $0.hasPrefix(prefix) }) else {
      throw SystemError(.open, path: path, code: ENOENT)
    }
    return try LocalFileSystem().status("/")
  }

  func openForReading(_ path: String) throws(SystemError) -> any ReadableFile {
    guard let bytes = self[path] else { throw SystemError(.open, path: path, code: ENOENT) }
    return Reader(bytes: bytes, path: path, failsAt: failsReadingAt)
  }

  func openForWriting(_ path: String, exclusive: Bool) throws(SystemError) -> any WritableFile {
    content.withLock { $0[path] = [] }
    return Writer(files: self, path: path)
  }

  func list(_ directory: String) throws(SystemError) -> [String] {
    let prefix = directory == "." ? "" : directory.hasSuffix("/") ? directory : directory + "/"
    let names = paths.filter { $0.hasPrefix(prefix) }
      .map { String($0.dropFirst(prefix.count).prefix { $0 != "/" }) }
    return Set(names).sorted()
  }

  func makeDirectory(_ path: String) throws(SystemError) {}

  func rename(_ from: String, to: String) throws(SystemError) {
    content.withLock { $0[to] = $0.removeValue(forKey: from) }
  }

  func remove(_ path: String) throws(SystemError) {
    content.withLock { $0[path] = nil }
  }

  private struct Reader: ReadableFile {
    let bytes: [UInt8]
    let path: String
    let failsAt: Int
    var byteCount: Int { bytes.count }

    func read(
      into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(SystemError) -> Int {
      let end = min(bytes.count, offset + buffer.count)
      if end > failsAt { throw SystemError(.read, path: path, code: EIO) }
      guard offset < end else { return 0 }
      buffer.copyBytes(from: bytes[offset..<end])
      return end - offset
    }
  }

  private struct Writer: WritableFile {
    let files: MemoryFiles
    let path: String

    func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
      if files.failsWriting { throw SystemError(.write, path: path, code: ENOSPC) }
      files.content.withLock { $0[path, default: []] += bytes }
    }

    func sync() throws(SystemError) {}
  }
}

/// The bytes of a file that `Fixtures/make.py` wrote.
func fixture(_ name: String) throws -> [UInt8] {
  let folder = try #require(Bundle.module.resourcePath)
  return try LocalFileSystem().readAll(folder + "/Fixtures/" + name, limit: 1 << 20)
}

/// One file in memory, under its own name.
func memory(_ name: String) throws -> MemoryFiles { MemoryFiles([name: try fixture(name)]) }

/// The description of the `DataError` that `body` throws.
func complaint<Result>(_ body: () throws -> Result) -> String {
  do {
    _ = try body()
    Issue.record("no error was thrown")
    return ""
  } catch {
    return "\((error as? DataError).map { "\($0)" } ?? "not a DataError: \(error)")"
  }
}

/// Random numbers from a seed (SplitMix64), so that a failure can be run again.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// A seed that is new in every run and that `GLISSADE_SEED` repeats.
func freshSeed() -> UInt64 {
  ProcessInfo.processInfo.environment["GLISSADE_SEED"].flatMap { UInt64($0) }
    ?? UInt64.random(in: 0..<1 << 32)
}

/// Damages a file a few thousand times; whatever happens, `read` ends with a value or a
/// `DataError`.
func fuzz(
  _ bytes: [UInt8], rounds: Int = 3000, _ read: (MemoryFiles) throws -> Void
) throws {
  let seed = freshSeed()
  var random = SeededGenerator(seed: seed)
  var refused = 0
  for round in 0..<rounds {
    var damaged = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) { damage(&damaged, &random) }
    do {
      try read(MemoryFiles(["f": damaged]))
    } catch is DataError {
      refused += 1
    } catch {
      Issue.record("GLISSADE_SEED=\(seed), round \(round): \(error)")
    }
  }
  #expect(refused > 0, "GLISSADE_SEED=\(seed): no damage was noticed")
}

private func damage(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
  guard !bytes.isEmpty else { return }
  let place = Int.random(in: 0..<bytes.count, using: &random)
  switch Int.random(in: 0..<6, using: &random) {
  case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
  case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
  case 2: bytes.insert(Array("\"\n,0-.e9[{:".utf8).randomElement(using: &random) ?? 0, at: place)
  case 3: bytes.remove(at: place)
  case 4: bytes[place] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
  default: bytes.removeLast(min(bytes.count, Int.random(in: 1...8, using: &random)))
  }
}

/// Cuts a file at every byte: each beginning of it must be refused.
func cutEverywhere(_ bytes: [UInt8], _ read: (MemoryFiles) throws -> Void) {
  for count in bytes.indices {
    #expect(throws: DataError.self, "cut at \(count)") {
      try read(MemoryFiles(["f": Array(bytes[..<count])]))
    }
  }
}
