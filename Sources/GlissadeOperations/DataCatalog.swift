import GlissadeData
package import GlissadeSystem
import GlissadeTensor

/// Remembers what was learnt of data files, so that resolving a graph twice reads them once.
///
/// A file is known by its path, size and moment of change.
package final class DataCatalog: Sendable {
  /// The world that the files are in.
  package let world: World
  /// How rows stay on the disk; nil where they are values in memory.
  let streaming: RowStreaming?
  private let known: Lock<[String: any Sendable]>

  /// A catalog that has read nothing yet.
  package init(world: World) {
    self.world = world
    streaming = nil
    known = Lock([:])
  }

  /// A catalog that knows what another one has learnt.
  init(_ other: DataCatalog, streaming: RowStreaming?) {
    world = other.world
    self.streaming = streaming
    known = other.known
  }

  /// What `read` gives for some files, remembered under `purpose` as long as the files stay the same.
  func remember<Fact: Sendable>(
    _ paths: [String], for purpose: String, _ read: () throws -> Fact
  ) throws -> Fact {
    var key = purpose
    for path in paths {
      key += "\u{0}\(path)\u{0}"
      if let status = try? world.files.status(path) {
        key += "\(status.byteCount) \(status.modified) \(status.changed) \(status.number)"
      }
    }
    if let fact = known.withLock({ $0[key] }) as? Fact { return fact }
    let fact = try read()
    known.withLock { $0[key] = fact }
    return fact
  }
}
