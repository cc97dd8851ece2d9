import GlissadeSystem
import GlissadeTesting
import Testing

@Suite struct FaultyFileSystemTests {
  typealias Fault = FaultyFileSystem.Fault
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func files(_ faults: Fault...) -> FaultyFileSystem { FaultyFileSystem(faults: faults) }

  private func refusal(_ body: () throws -> Void) -> String? {
    do { try body() } catch { return "\(error)" }
    return nil
  }

  @Test func withoutFaultsItIsWhatItWraps() throws {
    let files = files()
    try files.makeDirectory(directory("d"))
    try files.writeAtomically(directory("d/f"), "content")
    #expect(try files.text(directory("d/f")) == "content")
    #expect(try files.list(directory("d")) == ["f"])
    try files.remove(directory("d/f"))
    #expect(!files.exists(directory("d/f")))
    let counts = FaultyFileSystem.Call.allCases.map { files.callCount(of: $0) }
    #expect(counts == [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0])
  }

  @Test func strikesTheNumberedCallAlone() throws {
    let files = files(Fault(.openForWriting, number: 2, .fail(.notPermitted)))
    #expect(files.pendingFaults.count == 1)
    try files.put("1", at: directory("a"))
    #expect(
      refusal { try files.put("2", at: directory("b")) }
        == "cannot open '\(directory("b"))': permission denied")
    try files.put("3", at: directory("c"))
    #expect(try files.list(directory.path) == ["a", "c"])
    #expect(files.pendingFaults.isEmpty)
  }

  @Test func canLast() throws {
    let files = files(Fault(.sync, number: 1, times: .max, .fail(.full)))
    let file = try files.openForWriting(directory("a"), exclusive: true)
    for _ in 0..<3 { #expect(refusal { try file.sync() }?.contains("no space is left") == true) }
    #expect(files.callCount(of: .sync) == 3)
  }

  @Test func countsOnlyThePathsThatItIsFor() throws {
    let files = files(Fault(.status, pathSuffix: ".csv", .fail(.missing)))
    try files.put("", at: directory("a.txt"))
    try files.put("", at: directory("a.csv"))
    _ = try files.status(directory("a.txt"))
    #expect(refusal { _ = try files.status(directory("a.csv")) } != nil)
    _ = try files.status(directory("a.csv"))
  }

  @Test func aShortenedReadEndsEarly() throws {
    try LocalFileSystem().put("0123456789", at: directory("f"))
    let files = files(Fault(.read, .shorten(to: 4)))
    #expect(try files.text(directory("f")) == "0123")
    #expect(try files.text(directory("f")) == "0123456789")
  }

  @Test func aShortenedWriteStoresAPart() throws {
    let files = files(
      Fault(.write, number: 1, .shorten(to: 3, then: .full)),
      Fault(.write, number: 2, .shorten(to: 2)))
    #expect(
      refusal { try files.put("abcdef", at: directory("full")) }
        == "cannot write '\(directory("full"))': no space is left on the disk")
    try files.put("abcdef", at: directory("torn"))
    #expect(try files.text(directory("full")) == "abc")
    #expect(try files.text(directory("torn")) == "ab")
  }

  /// Every call that an atomic write makes fails once; the old content is always there and no draft is left behind.
  @Test func anAtomicWriteKeepsTheOldContentWhateverFails() throws {
    let path = directory("model")
    let healthy = files()
    try healthy.writeAtomically(path, "old")
    var struck = 0
    for call in FaultyFileSystem.Call.allCases {
      for number in 1..<healthy.callCount(of: call) + 1 {
        var effects = [FaultyFileSystem.Effect.fail(.full), .fail(.other)]
        if call == .write { effects.append(.shorten(to: 1, then: .full)) }
        for effect in effects {
          let files = files(Fault(call, number: number, effect))
          #expect(refusal { try files.writeAtomically(path, "new") } != nil)
          #expect(try files.text(path) == "old")
          #expect(try files.list(directory.path) == ["model"])
          struck += 1
        }
      }
    }
    #expect(struck == 9)
  }
}
