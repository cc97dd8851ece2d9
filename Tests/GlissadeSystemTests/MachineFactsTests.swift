import GlissadeSystem
import Testing

/// What is said of this machine, and how fast its disk is measured to be.
@Suite struct MachineFactsTests {
  @Test func factsFitTogether() {
    #expect(Machine.processorCount >= 1)
    #expect(Machine.openFileLimit >= 3)
    if let available = Machine.availableMemoryBytes {
      #expect((1...Machine.memoryBytes).contains(available))
    }
    if let limit = Machine.memoryLimitBytes { #expect((1..<Machine.memoryBytes).contains(limit)) }
    #expect(Machine.system.hasPrefix("Linux "))
    #expect(Machine.processorName?.isEmpty != true)
  }

  @Test func theDiskIsMeasuredAndLeftAsItWas() throws {
    let directory = try TemporaryDirectory()
    let speed = try DiskSpeed.measure(in: directory.path, bytes: 16 << 20, seconds: 5)
    #expect(speed.bytes > 0 && speed.bytes <= 16 << 20)
    #expect((1e3..<1e14).contains(speed.writeBytesPerSecond))
    #expect((1e3..<1e14).contains(speed.readBytesPerSecond))
    #expect(try LocalFileSystem().list(directory.path) == [])
  }

  @Test func aDirectoryThatCannotBeWrittenIsSaidToBe() {
    #expect(throws: SystemError.self) { try DiskSpeed.measure(in: "/proc/nowhere") }
  }
}
