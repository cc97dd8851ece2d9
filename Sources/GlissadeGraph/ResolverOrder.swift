/// Orders of nodes by what each needs.
extension Resolver {
  /// Cycles that share no node, found without recursion; where there is any cycle, at least one.
  ///
  /// - Complexity: O(nodes + needs).
  static func cycles(in needs: [[Int]]) -> [[Int]] {
    var cycles: [[Int]] = []
    var state = [UInt8](repeating: 0, count: needs.count)
    for root in needs.indices where state[root] == 0 {
      var stack = [(node: root, next: 0)]
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

  /// An order in which each node comes after its needs, otherwise as written.
  static func topological(_ needs: [[Int]]) -> [Int] {
    var done = [Bool](repeating: false, count: needs.count)
    var order: [Int] = []
    for root in needs.indices where !done[root] {
      var stack = [(node: root, next: 0)]
      while let top = stack.last {
        if done[top.node] {
          stack.removeLast()
        } else if top.next < needs[top.node].count {
          stack[stack.count - 1].next += 1
          let target = needs[top.node][top.next]
          if !done[target] { stack.append((target, 0)) }
        } else {
          done[top.node] = true
          order.append(top.node)
          stack.removeLast()
        }
      }
    }
    return order
  }
}
