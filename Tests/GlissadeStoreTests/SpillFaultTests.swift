import Foundation
import GlissadeStore
import GlissadeSystem
import GlissadeTensor
import GlissadeTesting
import Testing

/// Disks that fail, fill up and forget: an error with a name or the same bits, and nothing left.
@Suite struct SpillFaultTests {
  private let parent: TemporaryDirectory
  private let tensor: Tensor

  init() throws {
    parent = try TemporaryDirectory()
    var random = SeededGenerator(seed: 1)
    tensor = random.tensor(.float32, Shape(70_000), .noise)
  }

  /// Writes the tensor and reads it back through some threads; nil where the bits are the same.
  private func roundTrip(_ files: any FileSystem) -> StoreError? {
    refusal { () throws(StoreError) in
      let directory = try SpillDirectory(in: parent.path, files: files)
      let threads: SpillThreads
      do throws(SystemError) {
        threads = try SpillThreads(in: directory, options: .init(chunkBytes: 64 << 10))
      } catch { throw .system(error) }
      defer { threads.close() }
      let file = try threads.writeAndWait(tensor, as: key(1))
      let back = try threads.readAndWait(file)
      #expect(back.hasSameBits(as: tensor))
    }
  }

  /// Every call fails once, in turn; then every call of a kind from the first on.
  @Test(arguments: [1, Int.max])
  func whateverFailsIsNamedAndLeavesNothing(times: Int) throws {
    let healthy = FaultyFileSystem()
    #expect(roundTrip(healthy) == nil)
    var struck = 0
    for call in FaultyFileSystem.Call.allCases where call != .remove {
      for number in 1..<healthy.callCount(of: call) + 1 {
        for reason in [SystemError.Reason.full, .other, .notPermitted] {
          let files = FaultyFileSystem(faults: [
            .init(call, number: number, times: times, .fail(reason))
          ])
          let error = roundTrip(files)
          // Sweeping may fail quietly: the run has what it needs.
          #expect(error != nil || call == .list, "\(call) \(number) \(reason)")
          if reason == .full, call == .write {
            guard case .diskFull(_, let needed, _)? = error else {
              Issue.record("\(error?.description ?? "nothing") for a full disk")
              continue
            }
            #expect(needed.bytes >= tensor.byteCount)
          }
          // With a list that fails nobody can say what there is to remove.
          if call != .list { #expect(parent.names.isEmpty, "\(call) \(number) \(reason)") }
          struck += 1
        }
      }
    }
    #expect(struck >= 50)
  }

  @Test func shortWritesAndReadsAreSeen() throws {
    let healthy = FaultyFileSystem()
    #expect(roundTrip(healthy) == nil)
    for call in [FaultyFileSystem.Call.write, .read] {
      for number in 1...healthy.callCount(of: call) {
        let files = FaultyFileSystem(faults: [.init(call, number: number, .shorten(to: 0))])
        #expect(roundTrip(files)?.isLoss == true, "\(call) \(number)")
        #expect(parent.names.isEmpty)
      }
    }
  }

  /// A file that cannot be removed is no reason to fail; the next run sweeps it away.
  @Test func whatCannotBeRemovedIsSweptLater() throws {
    #expect(
      roundTrip(FaultyFileSystem(faults: [.init(.remove, times: .max, .fail(.other))])) == nil)
    #expect(parent.names.count == 1)
    #expect(roundTrip(LocalFileSystem()) == nil)
    #expect(parent.names.isEmpty)
  }

  /// Three tensors on disks of 0 to 100 % of what they need: as many as fit are there, the others are refused with sizes, and nothing
  /// of them is left.
  @Test(arguments: 0...50)
  func aDiskOfAnySizeIsNeverAWrongNumber(percents: Int) throws {
    let need = try fileBytes() * 3
    let disk = SmallDisk(byteCount: need * percents / 50)
    let written = try fill(disk)
    #expect(written == percents * 3 / 50)
    #expect(disk.usedBytes == 0)
    #expect(parent.names.isEmpty)
  }

  /// The same on a file system of the kernel's own, where this user may mount one.
  @Test func aFullFileSystemIsNeverAWrongNumber() throws {
    let need = try fileBytes() * 3
    for percents in 0...50 {
      let size = need * percents / 50 + 4096
      let options = "size=\(size),mode=0700"
      guard mount("none", parent.path, "tmpfs", 0, options) == 0 else { return }
      defer { umount(parent.path) }
      let written = try fill(LocalFileSystem())
      // The kernel counts whole pages.
      let fitting = (size + 4095) / 4096 * 4096 / (need / 3)
      #expect(written <= fitting && written >= fitting - 1, "\(percents)")
      #expect(parent.names.isEmpty)
    }
  }

  private func fileBytes() throws -> Int {
    var coder = SpillCoder(chunkBytes: 64 << 10)
    let spec = SpillSpec(key: key(1), type: .float32, shape: tensor.shape, chunkBytes: 64 << 10)
    return SpillCodec.encode(tensor, as: spec, using: &coder).count
  }

  /// Puts three tensors away, reads back those that fit, and gives their number.
  private func fill(_ files: any FileSystem) throws -> Int {
    let directory: SpillDirectory
    do throws(StoreError) { directory = try SpillDirectory(in: parent.path, files: files) } catch {
      guard case .diskFull = error else { throw error }
      return 0
    }
    let threads = try SpillThreads(in: directory, options: .init(chunkBytes: 64 << 10))
    defer { threads.close() }
    var written: [FileBox] = []
    for value in 0..<3 {
      do throws(StoreError) {
        written.append(try threads.writeAndWait(tensor, as: key(value)))
      } catch {
        guard case .diskFull(_, let needed, let free?) = error else { throw error }
        #expect(needed > free)
        #expect(error.description.contains("no space is left on the disk"))
      }
    }
    for file in written {
      let back = try threads.readAndWait(file)
      #expect(back.hasSameBits(as: tensor))
    }
    return written.count
  }
}
