import GlissadeGraph

/// The shapes of steps that training has, as sketches.
extension TableSketch {
  /// One step of data-parallel descent: `shards` gradients at the weights of the step before,
  /// reduced in pairs, one update whose weights are pinned.
  ///
  /// The task numbers are those of the gradients, the reduces and last the update.
  /// ```
  ///   weights(t-1) ──┬────┬────┬────┐
  ///                  g0   g1   g2   g3
  ///                   \  /      \  /
  ///                    r         r
  ///                      \     /
  ///                         r ── update ── weights(t)
  /// ```
  /// - Parameter lag: How many steps old the weights are that the gradients read, at least 1.
  public static func training(shards: Int, bytes: Int = 8, lag: Int = 1) -> TableSketch {
    var sketch = TableSketch()
    let update = max(2 * shards - 1, 1)
    var level = (0..<shards).map { shard in
      sketch.add(
        uses: [Use(shard, time: .once), Use(update, lag: lag, floor: -1)], outputs: [bytes],
        workspace: bytes, cost: 10)
    }
    while level.count > 1 {
      var above: [Int] = []
      for pair in stride(from: 0, to: level.count - 1, by: 2) {
        above.append(
          sketch.add(uses: [Use(level[pair]), Use(level[pair + 1])], outputs: [bytes]))
      }
      if level.count % 2 == 1 { above.append(level[level.count - 1]) }
      level = above
    }
    sketch.add(
      uses: level.map { Use($0) } + [Use(update, lag: 1, floor: -1)], outputs: [bytes], pinned: [0])
    return sketch
  }
}
