/// Which places of an input a task at a place reads: families that share an axis meet place by place, a missing axis
/// broadcasts, a taken axis is read whole.
struct PlaceSelector {
  /// For each axis of the stage, how far one place moves the input's place.
  private let strides: [(size: Int, stride: Int)]
  /// The offsets of all taken places, in order.
  let offsets: [Int]

  /// The offsets where there is one place.
  private static let single = [0]

  init(_ input: [Axis], taking taken: [String], from stage: [Axis]) {
    guard !input.isEmpty else {
      (strides, offsets) = ([], Self.single)
      return
    }
    var inputStrides = [Int](repeating: 1, count: input.count)
    for index in input.indices.dropLast().reversed() {
      inputStrides[index] = inputStrides[index + 1] * input[index + 1].size
    }
    var strides: [(size: Int, stride: Int)] = []
    strides.reserveCapacity(stage.count)
    for axis in stage {
      let index = taken.contains(axis.name) ? nil : input.firstIndex { $0.name == axis.name }
      strides.append((axis.size, index.map { inputStrides[$0] } ?? 0))
    }
    self.strides = strides
    var offsets = Self.single
    for name in taken {
      guard let index = input.firstIndex(where: { $0.name == name }) else { continue }
      // Inner first: the axes named later vary more slowly.
      let inner = offsets
      offsets.reserveCapacity(inner.count * input[index].size)
      for place in 1..<max(1, input[index].size) {
        for offset in inner { offsets.append(offset + place * inputStrides[index]) }
      }
    }
    self.offsets = offsets
  }

  /// The place of the input that `offsets` count from, for a task at a place.
  func start(for place: Int) -> Int {
    var rest = place
    var start = 0
    for index in strides.indices.reversed() {
      let (size, stride) = strides[index]
      start += rest % size * stride
      rest /= size
    }
    return start
  }
}

/// A tree that folds leaves in their order, `fanIn` at a time: fixed by the graph, whoever runs it.
struct FoldTree {
  private let leaves: Int
  private let fanIn: Int
  /// For each level, its first task and how many things it folds.
  private let levels: [(start: Int, below: Int)]
  /// The tasks of the tree; the last one is the root.
  let taskCount: Int

  init(leaves: Int, fanIn: Int) {
    self.leaves = leaves
    self.fanIn = max(2, fanIn)
    var levels: [(start: Int, below: Int)] = []
    var below = leaves
    var count = 0
    repeat {
      levels.append((count, below))
      below = (below + self.fanIn - 1) / self.fanIn
      count += max(1, below)
    } while below > 1
    self.levels = levels
    taskCount = count
  }

  /// What a task folds: leaves, or tasks of the level below.
  func children(of task: Int) -> (areLeaves: Bool, numbers: Range<Int>) {
    let level = levels.lastIndex { $0.start <= task }!
    let position = task - levels[level].start
    let range = position * fanIn..<min((position + 1) * fanIn, levels[level].below)
    guard level > 0 else { return (true, range) }
    let first = levels[level - 1].start
    return (false, first + range.lowerBound..<first + range.upperBound)
  }
}
