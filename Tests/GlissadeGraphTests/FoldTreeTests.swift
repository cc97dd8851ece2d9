import GlissadeGraph
import Testing

/// The tree of a fold is fixed by the number of leaves and the fan-in.
@Suite struct FoldTreeTests {
  private func plan(leaves: Int, fanIn: Int) throws -> Plan {
    try Plan(
      expanding: graph(
        [
          node("s", "source", ["axes": ["x": .init(.integer(leaves))]]),
          node("a", "batch", ["of": "s"]),
          node("r", "reduce", ["of": "a", "over": "x", "fan-in": .init(.integer(fanIn))]),
          node("e", "evaluate", ["of": "r"]),
        ], run: ["until": ["steps": 1]]), fusing: false)
  }

  /// Property: from the root, left to right, every leaf comes once and in its order; no task folds more than the fan-in.
  @Test(arguments: [2, 3, 4, 7, 64])
  func everyLeafComesOnceAndInOrder(fanIn: Int) throws {
    for leaves in Array(1...40) + [63, 64, 65, 127, 256, 257] {
      let wiring = try plan(leaves: leaves, fanIn: fanIn).wiring
      var found: [String] = []
      var folds = 0
      var stack = [wiring["e"]![0]]
      while let task = stack.popLast() {
        if task.hasPrefix("a[") {
          found.append(task)
        } else {
          folds += 1
          #expect(wiring[task]!.count <= fanIn)
          stack += wiring[task]!.reversed()
        }
      }
      #expect(
        found == (0..<leaves).map { "a[x=\($0)]" }, "leaves: \(leaves), fan-in: \(fanIn)")
      #expect(folds == wiring.keys.filter { $0.hasPrefix("r") }.count)
      // A fold of one leaf is still one task; otherwise no level is longer than it must be.
      var expected = 0
      var level = leaves
      repeat {
        level = (level + fanIn - 1) / fanIn
        expected += level
      } while level > 1
      #expect(folds == expected, "leaves: \(leaves), fan-in: \(fanIn)")
    }
  }

  /// ```
  /// leaves  0 1 2 3 4     r#0 = 0 1   r#1 = 2 3   r#2 = 4
  ///         \/  \/  |     r#3 = r#0 r#1           r#4 = r#2
  ///          \  /   |     r#5 = r#3 r#4: the root
  /// ```
  @Test func fiveLeavesInPairs() throws {
    let wiring = try plan(leaves: 5, fanIn: 2).wiring
    #expect(wiring["r#0"] == ["a[x=0]", "a[x=1]"])
    #expect(wiring["r#2"] == ["a[x=4]"])
    #expect(wiring["r#3"] == ["r#0", "r#1"])
    #expect(wiring["r#4"] == ["r#2"])
    #expect(wiring["r#5"] == ["r#3", "r#4"])
    #expect(wiring["e"] == ["r#5"])
  }

  @Test func onlyTheLastTaskIsTheRoot() throws {
    let plan = try plan(leaves: 9, fanIn: 4)
    let folds = plan.step.members.filter { plan.graph.nodes[Int($0.node)].name == "r" }
    #expect(folds.map(\.isRoot) == [false, false, false, true])
    #expect(try PlanInterpreter(plan, steps: 1).numbers("r") == [36])
  }
}
