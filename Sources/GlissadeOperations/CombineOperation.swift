import GlissadeGraph
import GlissadeKernels
import GlissadeTensor

/// `combine`: a linear combination of values of one shape.
enum CombineOperation {
  static let spec = OperationSpec(
    "combine",
    summary: "A linear combination of values of one kind and shape, place by place.",
    example:
      "average: { op: combine, terms: [{ of: old, factor: 0.9 }, { of: new, factor: 0.1 }] }",
    axisRule:
      "Has the axes of all terms: a term without one of them is the same at all its places.",
    attributes: [
      AttributeSpec(
        "terms",
        .list(
          .record([
            AttributeSpec(
              "of", .reference(ReferenceSpec(.parameters, .gradient, .predictions, .state)),
              "The value.",
              required: true),
            AttributeSpec("factor", .number(.any), "What it is multiplied by.", default: 1),
          ]), 1...64), "What is added up.", required: true)
    ],
    ports: [PortSpec("value", .parameters, "The sum, of the kind of the terms.")], infer: infer)

  private static func infer(_ node: borrowing NodeContext) throws -> NodeShape {
    let terms = node.inputs
    guard let first = terms.first else { throw node.error("'terms' is empty", at: "terms") }
    var axes = first.axes
    for term in terms.dropFirst() {
      axes = try node.union(axes, term.axes)
      guard term.spec.kind == first.spec.kind, term.spec.tensors == first.spec.tensors else {
        throw Diagnostic(
          "'\(first.nodeName)' gives \(first.spec.kind) \(first.spec.shapePhrase), and '\(term.nodeName)' gives \(term.spec.kind) \(term.spec.shapePhrase)",
          at: term.position)
      }
    }
    let factors = (node.attributes["terms"]?.list ?? []).map { Float($0["factor"]?.number ?? 1) }
    let specs = (0..<axes.placeCount).map { place -> ValueSpec in
      let coordinates = axes.coordinates(of: place)
      let source = first.axes.reduce(0) { sum, axis in
        sum * axis.size + (axes.firstIndex(of: axis).map { coordinates[$0] } ?? 0)
      }
      var spec = first.specs[source]
      spec.aliasesInput = false
      return spec
    }
    return NodeShape(
      ports: [.init("value", axes: axes, .each(specs), from: (0, 0))],
      stages: [
        Stage(
          "value", inputs: terms.indices.map { .init(.input($0)) }, axes: axes,
          outputs: [.each(specs)],
          kernel: { call in
            let values = terms.indices.map { call.single($0) }
            for (number, target) in call.outputs[0].tensors.enumerated() {
              let parts = values.map { $0.tensors[number] }
              if target.type == .float32 {
                GlissadeKernels.combine(
                  parts.map { UnsafePointer($0.floats) }, weights: factors, count: parts[0].count,
                  into: target.floats)
              } else {
                let sums = target.unsafeBase.assumingMemoryBound(to: Double.self)
                for element in 0..<target.count {
                  sums[element] = zip(parts, factors).reduce(0) {
                    $0 + $1.0.doubles()[element] * Double($1.1)
                  }
                }
              }
            }
            call.outputs[0].rows = values[0].rows
          })
      ])
  }
}
