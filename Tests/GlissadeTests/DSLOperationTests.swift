import Glissade
import Testing

/// An operation of one's own, registered from Swift, used in files and in the DSL.
@Suite struct DSLOperationTests {
  /// `acme.bound`: bounds the norm of each place's mean gradient, place by place; beside it the factor that was taken.
  private static let bound = OperationSpec(
    "acme.bound", version: 3, summary: "Bounds the norm of each place's mean gradient.",
    example: "bounded: { op: acme.bound, of: grad, norm: 0.5 }",
    attributes: [
      AttributeSpec("of", .reference(ReferenceSpec(.gradient)), "The gradients.", required: true),
      AttributeSpec("norm", .number(.positive), "The greatest norm.", required: true),
      AttributeSpec("least", .number(.unit), "The factor below which it fails.", default: 0),
    ],
    ports: [
      PortSpec("value", .gradient, "The gradients, bounded."),
      PortSpec("factor", .number, "What a gradient was multiplied by."),
    ],
    infer: { node in
      guard let of = node.input("of"), let norm = node.attributes.number("norm") else {
        throw node.error("operation 'acme.bound' needs 'of' and 'norm'")
      }
      guard !of.axes.isEmpty else {
        throw node.error("'\(of.nodeName)' is single: there is no place to bound apart", at: "of")
      }
      let least = node.attributes.number("least") ?? 0
      let factor = ValueSpec(.number, [TensorSpec("value", .float64, Shape(1))])
      return NodeShape(
        ports: [
          .init("value", axes: of.axes, of.specs, from: (0, 0)),
          .init("factor", axes: of.axes, .uniform(factor), from: (0, 1)),
        ],
        stages: [
          Stage(
            "value", inputs: [.init(.input(node.inputIndex("of")!))], axes: of.axes,
            outputs: [of.specs, .uniform(factor)],
            kernel: { call in
              let gradient = call.single(0)
              let sum = gradient.tensors[0].elements(of: Float.self)
              let length = sum.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
              let factor = min(1, norm * Double(max(1, gradient.rows)) / max(length, 1e-30))
              guard factor >= least else {
                throw KernelError("the factor \(factor) is below \(least)")
              }
              call.outputs[0].tensors[0].withMutableElements(of: Float.self) { result in
                for element in sum.indices { result[element] = sum[element] * Float(factor) }
              }
              call.outputs[0].tensors[1] = gradient.tensors[1]
              call.outputs[0].rows = gradient.rows
              call.outputs[1].tensors[0] = Tensor([factor])
            })
        ])
    })

  private var operations: Operations {
    var operations = Operations()
    operations.register(Self.bound)
    return operations
  }

  private func file(_ bounded: String, of: String = "grad") throws -> TrainingGraph {
    let text = """
      glissade: 1
      name: bounded
      seed: 7
      needs: { acme.bound: 3 }
      nodes:
        train: { op: shard, source: data/digits.csv, label: label, count: 4 }
        weights: { op: parameters, model: softmax }
        grad: { op: gradient, at: weights, data: train }
        mean: { op: reduce, of: grad }
        bounded: \(bounded)
        robust: { op: reduce, of: bounded, over: train }
        step: { op: update, of: weights, with: robust, optimizer: { kind: sgd, rate: 0.1 } }
      run: { until: { steps: 5 } }
      """
    return TrainingGraph(
      try GraphReader.read(Array(text.utf8), file: "t.yaml"), directory: repository + "/Graphs")
  }

  @Test func runsInAFileAndInTheDSL() throws {
    let file = try file("{ op: acme.bound, of: grad, norm: 0.5 }")
    let graph = TrainingGraph("bounded", seed: 7, directory: repository + "/Graphs") {
      Needs("acme.bound", version: 3)
      let train = Shard("train", source: "data/digits.csv", label: "label", count: 4)
      let weights = Parameters("weights", model: .softmax)
      let grad = Gradient("grad", at: weights, data: train)
      Reduce("mean", of: grad)
      let bounded = Node("bounded", op: "acme.bound", ["of": .of(grad), "norm": 0.5])
      let robust = Reduce("robust", of: bounded, over: train)
      Update("step", of: weights, with: robust, optimizer: .sgd(rate: 0.1))
      Until(.steps(5))
    }
    #expect(graph.sha256 == file.sha256)
    let resolved = try graph.resolved(with: operations)
    let bounded = try #require(resolved.nodes.first { $0.name == "bounded" })
    #expect(bounded.port("factor")?.axes == [Axis("train", size: 4)])

    let tensors = try [graph, file].map { graph in
      let result = try graph.run(RunOptions(threads: 2), with: operations)
      return try #require(weights(result, of: "weights", in: graph.resolved(with: operations)))
    }
    #expect(tensors[0].hasSameBits(as: tensors[1]))
    // Five steps of 0.1 along gradients of norm 0.5 at most, from zeros.
    let length = tensors[0].doubles().reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(length > 0.05 && length <= 0.2500001, "\(length)")
  }

  @Test func itsErrorsAreThoseOfAnyOperation() throws {
    #expect(
      refusal(try file("{ op: acme.bound, of: mean, norm: 0.5 }"), with: operations).first
        == "t.yaml:10: 'mean' is single: there is no place to bound apart")
    #expect(
      refusal(try file("{ op: acme.bound, of: grad, norm: 0 }"), with: operations)
        == ["t.yaml:10: 'norm' expects a number greater than 0, found 0"])
    #expect(
      refusal(try file("{ op: acme.bond, of: grad, norm: 1 }"), with: operations)
        == ["t.yaml:10: unknown operation 'acme.bond'"])
    #expect(
      refusal(try file("{ op: acme.bound, of: grad, norm: 0.5 }")).contains(
        "t.yaml:4: the graph needs 'acme.bound' version 3, which this program has not registered"))
  }

  @Test func whatItsKernelThrowsNamesNodeStepAndPlace() throws {
    let graph = try file("{ op: acme.bound, of: grad, norm: 0.000001, least: 0.5 }")
    let error = #expect(throws: RunError.self) {
      try graph.run(RunOptions(threads: 1), with: operations)
    }
    let text = try #require(error).description
    #expect(text.contains("bounded") && text.contains("is below 0.5"), "\(text)")
    #expect(text.contains("train=0") && text.contains("step"), "\(text)")
  }

  @Test func aValueIsKeptForTheReader() throws {
    let graph = try file("{ op: acme.bound, of: grad, norm: 0.000001 }")
    let plan = try graph.plan(with: operations, keeping: ["bounded.factor"])
    let port = try #require(plan.graph.port("bounded.factor"))
    #expect((0..<4).allSatisfy { plan.address(of: port, place: $0) != nil })
    #expect(throws: GraphError.self) { try graph.plan(with: operations, keeping: ["nobody"]) }
  }
}
