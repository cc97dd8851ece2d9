import Glissade
import Testing
import glissade_example

/// What the braces of a graph hold: statements, `if`, `for`, functions, bodies; and what is wrong with them.
@Suite struct DSLTests {
  private func names(_ graph: TrainingGraph) -> [String] { graph.description.nodes.map(\.name) }

  @Test func whatAHandleLeadsToGoesWithIt() {
    let graph = TrainingGraph("g") {
      let train = Shard("train", source: "a.csv")
      let batch = Batch("batch", of: train)
      Gradient("grad", at: "weights", data: batch)
    }
    #expect(names(graph) == ["train", "batch", "grad"])
  }

  @Test func eachNodeStandsOnceWhereItIsListedFirst() {
    let train = Shard("train", source: "a.csv")
    let batch = Batch("batch", of: train)
    let graph = TrainingGraph("g") {
      batch
      train
      Batch("other", of: train)
      Output(batch.port("value"), file: "a.csv")
    }
    #expect(names(graph) == ["train", "batch", "other"])
  }

  @Test func ifForAndSwitchChoose() {
    func graph(hasTest: Bool, shards: Int, word: String) -> TrainingGraph {
      TrainingGraph("g") {
        for number in 0..<shards { Shard("shard-\(number)", source: "\(number).csv") }
        if hasTest { Shard("test", source: "test.csv") }
        if shards > 2 {
          Until(.steps(1))
        } else {
          Until(.epochs(2))
        }
        switch word {
        case "all": [Shard("x", source: "x.csv"), Batch("y", of: "x")]
        default: Node("z", op: "acme.z")
        }
      }
    }
    let small = graph(hasTest: false, shards: 1, word: "all")
    #expect(names(small) == ["shard-0", "x", "y"])
    #expect(small.description.run == [AttributeEntry("until", ["epochs": 2])])
    let large = graph(hasTest: true, shards: 3, word: "")
    #expect(names(large) == ["shard-0", "shard-1", "shard-2", "test", "z"])
    #expect(large.description.run == [AttributeEntry("until", ["steps": 1])])
  }

  @Test func functionsAndTypesGiveParts() throws {
    struct Data: GraphPart {
      let places: Int
      var parts: GraphParts {
        Shard("train", source: "a.csv", count: places)
        Shard("test", source: "b.csv", like: "train")
      }
    }
    @GraphBuilder func settings(epochs: Int) -> GraphParts {
      Until(.epochs(epochs))
      Checkpoint(every: .epochs(1))
    }
    let graph = TrainingGraph("g") {
      Data(places: 3)
      settings(epochs: 4)
    }
    #expect(names(graph) == ["train", "test"])
    #expect(graph.description.nodes[0]["count"] == 3)
    #expect(graph.description.run.map(\.key) == ["until", "checkpoint"])
    let example = digits(data: repository + "/Graphs/data", epochs: 1)
    #expect(names(example).contains("grad"))
    #expect(try example.resolved().notBuilt.isEmpty)
  }

  @Test func referencesSayWhatFilesSay() throws {
    let grad = Gradient("grad", at: "w", data: "b")
    let graph = TrainingGraph("g") {
      Node(
        "a", op: "acme.a",
        [
          "plain": .of(grad), "port": .of(grad.loss), "late": .of(grad.late(by: 2)),
          "renamed": .of(grad.loss.renaming(axis: "train", to: "model").late(by: 1)),
          "number": 0.5, "list": [1, "x", true], "map": ["of": .of(grad), "k": 3],
        ])
    }
    #expect(names(graph) == ["grad", "a"])
    let file = """
      glissade: 1
      name: g
      nodes:
        grad: { op: gradient, at: w, data: b }
        a: { op: acme.a, plain: grad, port: grad.loss, late: { from: grad, staleness: 2 },
             renamed: { from: grad.loss, as: { train: model }, staleness: 1 },
             number: 0.5, list: [1, x, true], map: { of: grad, k: 3 } }
      """
    #expect(try GraphReader.read(Array(file.utf8), file: "g") == graph.description)
  }

  @Test func onlyWhatIsGivenIsWritten() {
    let step = Update("step", of: "w", with: "g", optimizer: .adam(rate: 0.1, beta2: 0.99))
    #expect(step.node.description.attributes.map(\.key) == ["of", "with", "optimizer"])
    #expect(
      step.node.description["optimizer"] == ["kind": "adam", "rate": 0.1, "beta2": 0.99])
    #expect(Gradient("g", at: "w", data: "b").node.description.attributes.count == 2)
    #expect(
      Update("s", of: "w", with: "g", optimizer: .sgd(rate: 1), schedule: .cosine())
        .node.description["schedule"] == "cosine")
  }

  @Test func attributesAreAddedAndReplaced() {
    let batch = Batch("batch", of: "train", size: 64)
      .with(["size": ["small": 1, "large": 2], "own": .of(Shard("s", source: "s.csv"))])
      .every(.steps(3))
    let graph = TrainingGraph("g") { batch }
    #expect(names(graph) == ["s", "batch"])
    #expect(batch.node.description.attributes.map(\.key) == ["of", "size", "own", "every"])
    #expect(batch.node.description["size"] == ["small": 1, "large": 2])
    #expect(batch.node.description["every"] == ["steps": 3])
  }

  @Test func bodiesNest() throws {
    let data = Shard("data", source: "a.csv")
    let graph = TrainingGraph("g") {
      Repeat("outer", until: .steps(2)) {
        let rows = Batch("rows", of: data)
        Repeat("inner", until: .steps(3)) {
          Gradient("grad", at: "w", data: rows)
          Yield("loss", Gradient("other", at: "w", data: data).loss)
        }
        if names.isEmpty { Batch("never", of: data) }
        Yield("value", rows)
      }
    }
    #expect(names(graph) == ["data", "outer"])
    let outer = try #require(graph.description.nodes[1].body)
    #expect(outer.map(\.name) == ["rows", "inner"])
    #expect(outer[1].body?.map(\.name) == ["grad", "other"])
    #expect(outer[1]["yields"] == ["loss": "other.loss"])
    #expect(
      try GraphReader.read(Array(graph.yaml.utf8), file: "g") == graph.description)
  }

  private let names = ["a"]

  @Test func errorsPointAtTheSwiftSource() {
    let line = #line + 2
    let graph = TrainingGraph("g") {
      let train = Shard("train", source: repository + "/Graphs/data/digits.csv", label: "label")
      Batch("batch", of: "trian", size: 0)
      Batch("batch", of: train)
    }
    let file = "GlissadeTests/DSLTests.swift:"
    #expect(
      refusal(graph) == [
        file + "\(line + 1): 'size' expects a whole number from 1 to 2147483647, found 0",
        file + "\(line + 2): the node 'batch' is there twice",
      ])
  }

  @Test func linesThatContradictEachOtherAreRefused() {
    let line = #line + 2
    let graph = TrainingGraph(".hidden") {
      Until(.epochs(1))
      Until(.epochs(2))
      Output("a", file: "x")
      Output("a", file: "y")
      Repeat("r", until: .steps(1)) {
        Yield("v", "a")
        Yield("v", "b")
      }
    }
    let file = "GlissadeTests/DSLTests.swift:"
    #expect(
      refusal(graph) == [
        file + "\(line + 1): 'until' stands twice in 'run'",
        file + "\(line + 3): 'a' stands twice in 'outputs'",
        file + "\(line + 6): 'v' stands twice in 'yields'",
        "'.hidden' cannot name a graph: 1 to 128 letters, digits, '-', '_' and dots, and no dot in front",
      ])
  }

  @Test func chainsOfHandlesHaveALimit() {
    func chain(_ count: Int) -> TrainingGraph {
      var node = Node("n0", op: "combine")
      for number in 1..<count { node = Node("n\(number)", op: "combine", ["of": .of(node)]) }
      return TrainingGraph("g") { node }
    }
    let longest = chain(4096)
    #expect(longest.description.nodes.count == 4096)
    #expect(
      refusal(chain(4097)).first?.contains(
        "node 'n4096' ends a chain of 4097 handles, and the limit is 4096") == true)
  }

  @Test func manyPathsToANodeAreWalkedOnce() {
    var node = Node("n0", op: "combine")
    for number in 1...60 {
      node = Node("n\(number)", op: "combine", ["a": .of(node), "b": .of(node)])
    }
    #expect(TrainingGraph("g") { node }.description.nodes.count == 61)
  }
}
