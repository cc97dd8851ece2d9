import GlissadeData
import GlissadeSystem
import GlissadeTensor
import Testing

@Suite struct SafeTensorsTests {
  private func file(_ header: String, data: Int) -> MemoryFiles {
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
    bytes += header.utf8
    return MemoryFiles(["f": bytes + [UInt8](repeating: 0, count: data)])
  }

  private func said(_ header: String, data: Int) -> String {
    complaint { try SafeTensors.read("f", files: file(header, data: data)) }
  }

  @Test func filesOfPythonAreReadAndWrittenToTheByte() throws {
    let files = try memory("mixed.safetensors")
    let content = try SafeTensors.read("mixed.safetensors", files: files)
    #expect(
      content.tensors.map(\.name) == [
        "empty", "ramp.f4", "ramp.f8", "ramp.i4", "ramp.i8", "ramp.u1", "scalar",
      ])
    for name in ["ramp.f4", "ramp.f8", "ramp.i4", "ramp.i8", "ramp.u1"] {
      #expect(content[name]?.shape == Shape(2, 3))
      #expect(content[name]?.doubles() == [0, 1, 2, 3, 4, 5])
    }
    #expect(content["scalar"]?.elements(of: Float.self) == [2.5])
    #expect(content["empty"]?.shape == Shape(0, 4))
    #expect(content.metadata == ["note": "a \"quoted\"\nline, é"])

    try SafeTensors.write(
      "out", content.tensors.reversed(), metadata: content.metadata, files: files)
    #expect(files["out"] == files["mixed.safetensors"])
    #expect(files.paths == ["mixed.safetensors", "out"])
  }

  @Test func theHeaderAloneTellsNamesTypesAndShapes() throws {
    let summary = try SafeTensors.inspect("mixed.safetensors", files: memory("mixed.safetensors"))
    #expect(summary.tensors.map(\.name).first == "empty")
    #expect(summary.tensors.first { $0.name == "ramp.i8" }?.type == .int64)
    #expect(summary.tensors.first { $0.name == "ramp.u1" }?.shape == Shape(2, 3))
    #expect(summary.metadata.count == 1)
  }

  @Test func halvesAreWidenedExactly() throws {
    let content = try SafeTensors.read("half.safetensors", files: memory("half.safetensors"))
    let half = try #require(content["half"])
    #expect(half.type == .float32)
    #expect(half.hasSameBits(as: try #require(content["wide"])))
    let brain = try SafeTensors.read(
      "f",
      files: MemoryFiles([
        "f": file(#"{"b":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#, data: 0)["f"].map {
          $0 + [0x80, 0x3f, 0x20, 0xc0]
        } ?? []
      ]))
    #expect(brain["b"]?.elements(of: Float.self) == [1, -2.5])
  }

  @Test func otherTypesAreRefusedByName() throws {
    let files = try memory("refused-bool.safetensors")
    #expect(
      complaint { try SafeTensors.read("refused-bool.safetensors", files: files) }
        == "refused-bool.safetensors: the tensor 'flag' has the type 'BOOL', which is not read")
  }

  @Test func aFileWithoutTensorsIsRead() throws {
    let content = try SafeTensors.read("f", files: file("{}      ", data: 0))
    #expect(content.tensors.isEmpty && content.metadata.isEmpty)
  }

  @Test func wrongHeadersAreRefused() {
    func two(_ a: String, _ b: String) -> String {
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":\#(a)},"b":{"dtype":"F32","shape":[1],"data_offsets":\#(b)}}"#
    }
    #expect(said(two("[0,4]", "[0,4]"), data: 8).contains("overlap those of 'b'"))
    #expect(said(two("[0,4]", "[8,12]"), data: 12).contains("leave a gap before those of 'b'"))
    #expect(said(two("[4,8]", "[8,12]"), data: 12).contains("leave a gap before those of 'a'"))
    #expect(said(two("[0,4]", "[4,8]"), data: 9).contains("take 8 bytes, and 9 follow"))
    #expect(said(two("[0,4]", "[4,8]"), data: 7).contains("take 8 bytes, and 7 follow"))
    #expect(said(two("[0,4]", "[4,9]"), data: 9).contains("needs 4 bytes"))
    #expect(said(two("[0,4]", "[8,4]"), data: 8).contains("'data_offsets'"))
    #expect(said(two("[0,4]", "[-4,0]"), data: 8).contains("'data_offsets'"))
    #expect(said(two("[0,4]", "[4.0,8]"), data: 8).contains("'data_offsets'"))
    #expect(said("[]", data: 0).contains("does not begin with '{'"))
    #expect(said("{]", data: 0).contains("wrong at byte 9"))
    #expect(said(#"{"__metadata__":{"a":1}}"#, data: 0).contains("'a' is a number"))
    #expect(said(#"{"a":{"dtype":"F32","shape":[1]}}"#, data: 4).contains("'data_offsets'"))
    #expect(
      said(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":0}}"#, data: 4).contains(
        "'x'"))
    let huge = "4294967296,4294967296,4294967296"
    #expect(
      said(#"{"a":{"dtype":"U8","shape":[\#(huge)],"data_offsets":[0,0]}}"#, data: 0).contains(
        "not possible"))
    let many = #"{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}"#
    #expect(said(many, data: 1).contains("rank 9"))
  }

  @Test func aHeaderTooLongForTheFormatOrTheFileIsRefused() {
    let long = MemoryFiles(["f": [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7b]])
    #expect(
      complaint { try SafeTensors.read("f", files: long) }.contains("the limit is 100000000"))
    let short = MemoryFiles(["f": [9, 0, 0, 0, 0, 0, 0, 0, 0x7b]])
    #expect(complaint { try SafeTensors.read("f", files: short) }.contains("needs 17 bytes"))
  }

  @Test func namesMustDiffer() {
    let one = Tensor([Float(1)])
    let files = MemoryFiles([String: [UInt8]]())
    #expect(throws: DataError.self) {
      try SafeTensors.write("f", [.init("a", one), .init("a", one)], files: files)
    }
    #expect(throws: DataError.self) {
      try SafeTensors.write("f", [.init("__metadata__", one)], files: files)
    }
    #expect(files.paths.isEmpty)
  }

  @Test func whatIsWrittenIsRead() throws {
    let seed = freshSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let tensors = (0..<Int.random(in: 0...5, using: &random)).map { index in
        let type = ScalarType.allCases.randomElement(using: &random) ?? .uint8
        let rank = Int.random(in: 0...3, using: &random)
        var tensor = Tensor(
          type, Shape((0..<rank).map { _ in Int.random(in: 0...4, using: &random) }))
        tensor.withMutableBytes { bytes in
          for place in bytes.indices { bytes[place] = UInt8.random(in: 0...255, using: &random) }
        }
        return SafeTensors.Named("t\(index)\n\"é", tensor)
      }
      let metadata = Dictionary(
        uniqueKeysWithValues: (0..<Int.random(in: 0...3, using: &random)).map {
          ("k\($0)", "\\\u{0}v")
        })
      let files = MemoryFiles([String: [UInt8]]())
      try SafeTensors.write("a", tensors, metadata: metadata, files: files)
      try SafeTensors.write("b", tensors.shuffled(using: &random), metadata: metadata, files: files)
      #expect(files["a"] == files["b"], "GLISSADE_SEED=\(seed)")
      #expect((files["a"]?.prefix(2)).map { Int($0[0]) % 8 } == 0)
      let content = try SafeTensors.read("a", files: files)
      #expect(content.metadata == metadata)
      #expect(content.tensors.map(\.name) == tensors.map(\.name))
      for (read, written) in zip(content.tensors, tensors) {
        #expect(read.tensor.hasSameBits(as: written.tensor), "GLISSADE_SEED=\(seed)")
      }
    }
  }

  @Test func everyCutIsRefused() throws {
    cutEverywhere(try fixture("mixed.safetensors")) { _ = try SafeTensors.read("f", files: $0) }
  }

  @Test func damageNeverTraps() throws {
    try fuzz(fixture("mixed.safetensors")) { _ = try SafeTensors.read("f", files: $0) }
  }

  @Test func failuresOfTheDiskAreSaid() throws {
    var files = try memory("mixed.safetensors")
    files.failsReadingAt = 600
    #expect(
      complaint { try SafeTensors.read("mixed.safetensors", files: files) }
        .hasPrefix("cannot read 'mixed.safetensors'"))
    files.failsWriting = true
    #expect(
      complaint { try SafeTensors.write("out", [], files: files) }.contains("no space is left"))
    #expect(files.paths == ["mixed.safetensors"])
  }
}
