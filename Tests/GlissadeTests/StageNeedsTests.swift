import GlissadeGraph
import GlissadeTensor
import Testing

/// Only what somebody reads of a node is in its plan.
struct StageNeedsTests {
  private func text(_ shard: String, data: String = "train") -> String {
    """
    glissade: 1
    name: parts
    seed: 1
    nodes:
      train: { op: shard, source: data/digits.csv, label: label, count: 2\(shard) }
      batch: { op: batch, of: \(data), size: 64 }
      weights: { op: parameters, model: softmax }
      grad: { op: gradient, at: weights, data: batch }
      mean: { op: reduce, of: grad, over: train, by: mean }
      step: { op: update, of: weights, with: mean, optimizer: { kind: momentum, rate: 0.1 } }
    run: { until: { steps: 2 } }
    """
  }

  /// The tasks of a node before the first step, in their order.
  private func tasks(_ node: String, of plan: Plan) -> [String] {
    (0..<plan.prologue.table.taskCount).map { plan.name(of: $0, in: plan.prologue) }
      .filter { $0.hasPrefix(node) }
  }

  @Test func portsThatNobodyReadsAreNotComputed() throws {
    let whole = try Plan(expanding: graph(text("")))
    #expect(tasks("train", of: whole) == ["train[train=0]", "train[train=1]"])
    let held = try Plan(
      expanding: graph(text(", holdout: { fraction: 0.2 }", data: "train.train")))
    #expect(tasks("train", of: held) == ["train.train[train=0]", "train.train[train=1]"])
  }

  @Test func whatIsKeptIsComputedBesides() throws {
    let graph = try graph(text(", holdout: { fraction: 0.2 }", data: "train.train"))
    let plan = try Plan(
      expanding: graph,
      keeping: ["rows", "holdout"].map { Graph.PortReference(node: 0, port: $0) })
    #expect(
      tasks("train", of: plan).map { $0.split(separator: "[")[0] }
        == [
          "train.train", "train.train", "train.holdout", "train.holdout", "train.rows",
          "train.rows",
        ])
    #expect(plan.address(of: Graph.PortReference(node: 0, port: "rows"), place: 1) != nil)
    #expect(plan.address(of: Graph.PortReference(node: 0, port: "value"), place: 0) == nil)
  }

  @Test func aStageThatAnotherReadsStays() throws {
    let plan = try Plan(expanding: graph(text(", shuffle: true")))
    #expect(tasks("train", of: plan) == ["train.read", "train[train=0]", "train[train=1]"])
  }

  /// Momentum is read by nobody but the update itself, a step later.
  @Test func initialVersionsOfStatesStay() throws {
    let plan = try Plan(expanding: graph(text("")))
    #expect(tasks("step", of: plan).count == 1)
    #expect(plan.initials.count == 2)
  }

  @Test func whatFilesCanGiveAgainIsMarked() throws {
    func repeatable(_ shard: String) throws -> [String: Bool] {
      let stages = try graph(text(shard)).nodes[0].shape.stages
      return Dictionary(uniqueKeysWithValues: stages.map { ($0.name, $0.isRepeatable) })
    }
    #expect(try repeatable("") == ["value": true, "rows": true])
    #expect(try repeatable(", shuffle: true") == ["read": true, "value": false, "rows": true])
  }
}
