import GlissadeGraph
import GlissadeTensor

/// A few operations over short rows of `Float64`, enough to say everything that the algebra can say.
///
/// They have the names and ports of the real ones where the resolver looks at names.
enum TinyOperations {
  static let registry: OperationRegistry = {
    var registry = OperationRegistry()
    for operation in [
      source, batch, parameters, pair, chain, gradient, reduce, update, evaluate, repetition,
      oddities,
    ] {
      registry.register(operation)
    }
    return registry
  }()

  static let vectors: [ValueKind] = [.rows, .parameters, .gradient, .number]

  static func any(_ role: ReferenceSpec.Role = .value) -> AttributeType {
    .reference(ReferenceSpec(.rows, .parameters, .gradient, .number, role: role, orNothing: true))
  }

  static func spec(_ kind: ValueKind, _ width: Int) -> ValueSpec {
    ValueSpec(kind, [TensorSpec("x", .float64, Shape(width))])
  }

  /// The specs of another family, at the places of `axes`.
  static func specs(_ input: NodeInput, _ kind: ValueKind, _ axes: [Axis]) -> PlaceSpecs {
    guard case .each = input.specs else {
      return .uniform(spec(kind, input.spec.tensors[0].shape.elementCount))
    }
    return .each(
      (0..<axes.placeCount).map { place in
        let coordinates = axes.coordinates(of: place)
        let there = input.axes.reduce(0) { sum, axis in
          sum * axis.size + (axes.firstIndex { $0.name == axis.name }.map { coordinates[$0] } ?? 0)
        }
        return spec(kind, input.specs[there].tensors[0].shape.elementCount)
      })
  }

  static func numbers(_ value: Value) -> [Double] {
    value.tensors.first?.elements(of: Double.self) ?? []
  }

  static func family(
    _ inputs: [Stage.Input], _ axes: [Axis], _ specs: PlaceSpecs, epochSteps: Int? = nil,
    kernel: @escaping Kernel
  ) -> NodeShape {
    NodeShape(
      ports: [.init("value", axes: axes, specs, from: (0, 0))],
      stages: [Stage("value", inputs: inputs, axes: axes, outputs: [specs], kernel: kernel)],
      epochSteps: epochSteps)
  }

  /// Each element is the number of the place, and `plus`.
  static let source = OperationSpec(
    "source", summary: "Numbers that are there from the start.", example: "a: { op: source }",
    attributes: [
      AttributeSpec("width", .integer(1...100), "The elements.", default: 1),
      AttributeSpec("plus", .number(.any), "What is added.", default: 0),
      CommonAttributes.axes, CommonAttributes.count,
    ], ports: [PortSpec("value", .rows, "The numbers.")],
    infer: { node in
      let axes = node.ownAxes
      let all = (0..<axes.placeCount).map { node.attributes(at: $0, of: axes) }
      let plus = all.map { $0.number("plus") ?? 0 }
      return family([], axes, .each(all.map { spec(.rows, $0.integer("width") ?? 1) })) { call in
        let value = Double(call.place) + plus[call.place]
        call.outputs[0] = Value([
          Tensor([Double](repeating: value, count: call.outputs[0].tensors[0].count))
        ])
      }
    })

  /// What it reads, and the step.
  static let batch = OperationSpec(
    "batch", summary: "Numbers that change in every step.", example: "b: { op: batch, of: a }",
    attributes: [
      AttributeSpec("of", any(), "What is read.", required: true),
      AttributeSpec("epoch", .integer(1...1000), "Steps of an epoch.", default: 5),
    ], ports: [PortSpec("value", .rows, "The numbers.")], isClocked: true,
    infer: { node in
      let of = node.input("of")!
      return family(
        [.init(.input(0))], of.axes, specs(of, .rows, of.axes),
        epochSteps: node.attributes.integer("epoch")
      ) { call in
        call.outputs[0] = Value([Tensor(numbers(call.single(0)).map { $0 + Double(call.step) })])
      }
    })

  static let parameters = OperationSpec(
    "parameters", summary: "A state.", example: "w: { op: parameters }",
    attributes: [
      AttributeSpec("width", .integer(1...100), "The elements.", default: 1),
      AttributeSpec("initial", any(), "What it begins as."),
      AttributeSpec("stays", .boolean, "Takes no axes over from its update.", default: false),
      AttributeSpec(
        "next", .reference(ReferenceSpec(.parameters, role: .next)), "Its next version."),
      CommonAttributes.axes,
    ], ports: [PortSpec("value", .parameters, "The state.")], isState: true,
    infer: { node in
      let initial = node.input("initial")
      let axes = try node.union(
        node.ownAxes, initial?.axes ?? [], node.attributes.flag("stays") ? [] : node.impliedAxes)
      let widths = (0..<axes.placeCount).map {
        node.attributes(at: $0, of: axes).integer("width") ?? 1
      }
      let specs =
        initial.map { TinyOperations.specs($0, .parameters, axes) }
        ?? .each(widths.map { spec(.parameters, $0) })
      return NodeShape(
        ports: [.init("value", axes: axes, specs, from: (0, 0))],
        stages: [
          Stage(
            "initial", inputs: initial == nil ? [] : [.init(.input(0))], axes: axes,
            outputs: [specs],
            kernel: { call in
              call.outputs[0] =
                call.inputs.first
                ?? Value([Tensor([Double](repeating: 100, count: widths[call.place]))])
            })
        ])
    })

  static let pair = OperationSpec(
    "pair", summary: "1000 · left + right.", example: "p: { op: pair, left: a, right: b }",
    attributes: [
      AttributeSpec("left", any(), "The left side.", required: true),
      AttributeSpec("right", any(), "The right side.", required: true),
    ], ports: [PortSpec("value", .rows, "Both.")],
    infer: { node in
      let left = node.input("left")!
      let axes = try node.union(left.axes, node.input("right")!.axes)
      return family(
        [
          .init(.input(node.inputIndex("left")!)), .init(.input(node.inputIndex("right")!)),
        ], axes, .uniform(spec(.rows, 1))
      ) { call in
        let right = numbers(call.single(1)).first ?? 0
        call.outputs[0] = Value([Tensor([1000 * (numbers(call.single(0)).first ?? 0) + right])])
      }
    })

  static let chain = OperationSpec(
    "chain", summary: "One more than what it reads.", example: "c: { op: chain, of: a }",
    attributes: [
      AttributeSpec("of", any(), "What is read.", required: true),
      AttributeSpec("like", any(.facts), "What is known of another node."),
    ], ports: [PortSpec("value", .rows, "One more.")],
    infer: { node in
      let of = node.input("of")!
      return family([.init(.input(0))], of.axes, specs(of, .rows, of.axes)) { call in
        call.outputs[0] = Value([Tensor(numbers(call.single(0)).map { $0 + 1 })])
      }
    })

  /// The state plus the first element of the data.
  static let gradient = OperationSpec(
    "gradient", summary: "A direction.", example: "g: { op: gradient, at: w, data: a }",
    attributes: [
      AttributeSpec("at", .reference(ReferenceSpec(.parameters)), "The state.", required: true),
      AttributeSpec("data", .reference(ReferenceSpec(.rows)), "The data.", required: true),
    ], ports: [PortSpec("value", .gradient, "The direction.")], dataHint: ("at", "data"),
    infer: { node in
      let at = node.input("at")!
      let axes = try node.union(at.axes, node.input("data")!.axes)
      return family(
        [.init(.input(node.inputIndex("at")!)), .init(.input(node.inputIndex("data")!))], axes,
        specs(at, .gradient, axes)
      ) { call in
        let data = numbers(call.single(1)).first ?? 0
        call.outputs[0] = Value([Tensor(numbers(call.single(0)).map { $0 + data })])
      }
    })

  /// Adds the first elements in order, so that 10 · sum + next shows the order.
  static let reduce = OperationSpec(
    "reduce", summary: "A fold.", example: "r: { op: reduce, of: g, over: a }",
    attributes: [
      AttributeSpec("of", any(), "The family.", required: true),
      AttributeSpec(
        "over", .either([.text, .list(.text, 1...8)]), "The axes.", required: true),
      AttributeSpec("fan-in", .integer(2...64), "The tree; one task where it is left out."),
    ], ports: [PortSpec("value", .gradient, "The fold.")],
    infer: { node in
      let of = node.input("of")!
      let over = node.attributes.texts("over")
      for name in over where !of.axes.contains(where: { $0.name == name }) {
        throw node.error("'\(of.nodeName)' has no axis '\(name)'", at: "over")
      }
      let axes = of.axes.filter { !over.contains($0.name) }
      let specs = PlaceSpecs.uniform(spec(.gradient, of.spec.tensors[0].shape.elementCount))
      return NodeShape(
        ports: [.init("value", axes: axes, specs, from: (0, 0))],
        stages: [
          Stage(
            "value", inputs: [.init(.input(0), taking: over)], axes: axes, outputs: [specs],
            treeFanIn: node.attributes.integer("fan-in"),
            kernel: { call in
              let all = call.inputs.map(numbers)
              let width = all.map(\.count).max() ?? 0
              call.outputs[0] = Value([
                Tensor((0..<width).map { index in all.reduce(0) { $0 + $1[index] } })
              ])
            })
        ])
    })

  /// of − with / 8; its state counts the steps.
  static let update = OperationSpec(
    "update", summary: "A step.", example: "u: { op: update, of: w, with: g }",
    attributes: [
      AttributeSpec("of", .reference(ReferenceSpec(.parameters)), "The state.", required: true),
      AttributeSpec("with", .reference(ReferenceSpec(.gradient)), "The way.", required: true),
    ],
    ports: [
      PortSpec("value", .parameters, "The next version."), PortSpec("state", .state, "A count."),
    ],
    infer: { node in
      let of = node.input("of")!
      let axes = try node.union(of.axes, node.input("with")!.axes)
      let specs = TinyOperations.specs(of, .parameters, axes)
      let state = PlaceSpecs.uniform(ValueSpec(.state, [TensorSpec("n", .float64, Shape(1))]))
      return NodeShape(
        ports: [
          .init("value", axes: axes, specs, from: (1, 0)),
          .init("state", axes: axes, state, from: (1, 1)),
        ],
        stages: [
          Stage(
            "zero", inputs: [], axes: axes, outputs: [state], initialOf: (1, 1),
            kernel: { call in call.outputs[0] = Value([Tensor([0.0])]) }),
          Stage(
            "value",
            inputs: [
              .init(.input(node.inputIndex("of")!)), .init(.input(node.inputIndex("with")!)),
              .init(.previous(stage: 1, output: 1)),
            ], axes: axes, outputs: [specs, state],
            kernel: { call in
              let step = numbers(call.single(1))
              let moved = numbers(call.single(0)).enumerated().map { index, element in
                element - step[index] / 8
              }
              call.outputs[0] = Value([Tensor(moved)])
              call.outputs[1] = Value([Tensor(numbers(call.single(2)).map { $0 + 1 })])
            }),
        ])
    })

  static let evaluate = OperationSpec(
    "evaluate", summary: "A metric.", example: "s: { op: evaluate, of: w }",
    attributes: [AttributeSpec("of", any(), "What is measured.", required: true)],
    ports: [PortSpec("value", .metrics, "The metrics."), PortSpec("loss", .number, "A metric.")],
    isReported: true,
    infer: { node in
      let of = node.input("of")!
      let metrics = PlaceSpecs.uniform(spec(.metrics, 1))
      let number = PlaceSpecs.uniform(spec(.number, 1))
      return NodeShape(
        ports: [
          .init("value", axes: of.axes, metrics, from: (0, 0)),
          .init("loss", axes: of.axes, number, from: (0, 1)),
        ],
        stages: [
          Stage(
            "value", inputs: [.init(.input(0))], axes: of.axes, outputs: [metrics, number],
            kernel: { call in
              let first = Value([Tensor([numbers(call.single(0)).first ?? -1])])
              (call.outputs[0], call.outputs[1]) = (first, first)
            })
        ])
    })

  /// A body whose yielded ports are its own.
  static let repetition = OperationSpec(
    "repeat", summary: "A body.", example: "l: { op: repeat, nodes: { … }, yields: { out: w } }",
    attributes: [
      AttributeSpec("until", .duration(["steps", "epochs"]), "How long."),
      AttributeSpec("yields", .dictionary(.text), "Its ports.", required: true),
    ], ports: [PortSpec("value", .parameters, "What it yields.")], hasBody: true, isBuilt: false,
    infer: { node in
      let body = node.body!
      var ports: [NodeShape.Port] = []
      var stages: [Stage] = []
      for entry in node.attributes["yields"]?.map ?? [] {
        guard let found = entry.value.text.flatMap({ body.port($0) }),
          let port = body.nodes[found.node].port(found.port)
        else { throw node.error("'yields' leads nowhere") }
        stages.append(
          Stage(
            entry.key,
            inputs: node.inputs.enumerated().map { index, input in
              .init(
                .input(index),
                taking: input.axes.map(\.name).filter { name in
                  !port.axes.contains { $0.name == name }
                })
            }, axes: port.axes, outputs: [port.specs], kernel: nil))
        ports.append(.init(entry.key, axes: port.axes, port.specs, from: (stages.count - 1, 0)))
      }
      return NodeShape(ports: ports, stages: stages)
    })

  /// An attribute of every type, for the checker.
  static let oddities = OperationSpec(
    "oddities", summary: "Attributes of every type.", example: "o: { op: oddities }",
    attributes: [
      AttributeSpec("flag", .boolean, "A flag."),
      AttributeSpec("count", .integer(1...10), "A count."),
      AttributeSpec("least", .integer(2...Int.max), "A count without a bound."),
      AttributeSpec("rate", .number(.positive), "A rate."),
      AttributeSpec("share", .number(NumberRange(0, 1)), "A share."),
      AttributeSpec("text", .text, "A text."),
      AttributeSpec("word", .choice(["red", "green"]), "A word."),
      AttributeSpec("node", any(.facts), "A node."),
      AttributeSpec(
        "from", .referenceOrFile(ReferenceSpec(.rows, role: .facts)), "A node or file."),
      AttributeSpec("time", .duration(["steps", "epochs"]), "A duration."),
      AttributeSpec("widths", .list(.integer(1...9), 1...3), "Some widths."),
      AttributeSpec(
        "record", .record([AttributeSpec("inner", .integer(0...1), "Inside.", required: true)]),
        "A record."),
      AttributeSpec("table", .dictionary(.number(.any)), "A table."),
      AttributeSpec(
        "kind",
        .variant([
          VariantSpec("plain", "Without attributes."),
          VariantSpec("rich", "With one.", [AttributeSpec("depth", .integer(1...5), "A depth.")]),
          VariantSpec("later", "Not built.", built: false),
        ]), "A variant."),
      AttributeSpec("either", .either([.integer(1...3), .text]), "A number or a text."),
      AttributeSpec("planned", .boolean, "Not built.", built: false),
      CommonAttributes.axes,
    ], ports: [PortSpec("value", .rows, "Nothing.")],
    infer: { node in
      family([], node.ownAxes, .uniform(spec(.rows, 1))) { _ in }
    })
}
