import GlissadeData
import GlissadeTensor
import Testing

@Suite struct IDXTests {
  @Test(arguments: ["images.idx", "images.idx.gz"])
  func imagesAreRead(name: String) throws {
    let files = try memory(name)
    let header = try IDX.inspect(name, files: files)
    #expect(header.type == .uint8)
    #expect(header.shape == Shape(3, 2, 2))
    let all = try IDX.read(name, files: files)
    #expect(all.elements(of: UInt8.self) == Array(0..<12))
    let some = try IDX.read(name, rows: 1..<2, files: files)
    #expect(some.shape == Shape(1, 2, 2))
    #expect(some.elements(of: UInt8.self) == [4, 5, 6, 7])
    #expect(try IDX.read(name, rows: 3..<3, files: files).shape == Shape(0, 2, 2))
    #expect(
      complaint { try IDX.read(name, rows: 1..<4, files: files) }
        == "\(name): the rows 1 to 4 are asked for, and it has 3")
  }

  @Test func otherTypesAreTurnedAround() throws {
    let ints = try IDX.read("ints.idx", files: memory("ints.idx"))
    #expect(ints.elements(of: Int32.self) == [-2, -1, 0, 70000])
    let floats = try IDX.read("floats.idx", files: memory("floats.idx"))
    #expect(floats.elements(of: Float.self) == [0.5, -1.25, 3e38, 0])
    let doubles = try IDX.read("doubles.idx", files: memory("doubles.idx"))
    #expect(doubles.elements(of: Double.self) == [0.1, -1e300])
  }

  @Test func whatIsNotReadIsNamed() throws {
    func said(_ bytes: [UInt8]) -> String {
      complaint { try IDX.read("f", limit: 1000, files: MemoryFiles(["f": bytes])) }
    }
    #expect(said(try fixture("refused-shorts.idx")).contains("0x0B"))
    #expect(said([0, 0, 9, 1, 0, 0, 0, 0]).contains("0x09"))
    #expect(said([0, 0, 7, 1, 0, 0, 0, 0]) == "f: 0x7 is the code of no IDX type")
    #expect(said([1, 0, 8, 1, 0, 0, 0, 0]).contains("no IDX file"))
    #expect(said([0, 0, 8, 0]).contains("0 dimensions"))
    #expect(said([0, 0, 8, 9]).contains("9 dimensions"))
    #expect(said([0, 0, 8, 1, 0, 0, 3, 233]).contains("the limit"))
    #expect(said([0, 0, 8, 1, 0, 0, 0, 1, 5, 5]).contains("need 9 bytes, and it has 10"))
    #expect(said([0, 0, 8, 3] + [UInt8](repeating: 255, count: 12)).contains("the limit"))
  }

  @Test(arguments: ["images.idx", "images.idx.gz", "doubles.idx"])
  func everyCutIsRefusedAndDamageNeverTraps(name: String) throws {
    let bytes = try fixture(name)
    cutEverywhere(bytes) { _ = try IDX.read("f", limit: 1 << 20, files: $0) }
    try fuzz(bytes) { _ = try IDX.read("f", limit: 1 << 20, files: $0) }
  }

  @Test func aSmallFileCannotAskForMuchMemory() throws {
    // 64 GiB asked for by a plain file of 16 bytes.
    let plain: [UInt8] = [0, 0, 8, 2, 0, 1, 0, 0, 0, 15, 255, 255]
    #expect(complaint { try IDX.read("f", files: MemoryFiles(["f": plain])) }.contains("need"))
  }

  @Test func aFailureOfTheDiskIsSaid() throws {
    var files = try memory("images.idx")
    files.failsReadingAt = 20
    #expect(complaint { try IDX.read("images.idx", files: files) }.contains("cannot read"))
  }
}
