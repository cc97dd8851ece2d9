/// Work that begins once, has parts that several threads do at a time, and ends once.
///
/// `begin` comes first; then each chunk at most once, in any order; then `end`, whatever happened, with the first failure.
protocol ChunkJob: AnyObject, Sendable {
  /// The number of parts, known before the beginning.
  var chunkCount: Int { get }

  /// What must be done before the parts.
  func begin() throws(StoreError)

  /// One part.
  func perform(_ chunk: Int, _ coder: inout SpillCoder) throws(StoreError)

  /// What must be done behind them; whoever waits for the job is told here.
  func end(_ failure: StoreError?)
}

extension ChunkJob {
  /// Begins it and does all parts on the calling thread; gives the first failure, which the end is to know.
  func performAll(_ coder: inout SpillCoder) -> StoreError? {
    do throws(StoreError) {
      try begin()
      for chunk in 0..<chunkCount { try perform(chunk, &coder) }
      return nil
    } catch { return error }
  }
}
