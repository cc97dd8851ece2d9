import GlissadeData
import GlissadeSystem
import Testing

@Suite struct ByteStreamTests {
  @Test func plainFilesComeInChunks() throws {
    let bytes = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    let stream = try ByteStream("f", files: MemoryFiles(["f": bytes]), limit: 1 << 20)
    var chunk: [UInt8] = []
    var counts: [Int] = []
    var all: [UInt8] = []
    while try stream.next(into: &chunk) > 0 {
      counts.append(chunk.count)
      all += chunk
    }
    #expect(counts == [262_144, 262_144, 75_712])
    #expect(all == bytes)
    #expect(stream.position == bytes.count)
    #expect(!stream.isCompressed)
  }

  @Test func membersOfOneGzipFileAreOneText() throws {
    let text = "x,y\n" + (0..<300).map { "\($0),\($0 * $0)\n" }.joined()
    let bytes = try ByteStream.readAll(
      "members.csv.gz", files: memory("members.csv.gz"), limit: 1 << 20)
    #expect(String(decoding: bytes, as: UTF8.self) == text)
  }

  @Test func aGzipFileMayEndInZeros() throws {
    let bytes = try fixture("images.idx.gz") + [0, 0, 0]
    let content = try ByteStream.readAll("f", files: MemoryFiles(["f": bytes]), limit: 100)
    #expect(content == (try fixture("images.idx")))
  }

  @Test func whatFollowsGzipDataIsNamed() throws {
    let bytes = try fixture("images.idx.gz")
    let files = MemoryFiles(["f": bytes + [7]])
    #expect(
      complaint { try ByteStream.readAll("f", files: files, limit: 100) }
        == "f: something that is not gzip follows the gzip data at byte \(bytes.count)")
  }

  @Test func everyCutOfAGzipFileIsNoticed() throws {
    let bytes = try fixture("images.idx.gz")
    for count in 2..<bytes.count {
      let files = MemoryFiles(["f": Array(bytes[..<count])])
      #expect(
        complaint { try ByteStream.readAll("f", files: files, limit: 100) }
          == "f: the gzip data is cut off at byte \(count)")
    }
  }

  @Test func everyDamagedByteBehindTheHeaderIsNoticed() throws {
    let bytes = try fixture("images.idx.gz")
    let good = try fixture("images.idx")
    for place in 10..<bytes.count {
      var damaged = bytes
      damaged[place] ^= 0x10
      let files = MemoryFiles(["f": damaged])
      let content = try? ByteStream.readAll("f", files: files, limit: 1000)
      #expect(content == nil || content == good, "byte \(place)")
    }
  }

  @Test func theLimitHoldsForWhatIsUnpacked() throws {
    let files = try memory("members.csv.gz")
    let size = try ByteStream.readAll("members.csv.gz", files: files, limit: 1 << 20).count
    #expect(try ByteStream.readAll("members.csv.gz", files: files, limit: size).count == size)
    #expect(
      complaint { try ByteStream.readAll("members.csv.gz", files: files, limit: size - 1) }
        == "members.csv.gz: it has more than \(size - 1) bytes once decompressed, which is the limit"
    )
    #expect(
      complaint { try ByteStream.readAll("f", files: MemoryFiles(["f": "abc"]), limit: 2) }
        == "f: it has 3 bytes, and the limit is 2")
  }

  @Test func theSystemsRefusalsKeepTheirReason() throws {
    var files = MemoryFiles(["f": [UInt8](repeating: 1, count: 1 << 20)])
    files.failsReadingAt = 700_000
    do throws(DataError) {
      _ = try ByteStream.readAll("f", files: files, limit: 1 << 21)
      Issue.record("no error")
    } catch {
      #expect(error.system?.reason == .other)
      #expect(!error.isMissing)
    }
    #expect(
      complaint { try ByteStream.readAll("g", files: files, limit: 1) }
        == "cannot open 'g': no such file or directory")
  }

  @Test func placesAreWrittenAsEditorsReadThem() {
    #expect("\(DataError("a", line: 2, column: 3, "m"))" == "a:2:3: m")
    #expect("\(DataError("a", line: 2, "m"))" == "a:2:1: m")
    #expect("\(DataError("a\u{1b}", "m\n"))" == "a\\u{1B}: m\\u{A}")
  }
}
