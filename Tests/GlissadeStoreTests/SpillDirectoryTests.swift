import Foundation
import GlissadeStore
import GlissadeSystem
import GlissadeTensor
import GlissadeTesting
import Testing

/// Who may have a spill directory, and what becomes of it.
@Suite struct SpillDirectoryTests {
  private let parent: TemporaryDirectory

  init() throws { parent = try TemporaryDirectory() }

  private func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
  }

  /// A directory as a run that was killed leaves it: with files, and with a lock that nobody holds.
  private func leaveBehind(_ name: String) throws -> String {
    let path = parent(name)
    let directory = try LocalFileSystem().makePrivateDirectory(path)
    _ = try directory.lock("lock")
    _ = try directory.create("1.spill")
    _ = try directory.create("2.spill")
    return path
  }

  @Test func isPrivateAndGoesWithItsOwner() throws {
    var directory: SpillDirectory? = try SpillDirectory(in: parent("a/b"))
    let path = try #require(directory?.path)
    #expect(try mode(path) == 0o700)
    var coder = SpillCoder()
    let file = try SpillFile(
      storing: Tensor([Float](repeating: 1, count: 5000)), as: key(1), in: directory!, using: &coder
    )
    #expect(try mode(file.path) == 0o600)
    let other = try SpillDirectory(in: parent("a/b"))
    #expect(other.path != path)
    // The file holds the directory.
    directory = nil
    #expect(FileManager.default.fileExists(atPath: path))
    #expect(try file.restore(into: TensorStorage(byteCount: 20_000), using: &coder).count == 5000)
    drop(file)
    #expect(!FileManager.default.fileExists(atPath: path))
    _ = consume other
    #expect(try FileManager.default.contentsOfDirectory(atPath: parent("a/b")).isEmpty)
  }

  private func drop(_ file: consuming SpillFile) {}

  @Test func sweepsWhatDeadRunsLeft() throws {
    _ = try leaveBehind("glissade-spill-1-0")
    _ = try leaveBehind("glissade-spill-99-3")
    // Killed before there was a lock.
    _ = try LocalFileSystem().makePrivateDirectory(parent("glissade-spill-5-0"))
    try LocalFileSystem().makeDirectory(parent("other"))
    let directory = try SpillDirectory(in: parent.path)
    #expect(directory.sweptCount == 3)
    #expect(parent.names == [String(directory.path.split(separator: "/").last!), "other"])
  }

  @Test func neverTouchesALiveRun() throws {
    let live = try SpillDirectory(in: parent.path)
    var coder = SpillCoder()
    let tensor = Tensor([Float](repeating: 2, count: 3000))
    let file = try SpillFile(storing: tensor, as: key(1), in: live, using: &coder)
    for _ in 0..<3 {
      let next = try SpillDirectory(in: parent.path)
      #expect(next.sweptCount == 0)
    }
    let back = try file.restore(into: TensorStorage(byteCount: 12_000), using: &coder)
    #expect(back.hasSameBits(as: tensor))
  }

  @Test func leavesAloneWhatWasNotMadeHere() throws {
    try LocalFileSystem().makeDirectory(parent("open/inner"))
    #expect(chmod(parent("open"), 0o755) == 0)
    let elsewhere = try leaveBehind("elsewhere")
    try FileManager.default.moveItem(
      atPath: parent("open"), toPath: parent("glissade-spill-1-open"))
    try FileManager.default.createSymbolicLink(
      atPath: parent("glissade-spill-2-link"), withDestinationPath: elsewhere)
    _ = FileManager.default.createFile(atPath: parent("glissade-spill-3-file"), contents: Data([1]))
    let directory = try SpillDirectory(in: parent.path)
    #expect(directory.sweptCount == 0)
    #expect(
      parent.names.filter { !directory.path.hasSuffix($0) } == [
        "elsewhere", "glissade-spill-1-open", "glissade-spill-2-link", "glissade-spill-3-file",
      ])
    #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere).count == 3)
  }

  @Test func aDirectoryOfAnotherUserIsRefused() throws {
    let path = try leaveBehind("glissade-spill-1-0")
    // Only root can give a directory away; others see the rule in the test of modes.
    guard chown(path, 12_345, 12_345) == 0 else { return }
    let directory = try SpillDirectory(in: parent.path)
    #expect(directory.sweptCount == 0)
    #expect(FileManager.default.fileExists(atPath: path + "/1.spill"))
    #expect(throws: SystemError.self) { _ = try LocalFileSystem().openPrivateDirectory(path) }
    _ = directory
  }

  @Test(arguments: [0o701, 0o710, 0o750, 0o770, 0o777, 0o500])
  func aDirectoryThatIsOpenToOthersIsRefused(mode: Int) throws {
    let path = try leaveBehind("d")
    #expect(chmod(path, mode_t(mode)) == 0)
    let error = #expect(throws: SystemError.self) {
      _ = try LocalFileSystem().openPrivateDirectory(path)
    }
    #expect(error?.description.contains("0\(String(mode, radix: 8)), and 0700 is safe") == true)
  }

  /// A link, a second name, a pipe, and a file that others may read, each in the place of a spill file.
  @Test func onlyPlainFilesOfThisUserAreRead() throws {
    let directory = try SpillDirectory(in: parent.path)
    var coder = SpillCoder()
    let tensor = Tensor([Float](repeating: 3, count: 3000))
    let file = try SpillFile(storing: tensor, as: key(1), in: directory, using: &coder)
    let kept = parent("kept")
    try FileManager.default.moveItem(atPath: file.path, toPath: kept)
    let changes: [(String, () throws -> Void)] = [
      ("gone", {}),
      (
        "a link",
        {
          try FileManager.default.createSymbolicLink(
            atPath: file.path, withDestinationPath: kept)
        }
      ),
      ("another name", { try FileManager.default.linkItem(atPath: kept, toPath: file.path) }),
      ("not a plain file", { #expect(mkfifo(file.path, 0o600) == 0) }),
      (
        "0640, and 0600 is safe",
        {
          try FileManager.default.copyItem(atPath: kept, toPath: file.path)
          #expect(chmod(file.path, 0o640) == 0)
        }
      ),
    ]
    for (words, change) in changes {
      try change()
      let storage = TensorStorage(byteCount: 12_000)
      let error = refusal { () throws(StoreError) in
        _ = try file.restore(into: storage, using: &coder)
      }
      #expect(error?.description.contains(words) == true, "\(words): \(error?.description ?? "-")")
      #expect(error?.isLoss == true)
      unlink(file.path)
    }
    try FileManager.default.moveItem(atPath: kept, toPath: file.path)
    let back = try file.restore(into: TensorStorage(byteCount: 12_000), using: &coder)
    #expect(back.hasSameBits(as: tensor))
  }

  @Test func aNameThatIsTakenIsNotOverwritten() throws {
    let directory = try SpillDirectory(in: parent.path)
    #expect(
      FileManager.default.createFile(atPath: directory.path + "/1.spill", contents: Data([1])))
    var coder = SpillCoder()
    let error = refusal { () throws(StoreError) in
      _ = try SpillFile(storing: Tensor([Float(1)]), as: key(1), in: directory, using: &coder)
    }
    #expect(error?.description.contains("it exists already") == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: directory.path + "/1.spill")) == Data([1]))
  }

  @Test func aParentThatCannotBeUsedIsNamed() throws {
    #expect(FileManager.default.createFile(atPath: parent("file"), contents: nil))
    let error = refusal { () throws(StoreError) in _ = try SpillDirectory(in: parent("file/d")) }
    #expect(
      error?.description.hasPrefix("the spill directory '\(parent("file/d"))' cannot be used: ")
        == true)
  }

  /// Runs that start and end at once in one place: each has its own directory, and none is left.
  @Test func manyRunsAtOnceLeaveNothing() throws {
    let path = parent.path
    let failures = Lock(0)
    let threads = try (0..<8).map { _ in
      try SystemThread(name: "run") {
        for _ in 0..<40 {
          guard let directory = try? SpillDirectory(in: path) else {
            failures.withLock { $0 += 1 }
            continue
          }
          var coder = SpillCoder(chunkBytes: 64 << 10)
          let tensor = Tensor([Float](repeating: 4, count: 100))
          guard
            let file = try? SpillFile(storing: tensor, as: key(1), in: directory, using: &coder),
            (try? file.restore(into: TensorStorage(byteCount: 400), using: &coder)) != nil
          else {
            failures.withLock { $0 += 1 }
            continue
          }
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(failures.withLock { $0 } == 0)
    #expect(parent.names.isEmpty)
  }
}
