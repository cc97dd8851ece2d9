import Foundation
import GlissadeSystem
import Testing

@Suite struct LocalFileSystemTests {
  private let files = LocalFileSystem()
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func refusal(_ body: () throws -> Void) -> SystemError? {
    do { try body() } catch { return error as? SystemError }
    return nil
  }

  @Test func readsAtAnyPlace() throws {
    let path = directory("digits")
    try files.put("0123456789", at: path)
    let file = try files.openForReading(path)
    #expect(file.byteCount == 10)
    func read(_ count: Int, at offset: Int) throws -> String {
      var bytes = [UInt8](repeating: 0, count: count)
      let got = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
      return String(decoding: bytes.prefix(got), as: UTF8.self)
    }
    #expect(try read(3, at: 4) == "456")
    #expect(try read(2, at: 0) == "01")
    #expect(try read(9, at: 8) == "89")
    #expect(try read(4, at: 10) == "")
    #expect(try read(0, at: 3) == "")
  }

  @Test func tellsWhatAPathLeadsTo() throws {
    try files.put("four", at: directory("f"))
    let status = try files.status(directory("f"))
    #expect(status.byteCount == 4)
    #expect(!status.isDirectory)
    // After the day on which this line was written, in nanoseconds since 1970.
    #expect(status.modified > 1_750_000_000_000_000_000)
    #expect(try files.status(directory.path).isDirectory)
    #expect(files.exists(directory("f")))
    #expect(!files.exists(directory("g")))
  }

  @Test func aMissingFileIsNamed() throws {
    let path = directory("no such.csv")
    for body in [
      { _ = try files.status(path) }, { _ = try files.openForReading(path) },
      { _ = try files.readAll(path, limit: 9) },
    ] {
      let error = refusal(body)
      #expect(error?.reason == .missing)
      #expect(error?.description == "cannot open '\(path)': no such file or directory")
    }
    #expect(refusal { try files.remove(path) }?.action == .remove)
    #expect(refusal { _ = try files.list(path) }?.reason == .missing)
    #expect(refusal { try files.rename(path, to: directory("other")) }?.reason == .missing)
  }

  @Test func aDirectoryIsNoFile() {
    #expect(
      refusal { _ = try files.openForReading(directory.path) }?.description
        == "cannot open '\(directory.path)': it is a directory")
    #expect(
      refusal { try files.put("", at: directory.path) }?.reason == .isDirectory)
  }

  @Test func exclusiveCreationRefusesWhatIsThere() throws {
    let path = directory("lock")
    try files.put("first", at: path, exclusive: true)
    #expect(refusal { try files.put("second", at: path, exclusive: true) }?.reason == .exists)
    #expect(try files.text(path) == "first")
    try files.put("new", at: path)
    #expect(try files.text(path) == "new")
  }

  @Test func listsSortedAndWithoutDots() throws {
    for name in ["b", "a10", "a9", ".hidden", "ä", "B"] { try files.put("", at: directory(name)) }
    try files.makeDirectory(directory("c"))
    #expect(try files.list(directory.path) == [".hidden", "B", "a10", "a9", "b", "c", "ä"])
    #expect(try files.list(directory("c")) == [])
  }

  @Test func makesDirectoriesAndTheOnesAbove() throws {
    let path = directory("a/b//c/")
    try files.makeDirectory(path)
    try files.makeDirectory(path)
    #expect(try files.status(directory("a/b/c")).isDirectory)
    try files.put("", at: directory("file"))
    #expect(refusal { try files.makeDirectory(directory("file")) }?.reason == .notDirectory)
    #expect(refusal { try files.makeDirectory(directory("file/x")) }?.reason == .notDirectory)
    #expect(refusal { try files.makeDirectory("") } != nil)
  }

  @Test func writesWholeFilesAtomically() throws {
    let path = directory("model")
    try files.writeAtomically(path, "old")
    try files.writeAtomically(path, "new and longer")
    #expect(try files.text(path) == "new and longer")
    try files.writeAtomically(path, "")
    #expect(try files.text(path) == "")
    #expect(try files.list(directory.path) == ["model"])
  }

  @Test func aReaderKeepsTheFileThatItOpened() throws {
    let path = directory("model")
    try files.writeAtomically(path, "old")
    let reader = try files.openForReading(path)
    try files.writeAtomically(path, "new")
    var bytes = [UInt8](repeating: 0, count: 3)
    let got = try bytes.withUnsafeMutableBytes { try reader.read(into: $0, at: 0) }
    #expect(got == 3)
    #expect(String(decoding: bytes, as: UTF8.self) == "old")
  }

  @Test func aFileAboveTheLimitIsRefusedUnread() throws {
    try files.put("12345", at: directory("f"))
    #expect(try files.text(directory("f")) == "12345")
    #expect(
      refusal { _ = try files.readAll(directory("f"), limit: 4) }?.description
        == "cannot read '\(directory("f"))': it has 5 bytes, and the limit is 4")
    #expect(try files.readAll(directory("f"), limit: 5).count == 5)
  }

  @Test func removesFiles() throws {
    try files.put("", at: directory("f"))
    try files.remove(directory("f"))
    #expect(!files.exists(directory("f")))
  }

  @Test func theWorldBeginsWithThisMachine() throws {
    let world = World()
    try world.files.put("x", at: directory("f"))
    #expect(try LocalFileSystem().text(directory("f")) == "x")
    let before = world.now()
    #expect(world.now() >= before)
    #expect(World(now: { 5 }).now() == 5)
  }
}
