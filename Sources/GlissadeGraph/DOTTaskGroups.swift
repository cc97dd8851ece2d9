/// The boxes that stand for the tasks of a table: one a task, or one for many.
struct TaskGroups {
  /// How much one box stands for.
  enum Grain: CaseIterable {
    case task
    /// All tasks of the same stages of the same nodes; those of a tree by the level on which they stand.
    case level
    /// All tasks of the same stages of the same nodes.
    case family
    /// All tasks of the same operation.
    case operation
  }

  /// A box.
  struct Group {
    /// One of its tasks.
    var task: Int
    var count: Int
    /// The bytes of all values that its tasks make.
    var bytes: Int
    /// How many tasks of the same tree stand below one of its tasks; 0 beside trees.
    var level: Int32
  }

  /// How much one box stands for.
  let grain: Grain
  /// By task, the number of its box.
  private(set) var ofTask: [Int32] = []
  /// The boxes in the order of their first tasks.
  private(set) var groups: [Group] = []

  /// The boxes of a table at a grain.
  ///
  /// - Complexity: O(tasks + members); at 1,000,000 tasks no memory is taken but that of the result.
  init(_ tasks: Plan.Tasks, of graph: Graph, grain: Grain) {
    self.grain = grain
    let table = tasks.table
    // A chain of members is a path in a trie, so that no key is built for a task.
    var numbers: [Key: Int32] = [:]
    var groupOfPath: [Int32: Int32] = [:]
    var operations: [String: Int32] = [:]
    let operationOfNode = graph.nodes.map { node -> Int32 in
      let next = Int32(operations.count)
      return operations.number(of: node.operation.name, otherwise: next)
    }
    ofTask.reserveCapacity(table.taskCount)
    var lastKey: Key?
    var lastPath: Int32 = 0
    let levels = grain == .level ? TaskGroups.levels(of: tasks) : []
    for task in 0..<table.taskCount {
      var path: Int32 = -1
      switch grain {
      case .task: path = Int32(task)
      case .operation:
        let members = tasks.members(of: task)
        path = operationOfNode[Int(members[members.endIndex - 1].node)]
      case .level, .family:
        for member in tasks.members(of: task) {
          let level = levels.isEmpty ? 0 : levels[task]
          let key = Key(path: path, node: member.node, stage: member.stage, level: level)
          if key == lastKey {
            path = lastPath
          } else {
            let next = Int32(numbers.count)
            path = numbers.number(of: key, otherwise: next)
            (lastKey, lastPath) = (key, path)
          }
        }
      }
      var bytes = 0
      for value in table.outputs(of: task) { bytes += table.valueBytes[value] }
      let next = Int32(groups.count)
      let group = grain == .task ? next : groupOfPath.number(of: path, otherwise: next)
      if group == next {
        groups.append(
          Group(task: task, count: 1, bytes: bytes, level: levels.isEmpty ? 0 : levels[task]))
      } else {
        groups[Int(group)].count += 1
        groups[Int(group)].bytes += bytes
      }
      ofTask.append(group)
    }
  }

  private struct Key: Hashable {
    var path: Int32
    var node: Int32
    var stage: Int16
    var level: Int32
  }

  /// By task, how many tasks of its own tree stand below it on the longest way down.
  private static func levels(of tasks: Plan.Tasks) -> [Int32] {
    let table = tasks.table
    var levels = [Int32](repeating: 0, count: table.taskCount)
    // The tasks of a tree follow those that they add.
    for task in 0..<table.taskCount {
      let members = tasks.members(of: task)
      let own = members[members.startIndex]
      for use in table.uses(of: task) where use.time == .step && use.lag == 0 {
        let producer = Int(table.producer[Int(use.value)])
        let below = tasks.members(of: producer)
        let last = below[below.endIndex - 1]
        if producer < task, last.node == own.node, last.stage == own.stage, last.place == own.place
        {
          levels[task] = max(levels[task], levels[producer] + 1)
        }
      }
    }
    return levels
  }
}

extension Dictionary where Value == Int32 {
  /// The number of a key; where it has none, it is given `new`.
  fileprivate mutating func number(of key: Key, otherwise new: Int32) -> Int32 {
    if let found = self[key] { return found }
    self[key] = new
    return new
  }
}
