import GlissadeSystem
import GlissadeTensor

/// Reads one tensor back into memory that the caller has for it.
final class SpillRead: ChunkJob {
  typealias Completion = @Sendable (Result<Tensor, StoreError>) -> Void

  private struct State {
    /// Let go before anybody is told of a failure, so that its bytes are free when the caller counts them.
    var storage: TensorStorage?
    var file: (any BlockFile)?
    var table: [SpillHeader.Entry] = []
  }

  private let contents: SpillContents
  private let state: Lock<State>
  private let completion: Completion?
  private let say: (@Sendable (StoreError?) -> Void)?

  init(
    _ contents: SpillContents, into storage: TensorStorage, then completion: Completion? = nil,
    thenSay say: (@Sendable (StoreError?) -> Void)? = nil
  ) {
    self.say = say
    precondition(
      storage.byteCount >= contents.spec.byteCount,
      "\(storage.byteCount) bytes for a tensor of \(contents.spec.byteCount)")
    self.contents = contents
    state = Lock(State(storage: storage))
    self.completion = completion
  }

  var chunkCount: Int { contents.spec.chunkCount }

  func begin() throws(StoreError) {
    let file = try opened()
    let spec = contents.spec
    guard file.byteCount == contents.fileBytes else { throw short(file.byteCount) }
    let header = AlignedBuffer(byteCount: spec.headerBytes)
    let bytes = UnsafeMutableRawBufferPointer(rebasing: header.bytes[..<spec.headerBytes])
    try fill(bytes, from: file, at: 0)
    let table = try SpillHeader.table(
      in: UnsafeRawBufferPointer(bytes), expecting: spec, seal: contents.seal,
      fileBytes: file.byteCount, path: contents.path)
    state.withLock { ($0.file, $0.table) = (file, table) }
  }

  func perform(_ chunk: Int, _ coder: inout SpillCoder) throws(StoreError) {
    let (storage, file, entry) = state.withLock { ($0.storage, $0.file, $0.table[chunk]) }
    guard let storage, let file else { return }
    let range = contents.spec.range(ofChunk: chunk)
    let target = UnsafeMutableRawBufferPointer(
      start: storage.base + range.lowerBound, count: range.count)
    let room = coder.room(for: entry, of: target)
    defer { withExtendedLifetime(storage) {} }
    try fill(room, from: file, at: entry.offset)
    let isSound = coder.decode(
      UnsafeRawBufferPointer(room), entry, index: chunk, of: contents.spec, into: target)
    guard isSound else { throw .damaged(path: contents.path, part: "chunk \(chunk)") }
  }

  func end(_ failure: StoreError?) {
    if let say {
      let isRead = state.withLock { state in
        defer { (state.storage, state.file) = (nil, nil) }
        return state.file != nil
      }
      return say(failure ?? (isRead ? nil : .closed))
    }
    let result = Result { () throws(StoreError) in try finish(failure) }
    completion?(result)
  }

  /// Lets go of everything; gives the tensor, if nothing has failed.
  func finish(_ failure: StoreError?) throws(StoreError) -> Tensor {
    let last = state.withLock { state in
      defer { (state.storage, state.file) = (nil, nil) }
      return state
    }
    guard failure == nil, let storage = last.storage, last.file != nil else {
      throw failure ?? .closed
    }
    return Tensor(contents.spec.type, contents.spec.shape, storage: storage)
  }

  private func opened() throws(StoreError) -> any BlockFile {
    do throws(SystemError) {
      return try contents.directory.files.open(contents.name)
    } catch {
      switch error.reason {
      case .missing: throw .missing(path: contents.path)
      case .notPermitted: throw .foreign(path: contents.path, found: error.description)
      default: throw .system(error)
      }
    }
  }

  private func fill(
    _ bytes: UnsafeMutableRawBufferPointer, from file: any BlockFile, at offset: Int
  ) throws(StoreError) {
    let count: Int
    do throws(SystemError) {
      count = try file.read(into: bytes, at: offset)
    } catch { throw .system(error) }
    if count < bytes.count { throw short(offset + count) }
  }

  private func short(_ found: Int) -> StoreError {
    .short(
      path: contents.path, expected: ByteCount(contents.fileBytes), found: ByteCount(found))
  }
}
