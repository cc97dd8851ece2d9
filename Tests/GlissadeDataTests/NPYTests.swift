import GlissadeData
import GlissadeTensor
import Testing

@Suite struct NPYTests {
  private func read(_ name: String) throws -> Tensor { try NPY.read(name, files: memory(name)) }

  @Test(arguments: [
    ("f4", ScalarType.float32), ("f8", .float64), ("i4", .int32), ("i8", .int64), ("u1", .uint8),
  ])
  func arraysOfNumPyAreReadAndWrittenToTheByte(code: String, type: ScalarType) throws {
    let tensor = try read("ramp-\(code).npy")
    #expect(tensor.type == type)
    #expect(tensor.shape == Shape(2, 3))
    #expect(tensor.doubles() == [0, 1, 2, 3, 4, 5])
    let files = MemoryFiles([String: [UInt8]]())
    try NPY.write("out.npy", tensor, files: files)
    #expect(files["out.npy"] == (try fixture("ramp-\(code).npy")))
    #expect(files.paths == ["out.npy"])
  }

  @Test(arguments: ["vector.npy", "scalar.npy", "empty.npy"])
  func oddShapesAreWrittenToTheByte(name: String) throws {
    #expect(NPY.encode(try read(name)) == (try fixture(name)))
  }

  @Test func otherOrdersAndVersionsAreRead() throws {
    let fortran = try read("fortran.npy")
    #expect(fortran.shape == Shape(2, 3, 4))
    #expect(fortran.elements(of: Int32.self) == Array(0..<24))
    #expect(try read("version2.npy").doubles() == [0, 1, 2, 3, 4, 5])
    #expect(try read("scalar.npy").shape.rank == 0)
    #expect(try read("empty.npy").shape == Shape(0, 4))
  }

  @Test func otherTypesAreRefusedByName() throws {
    for (name, word) in [
      ("refused-big-endian.npy", "'>f4'"), ("refused-half.npy", "'<f2'"),
      ("refused-text.npy", "'<U1'"), ("refused-records.npy", "records"),
    ] {
      #expect(complaint { try read(name) }.contains(word))
    }
  }

  @Test func everyCutIsRefusedAndSoAreBytesTooMany() throws {
    let bytes = try fixture("ramp-f4.npy")
    cutEverywhere(bytes) { _ = try NPY.read("f", files: $0) }
    #expect(
      complaint { try NPY.read("f", files: MemoryFiles(["f": bytes + [0]])) }
        == "f: its shape [2, 3] needs \(bytes.count) bytes, and it has \(bytes.count + 1)")
  }

  @Test(arguments: ["ramp-f4.npy", "fortran.npy", "version2.npy"])
  func damageNeverTraps(name: String) throws {
    try fuzz(fixture(name)) { _ = try NPY.read("f", files: $0) }
  }

  @Test func failuresOfTheDiskAreSaid() throws {
    var files = try memory("fortran.npy")
    files.failsReadingAt = 150
    #expect(
      complaint { try NPY.read("fortran.npy", files: files) }.hasPrefix("cannot read 'fortran.npy'")
    )
    files.failsWriting = true
    let tensor = try read("vector.npy")
    #expect(
      complaint { try NPY.write("out.npy", tensor, files: files) }.contains("no space is left"))
    #expect(files.paths == ["fortran.npy"])
  }
}
