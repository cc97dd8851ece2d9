import Foundation
import GlissadeStore
import GlissadeSystem
import GlissadeTensor
import GlissadeTesting
import Testing

/// Requests from all sides, answered once each.
@Suite struct SpillThreadsTests {
  private let parent: TemporaryDirectory

  init() throws { parent = try TemporaryDirectory() }

  private func threads(
    _ count: Int, queueLimit: Int = 65_536, files: any FileSystem = LocalFileSystem()
  ) throws -> SpillThreads {
    try SpillThreads(
      in: try SpillDirectory(in: parent.path, files: files),
      options: .init(threads: count, chunkBytes: 64 << 10, queueLimit: queueLimit))
  }

  private final class Answers: Sendable {
    let files = Gate<[Int: FileBox]>([:])
    let tensors = Gate<[Int: Tensor]>([:])
    let failures = Gate<[StoreError]>([])
  }

  /// All tensors are written and read at the same time, several requests under way, from two threads.
  @Test(arguments: [1, 2, 4], propertySeeds(0..<4))
  func manyAtOnceComeBackWithTheSameBits(count: Int, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let threads = try threads(count)
    let tensors = (0..<60).map { _ in
      let shape = random.shape(elements: random.once(in: 4) ? 200_000 : 3000)
      return random.tensor(
        ScalarType.allCases.randomElement(using: &random)!, shape,
        Filling.allCases.randomElement(using: &random)!)
    }
    let answers = Answers()
    for (index, tensor) in tensors.enumerated() {
      try threads.write(tensor, as: key(index)) { result in
        switch consume result {
        case .success(let file):
          let box = FileBox(file)
          answers.files.change { $0[index] = box }
        case .failure(let error): answers.failures.change { $0.append(error) }
        }
      }
    }
    for index in tensors.indices {
      let box = answers.files.wait { $0[index] }!
      try box.with { file in
        let storage = TensorStorage(byteCount: file.tensorBytes.bytes, zeroed: false)
        try threads.read(file, into: storage) { result in
          switch result {
          case .success(let tensor): answers.tensors.change { $0[index] = tensor }
          case .failure(let error): answers.failures.change { $0.append(error) }
          }
        }
      }
    }
    for (index, tensor) in tensors.enumerated() {
      let back = answers.tensors.wait { $0[index] }!
      #expect(back.hasSameBits(as: tensor), "seed \(seed), tensor \(index)")
    }
    #expect(answers.failures.change { $0.count } == 0)
    threads.close()
  }

  /// Closing answers everything that was asked, and leaves no file.
  @Test(arguments: propertySeeds(0..<20))
  func closingAnswersEveryRequest(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let threads = try threads(2)
    let answers = Gate(0)
    let tensor = random.tensor(.float32, Shape(60_000), .noise)
    let count = random.number(1...40)
    for index in 0..<count {
      try threads.write(tensor, as: key(index)) { result in
        switch consume result {
        case .success(let file): threads.forget(file)
        case .failure(let error): if case .closed = error {} else { Issue.record(error) }
        }
        answers.change { $0 += 1 }
      }
    }
    MonotonicClock.sleep(nanoseconds: UInt64(random.number(0...3_000_000)))
    threads.close()
    #expect(answers.change { $0 } == count)
    let error = refusal { () throws(StoreError) in
      try threads.write(tensor, as: key(0)) { _ in Issue.record("answered after the end") }
    }
    #expect(error?.description.contains("the run is ending") == true)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: threads.directory.path) == ["lock"])
  }

  @Test func tooManyRequestsAreRefusedByTheLimit() throws {
    let slow = SlowDisk()
    let threads = try threads(1, queueLimit: 3, files: slow)
    let tensor = Tensor([Float](repeating: 1, count: 100))
    let answers = Gate(0)
    var accepted = 0
    let error = refusal { () throws(StoreError) in
      for index in 0..<10 {
        try threads.write(tensor, as: key(index)) { _ in answers.change { $0 += 1 } }
        accepted += 1
      }
    }
    slow.open()
    #expect(error?.description == "more than 3 tensors wait to be spilled or read back")
    #expect(answers.wait { $0 == accepted ? true : nil } == true)
    threads.close()
  }

  /// The tensor is let go before the answer comes: its storage is free by then.
  @Test func theTensorIsFreeBeforeTheAnswer() throws {
    let threads = try threads(2)
    let released = Gate(false)
    let answer = Gate<Bool?>(nil)
    let isLetGo = Gate(false)
    do {
      let storage = TensorStorage(
        adopting: .allocate(byteCount: 400_064, alignment: 64), byteCount: 400_000
      ) { base in
        released.change { $0 = true }
        base.deallocate()
      }
      storage.base.initializeMemory(as: UInt8.self, repeating: 5, count: 400_000)
      try threads.write(Tensor(.float32, Shape(100_000), storage: storage), as: key(1)) { _ in
        _ = isLetGo.wait { $0 ? true : nil }
        answer.change { $0 = released.change { $0 } }
      }
    }
    isLetGo.change { $0 = true }
    #expect(answer.wait { $0 } == true)
    threads.close()
  }

  /// A file whose owner lets go of it while it is read is read to the end, then removed.
  @Test func aFileThatIsForgottenWhileItIsReadIsReadToTheEnd() throws {
    let threads = try threads(2)
    var random = SeededGenerator(seed: 4)
    let tensor = random.tensor(.float32, Shape(500_000), .noise)
    let answer = Gate<Tensor?>(nil)
    let path = try {
      let box = try threads.writeAndWait(tensor, as: key(1))
      return try box.with { file in
        try threads.read(file, into: TensorStorage(byteCount: 2_000_000)) { result in
          let back = try? result.get()
          answer.change { $0 = back }
        }
        return file.path
      }
    }()
    #expect(answer.wait { $0 }?.hasSameBits(as: tensor) == true)
    threads.close()
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func theHeldBytesAreStated() {
    let options = SpillThreads.Options(threads: 2)
    #expect(options.heldBytes.bytes > 2 * (2 << 20) && options.heldBytes.bytes < 2 * (5 << 20))
    #expect(options.headerBytes(for: ByteCount(1 << 30)).bytes == 28_672)
  }

  /// Spill files damaged on the disk in every way: each is an error or, where nothing was done to it, has the same bits.
  @Test func damageOnTheDiskIsAlwaysSeen() throws {
    let count = runsEverything ? 10_000 : 500
    var random = SeededGenerator(seed: 11)
    let threads = try threads(2)
    var seen = 0
    var damaged = 0
    var previous: Data?
    for index in 0..<count {
      let tensor = random.tensor(
        .float32, Shape(random.number(1...50_000)), Filling.allCases.randomElement(using: &random)!)
      let box = try threads.writeAndWait(tensor, as: key(index))
      let path = box.with { $0.path }
      let sound = try Data(contentsOf: URL(fileURLWithPath: path))
      let changed = damage(sound, previous, &random)
      previous = sound
      if let changed {
        // In place, so that owner, mode and name stay.
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: changed)
        try handle.close()
      } else {
        unlink(path)
      }
      let isDamaged = changed != sound
      if isDamaged { damaged += 1 }
      do throws(StoreError) {
        let back = try threads.readAndWait(box)
        #expect(!isDamaged && back.hasSameBits(as: tensor), "file \(index)")
      } catch {
        #expect(isDamaged && error.isLoss, "file \(index): \(error)")
        seen += 1
      }
    }
    #expect(seen == damaged && damaged > count * 3 / 4)
    threads.close()
  }

  /// Something that may become of a file; nil where it is gone.
  private func damage(_ sound: Data, _ previous: Data?, _ random: inout SeededGenerator) -> Data? {
    var bytes = sound
    let place = random.number(0...bytes.count - 1)
    let blocks = bytes.count / 4096
    switch random.number(0...8) {
    case 0: return sound
    case 1: return nil
    case 2: return bytes.prefix(place)
    case 3: return bytes + [0]
    case 4: return previous ?? Data()
    case 5:
      // A chunk of another file, in its place.
      guard let previous, previous.count >= 8192, blocks > 1 else { return Data() }
      bytes.replaceSubrange(4096..<8192, with: previous[4096..<8192])
    case 6:
      let (one, other) = (random.number(0...blocks - 1), random.number(0...blocks - 1))
      let block = bytes[one * 4096..<(one + 1) * 4096]
      bytes.replaceSubrange(
        one * 4096..<(one + 1) * 4096, with: bytes[other * 4096..<(other + 1) * 4096])
      bytes.replaceSubrange(other * 4096..<(other + 1) * 4096, with: block)
    default: bytes[place] ^= 1 << UInt8(random.number(0...7))
    }
    return bytes
  }
}

/// A disk on which no file can be made until it is opened.
private struct SlowDisk: FileSystem {
  private let files = LocalFileSystem()
  private let isOpen = Gate(false)

  func open() { isOpen.change { $0 = true } }

  func status(_ path: String) throws(SystemError) -> FileStatus { try files.status(path) }
  func openForReading(_ path: String) throws(SystemError) -> any ReadableFile {
    try files.openForReading(path)
  }
  func openForWriting(_ path: String, exclusive: Bool) throws(SystemError) -> any WritableFile {
    try files.openForWriting(path, exclusive: exclusive)
  }
  func list(_ directory: String) throws(SystemError) -> [String] { try files.list(directory) }
  func makeDirectory(_ path: String) throws(SystemError) { try files.makeDirectory(path) }
  func rename(_ from: String, to: String) throws(SystemError) { try files.rename(from, to: to) }
  func remove(_ path: String) throws(SystemError) { try files.remove(path) }
  func removeDirectory(_ path: String) throws(SystemError) { try files.removeDirectory(path) }
  func openPrivateDirectory(_ path: String) throws(SystemError) -> any PrivateDirectory {
    try files.openPrivateDirectory(path)
  }
  func makePrivateDirectory(_ path: String) throws(SystemError) -> any PrivateDirectory {
    Directory(directory: try files.makePrivateDirectory(path), isOpen: isOpen)
  }

  private struct Directory: PrivateDirectory {
    let directory: any PrivateDirectory
    let isOpen: Gate<Bool>

    var path: String { directory.path }
    func create(_ name: String) throws(SystemError) -> any BlockFile {
      _ = isOpen.wait { $0 ? true : nil }
      return try directory.create(name)
    }
    func open(_ name: String, cached: Bool) throws(SystemError) -> any BlockFile {
      try directory.open(name, cached: cached)
    }
    func list() throws(SystemError) -> [String] { try directory.list() }
    func remove(_ name: String) throws(SystemError) { try directory.remove(name) }
    func lock(_ name: String) throws(SystemError) -> (any FileLock)? { try directory.lock(name) }
    func freeBytes() -> Int? { directory.freeBytes() }
  }
}
