import GlissadeSystem
import GlissadeTensor

/// Puts one tensor away: write first, forget second.
///
/// The chunks are coded by several threads and lie in the file in the order in which they got ready. The header comes
/// last. Whatever fails, the file goes.
final class SpillWrite: ChunkJob {
  typealias Completion = @Sendable (consuming Result<SpillFile, StoreError>) -> Void

  private struct State {
    /// Let go before anybody is told, so that its bytes are free when the caller counts them.
    var tensor: Tensor?
    var file: (any BlockFile)?
    var table: [SpillHeader.Entry]
    var fileBytes: Int
  }

  let spec: SpillSpec
  private let directory: SpillDirectory
  private let name: String
  private let state: Lock<State>
  private let completion: Completion?

  init(
    _ tensor: Tensor, as key: SpillKey, in directory: SpillDirectory, chunkBytes: Int,
    then completion: Completion? = nil
  ) {
    spec = SpillSpec(key: key, type: tensor.type, shape: tensor.shape, chunkBytes: chunkBytes)
    self.directory = directory
    name = directory.newName()
    state = Lock(
      State(
        tensor: tensor,
        table: [SpillHeader.Entry](repeating: .init(), count: spec.chunkCount),
        fileBytes: spec.headerBytes))
    self.completion = completion
  }

  var chunkCount: Int { spec.chunkCount }

  func begin() throws(StoreError) {
    do throws(SystemError) {
      let file = try directory.files.create(name)
      state.withLock { $0.file = file }
    } catch { throw described(error) }
  }

  func perform(_ chunk: Int, _ coder: inout SpillCoder) throws(StoreError) {
    let (tensor, file) = state.withLock { ($0.tensor, $0.file) }
    guard let tensor, let file else { return }
    let entry = try tensor.withBytes { (bytes) throws(StoreError) in
      var (entry, coded) = coder.encode(
        UnsafeRawBufferPointer(rebasing: bytes[spec.range(ofChunk: chunk)]), index: chunk, of: spec)
      entry.offset = state.withLock { state in
        defer { state.fileBytes += entry.slot }
        return state.fileBytes
      }
      do throws(SystemError) {
        try file.write(coded, at: entry.offset)
      } catch { throw described(error) }
      return entry
    }
    state.withLock { $0.table[chunk] = entry }
  }

  func end(_ failure: StoreError?) {
    let result = Result { () throws(StoreError) in try finish(failure) }
    switch result {
    case .success(let contents): completion?(.success(SpillFile(contents)))
    case .failure(let error): completion?(.failure(error))
    }
  }

  /// Lets go of everything and writes the header, if nothing has failed; else the file goes.
  func finish(_ failure: StoreError?) throws(StoreError) -> SpillContents {
    let last = state.withLock { state in
      defer { (state.tensor, state.file) = (nil, nil) }
      return state
    }
    // Where it could not be made, a file of that name is somebody else's.
    guard let file = last.file else { throw failure ?? .closed }
    do throws(StoreError) {
      if let failure { throw failure }
      return SpillContents(
        directory, name: name, spec: spec, fileBytes: last.fileBytes,
        seal: try writeHeader(last.table, file))
    } catch {
      try? directory.files.remove(name)
      throw error
    }
  }

  private func writeHeader(
    _ table: [SpillHeader.Entry], _ file: any BlockFile
  ) throws(StoreError) -> UInt64 {
    let header = AlignedBuffer(byteCount: spec.headerBytes)
    let bytes = UnsafeMutableRawBufferPointer(rebasing: header.bytes[..<spec.headerBytes])
    let seal = SpillHeader.write(spec, table, into: bytes)
    do throws(SystemError) {
      try file.write(UnsafeRawBufferPointer(bytes), at: 0)
    } catch { throw described(error) }
    return seal
  }

  private func described(_ error: SystemError) -> StoreError {
    guard error.reason == .full else { return .system(error) }
    return .diskFull(
      path: directory.path, needed: ByteCount(spec.greatestFileBytes), free: directory.freeBytes)
  }
}
