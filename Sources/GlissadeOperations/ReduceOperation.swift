import GlissadeGraph
import GlissadeKernels
import GlissadeTensor

/// `reduce`: combines a family along axes, in a fixed order.
enum ReduceOperation {
  static func spec(_ custom: [any Reduction.Type]) -> OperationSpec {
    let own = custom.map { VariantSpec($0.name, $0.summary, $0.attributes) }
    return OperationSpec(
      "reduce",
      summary: "Combines a family along axes through a fixed tree, in the order of the places.",
      example: "mean: { op: reduce, of: grad, over: train, by: mean }",
      axisRule:
        "Takes the axes 'over' whole, all of 'of' where it is left out, and keeps the others.",
      attributes: [
        AttributeSpec(
          "of", .reference(ReferenceSpec(.gradient, .parameters, .predictions, .number, .metrics)),
          "The family.", required: true),
        AttributeSpec(
          "over", .either([.text, .list(.text, 1...8)]),
          "The axes, inner first; by default all that the family has."),
        AttributeSpec(
          "by",
          .variant(
            [
              VariantSpec("mean", "Σ sums / Σ rows; of values without rows, their mean."),
              VariantSpec("sum", "Σ sums."),
              VariantSpec("max", "The greatest, element by element."),
              VariantSpec("norm", "√ Σ squares, over elements and places."),
            ] + own), "How.", default: "mean"),
        AttributeSpec(
          "weights", .reference(ReferenceSpec(.number)), "The weight of each place in a mean."),
        AttributeSpec("fan-in", .integer(2...1024), "Values that are added at once.", default: 4),
      ],
      ports: [PortSpec("value", .gradient, "What comes out, of the kind that goes in.")],
      infer: { node in
        var shape = try infer(node, custom)
        let axes = node.input("of")?.axes ?? []
        if !axes.isEmpty {
          shape.defaults = [AttributeEntry("over", .texts(axes.map(\.name).reversed()))]
        }
        return shape
      })
  }

  private static func infer(_ node: borrowing NodeContext, _ custom: [any Reduction.Type]) throws
    -> NodeShape
  {
    guard let of = node.input("of"), let by = node.attributes.variant("by") else {
      throw node.error("operation 'reduce' needs 'of'")
    }
    let over = try taken(node, of)
    let axes = of.axes.filter { !over.contains($0.name) }
    let places = (0..<axes.placeCount).map { place in
      specOfResult(of, axes: axes, place: place)
    }
    if by.kind != "norm" { try sameShapes(node, of, over) }
    let folds = ["mean", "sum", "max"].contains(by.kind) && node.input("weights") == nil
    if !folds, node.attributes.isGiven("fan-in") {
      throw node.error(
        "'fan-in' has no effect: "
          + (node.input("weights") != nil ? "a weighted mean" : "'\(by.kind)'")
          + " takes all places at once", at: "fan-in")
    }
    let index = node.inputIndex("of")!
    let elements = Double(of.spec.byteCount / 4)
    if let type = custom.first(where: { $0.name == by.kind }) {
      return try customShape(node, of, type, by.attributes, over: over, axes: axes, places)
    }
    if by.kind == "norm" {
      let number = ValueSpec(.number, [TensorSpec("value", .float64, Shape(2))])
      return NodeShape(
        ports: [.init("value", axes: axes, .uniform(number), from: (0, 0))],
        stages: [
          Stage(
            "value", inputs: [.init(.input(index), taking: over)], axes: axes,
            outputs: [.uniform(number)], cost: Cost(bytes: elements * 4), kernel: norm)
        ])
    }
    var inputs: [Stage.Input] = [.init(.input(index), taking: over)]
    var fanIn: Int? = node.attributes.integer("fan-in") ?? 4
    let kernel: Kernel
    if let weights = node.input("weights") {
      guard by.kind == "mean" else {
        throw node.error("'weights' belong to 'by: mean'", at: "weights")
      }
      try checkWeights(weights, of, over, node)
      inputs.append(
        .init(
          .input(node.inputIndex("weights")!),
          taking: over.filter { name in weights.axes.contains { $0.name == name } }))
      fanIn = nil
      kernel = weightedMean
    } else {
      let kind = by.kind
      let total = of.axes.filter { over.contains($0.name) }.placeCount
      let isGradient = of.spec.kind == .gradient
      kernel = { call in fold(&call, kind: kind, places: total, isGradient: isGradient) }
    }
    return NodeShape(
      ports: [.init("value", axes: axes, .each(places), from: (0, 0))],
      stages: [
        Stage(
          "value", inputs: inputs, axes: axes, outputs: [.each(places)],
          cost: Cost(flops: elements * 4, bytes: elements * 16), treeFanIn: fanIn, kernel: kernel)
      ])
  }

  /// The axes that are reduced over, checked.
  private static func taken(_ node: borrowing NodeContext, _ of: NodeInput) throws -> [String] {
    let names = node.attributes.texts("over")
    for name in names where !of.axes.contains(where: { $0.name == name }) {
      throw node.error(
        "'\(of.nodeName)' has no axis '\(escaped(name))'; its axes are \(of.axes.phrase)",
        at: "over",
        hint: suggestion(for: name, among: of.axes.map(\.name)))
    }
    return node.attributes.isGiven("over") ? names : of.axes.map(\.name).reversed()
  }

  /// What combines over axes demands equal shapes of the places that come together.
  private static func sameShapes(_ node: borrowing NodeContext, _ of: NodeInput, _ over: [String])
    throws
  {
    guard case .each(let specs) = of.specs, of.spec.kind != .predictions else {
      return
    }
    var first: [[Int]: Int] = [:]
    for (place, spec) in specs.enumerated() {
      let coordinates = zip(of.axes, of.axes.coordinates(of: place))
        .filter { !over.contains($0.0.name) }.map(\.1)
      guard let other = first[coordinates] else {
        first[coordinates] = place
        continue
      }
      guard spec.tensors != specs[other].tensors else { continue }
      throw node.error(
        "places of '\(of.nodeName)' differ: \(of.axes.placePhrase(other)) is \(specs[other].shapePhrase), \(of.axes.placePhrase(place)) is \(spec.shapePhrase)",
        at: "of")
    }
  }

  private static func specOfResult(_ of: NodeInput, axes: [Axis], place: Int) -> ValueSpec {
    let coordinates = axes.coordinates(of: place)
    let first = of.axes.reduce(0) { sum, axis in
      let position = axes.firstIndex { $0 == axis }
      return sum * axis.size + (position.map { coordinates[$0] } ?? 0)
    }
    var spec = of.specs[first]
    spec.aliasesInput = false
    return spec
  }

  private static func customShape(
    _ node: borrowing NodeContext, _ of: NodeInput, _ type: any Reduction.Type,
    _ attributes: Attributes, over: [String], axes: [Axis], _ places: [ValueSpec]
  ) throws -> NodeShape {
    guard of.spec.kind == .gradient else {
      throw node.error("'\(type.name)' reduces gradients, and 'of' gives \(of.spec.kind)", at: "of")
    }
    let reduction: any Reduction
    do { reduction = try type.init(attributes) } catch {
      throw node.error("'\(type.name)': \(error)", at: "by")
    }
    return NodeShape(
      ports: [.init("value", axes: axes, .each(places), from: (0, 0))],
      stages: [
        Stage(
          "value", inputs: [.init(.input(node.inputIndex("of")!), taking: over)], axes: axes,
          outputs: [.each(places)],
          kernel: { call in
            let parts = call.input(0).map(Gradient.init)
            let used = parts.filter { $0.rows > 0 }.map { part in
              ReductionPlace(
                sum: UnsafeBufferPointer(start: part.sum.floats, count: part.sum.count),
                rows: part.rows)
            }
            let result = call.outputs[0].tensors[0]
            let buffer = UnsafeMutableBufferPointer(start: result.floats, count: result.count)
            if used.isEmpty {
              buffer.update(repeating: 0)
            } else {
              reduction.reduce(used, into: buffer)
            }
            let rows = parts.reduce(0) { $0 + $1.rows }
            let loss = parts.reduce(0) { $0 + $1.lossSum }
            Gradient.store(
              rows > 0 ? loss / Double(rows) : 0, weight: 1, in: call.outputs[0].tensors[1])
            call.outputs[0].rows = rows
          })
      ])
  }

  // MARK: Kernels

  /// One task of the tree: adds its inputs, or takes the greatest, and at the root makes a mean of them.
  private static func fold(_ call: inout KernelCall, kind: String, places: Int, isGradient: Bool) {
    let parts = call.input(0)
    let rows = parts.reduce(0) { $0 + $1.rows }
    for (number, target) in call.outputs[0].tensors.enumerated() {
      if target.type == .float32 {
        // What has rows can be shorter than its greatest shape.
        let count = parts.map { $0.tensors[number].count }.max() ?? 0
        let inputs = parts.map { UnsafePointer($0.tensors[number].floats) }
        if kind == "max" {
          greatest(inputs, count: count, into: target.floats)
        } else {
          sum(inputs, count: count, into: target.floats)
        }
        guard call.isRoot && kind == "mean" else { continue }
        let divisor = isGradient ? parts.reduce(0) { $0 + Gradient($1).weight } : Double(places)
        let factor = divisor > 0 ? Float(1 / divisor) : 0
        if factor != 1 { scale(target.floats, by: factor, count: count, into: target.floats) }
      } else {
        let sums = target.unsafeBase.assumingMemoryBound(to: Double.self)
        for element in 0..<target.count {
          let numbers = parts.map { $0.tensors[number].doubles()[element] }
          sums[element] = kind == "max" ? numbers.max() ?? 0 : numbers.reduce(0, +)
        }
        guard call.isRoot else { continue }
        if isGradient {
          let weight = sums[1]
          if kind == "mean" { sums[0] = weight > 0 ? sums[0] / weight : 0 }
          sums[1] = 1
        } else if kind == "mean" {
          for element in 0..<target.count { sums[element] /= Double(places) }
        }
      }
    }
    call.outputs[0].rows = rows
    trim(&call.outputs[0], like: parts.first)
  }

  /// Predictions have as many rows as what they come from.
  private static func trim(_ value: inout Value, like part: Value?) {
    guard let part else { return }
    for (number, tensor) in value.tensors.enumerated()
    where tensor.shape != part.tensors[number].shape {
      value.tensors[number] = tensor.rows(0..<part.tensors[number].shape[0])
    }
    value.attachment = part.attachment
  }

  /// Σ weight · value / Σ weight.
  private static let weightedMean: Kernel = { call in
    let parts = call.input(0)
    let weights = call.input(1).map { $0.tensors[0].doubles()[0] }
    let total = weights.reduce(0, +)
    guard total > 0, weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw KernelError("the weights of a mean must be finite, at least 0 and not all 0")
    }
    let shares = weights.map { Float($0 / total) }
    for (number, target) in call.outputs[0].tensors.enumerated() {
      guard target.type == .float32 else {
        let sums = target.unsafeBase.assumingMemoryBound(to: Double.self)
        for element in 0..<target.count {
          sums[element] = zip(parts, weights).reduce(0) {
            $0 + $1.0.tensors[number].doubles()[element] * $1.1 / total
          }
        }
        continue
      }
      GlissadeKernels.combine(
        parts.map { UnsafePointer($0.tensors[number].floats) }, weights: shares,
        count: target.count,
        into: target.floats)
    }
    call.outputs[0].rows = parts.reduce(0) { $0 + $1.rows }
  }

  /// A mean wants one weight for each value, and knows no others.
  private static func checkWeights(
    _ weights: NodeInput, _ of: NodeInput, _ over: [String], _ node: borrowing NodeContext
  ) throws {
    let hasAll = of.axes.allSatisfy { !over.contains($0.name) || weights.axes.contains($0) }
    guard hasAll, weights.axes.allSatisfy({ of.axes.contains($0) }) else {
      throw node.error(
        "'weights' is \(weights.axes.phrase), and 'of' is \(of.axes.phrase): there must be a weight for each value over \(over.joined(separator: ", "))",
        at: "weights")
    }
  }

  private static let norm: Kernel = { call in
    var total = 0.0
    for part in call.input(0) {
      let tensor = part.tensors[0]
      if tensor.type == .float32 {
        total += totalSquares(tensor.floats, count: tensor.count)
      } else {
        for number in tensor.doubles() { total += number * number }
      }
    }
    let result = call.outputs[0].tensors[0].unsafeBase.assumingMemoryBound(to: Double.self)
    result[0] = total.squareRoot()
    result[1] = Double(call.step + 1)
  }
}
