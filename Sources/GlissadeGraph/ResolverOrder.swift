/// Orders of nodes by what each needs.
extension Resolver {
  /// Cycles that share no node, found without recursion; where there is any cycle, at least one.
  ///
  /// - Complexity: O(nodes + needs).
  static func cycles(in needs: [[Int]]) -> [[Int]] {
    var cycles: [[Int]] = []
    var state = [UInt8](repeating: 0, count: needs.count)
    var stack: [(node: Int, next: Int)] = []
    for root in needs.indices where state[root] == 0 {
      stack.append((root, 0))
      state[root] = 1
      while let top = stack.last {
        guard top.next < needs[top.node].count else {
          state[top.node] = 2
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        let target = needs[top.node][top.next]
        if state[target] == 1 {
          let start = stack.firstIndex { $0.node == target }!
          cycles.append(stack[start...].map(\.node))
          // What else they need is searched from its own nodes.
          for entry in stack[start...] { state[entry.node] = 2 }
          stack.removeSubrange(start...)
          continue
        }
        if state[target] == 0 {
          state[target] = 1
          stack.append((target, 0))
        }
      }
    }
    return cycles
  }

  /// Whether one node needs another, asked again and again while needs are added.
  struct PathSearch {
    /// By node, the last search that came by.
    private var seen: [Int32]
    private var search: Int32 = 0

    init(nodeCount: Int) { seen = Array(repeating: 0, count: nodeCount) }

    /// - Complexity: O(all that `start` needs).
    mutating func leads(from start: Int, to end: Int, in needs: [[Int]]) -> Bool {
      search += 1
      var stack = [start]
      while let node = stack.popLast() {
        if node == end { return true }
        if seen[node] == search { continue }
        seen[node] = search
        stack += needs[node]
      }
      return false
    }
  }

  /// An order of nodes by their needs in which parameters come after the data that tell their shapes, where that makes
  /// no cycle; nil where the needs themselves have one.
  static func topological(
    _ needs: [[Int]], hinted hints: [(parameters: Int, data: Int)]
  ) -> [Int]? {
    var hinted = needs
    for hint in hints { hinted[hint.parameters].append(hint.data) }
    if let order = topological(hinted) { return order }
    guard topological(needs) != nil else { return nil }
    hinted = needs
    var search = PathSearch(nodeCount: needs.count)
    for hint in hints where !search.leads(from: hint.data, to: hint.parameters, in: hinted) {
      hinted[hint.parameters].append(hint.data)
    }
    return topological(hinted)
  }

  /// An order in which each node comes after its needs, otherwise as written; nil where there is a cycle.
  private static func topological(_ needs: [[Int]]) -> [Int]? {
    var state = [UInt8](repeating: 0, count: needs.count)
    var order: [Int] = []
    order.reserveCapacity(needs.count)
    var stack: [(node: Int, next: Int)] = []
    for root in needs.indices where state[root] == 0 {
      stack.append((root, 0))
      state[root] = 1
      while let (node, next) = stack.last {
        guard next < needs[node].count else {
          state[node] = 2
          order.append(node)
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        let target = needs[node][next]
        if state[target] == 1 { return nil }
        if state[target] == 0 {
          state[target] = 1
          stack.append((target, 0))
        }
      }
    }
    return order
  }
}
