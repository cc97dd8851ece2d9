public import GlissadeGraph
public import GlissadeModels
import GlissadeTensor

/// The axis that splits parameters into ranges of their buffer; every other axis of parameters counts models.
let blockAxis = "block"

/// What is known of parameters and their gradients before the run.
///
/// One pointer to parts that never change: facts stand in the specs of many values of many nodes.
public struct ModelFacts: ValueFacts {
  private struct Parts: Sendable {
    let network: Network
    let schema: DataSchema
    var range: Range<Int>
    var penalty: Penalty?
    let scaledBy: String?
    let scaling: Scaling?
  }

  private final class Shared: Sendable {
    let parts: Parts
    init(_ parts: Parts) { self.parts = parts }
  }

  private var shared: Shared

  init(
    network: Network, schema: DataSchema, range: Range<Int>, penalty: Penalty?, scaledBy: String?,
    scaling: Scaling?
  ) {
    shared = Shared(
      Parts(
        network: network, schema: schema, range: range, penalty: penalty, scaledBy: scaledBy,
        scaling: scaling))
  }

  private mutating func change(_ body: (inout Parts) -> Void) {
    var parts = shared.parts
    body(&parts)
    shared = Shared(parts)
  }

  /// The model with its shapes.
  public var network: Network { shared.parts.network }
  /// What it knows of its data.
  public var schema: DataSchema { shared.parts.schema }
  /// The elements of the network's layout that a place holds: all of them without blocks.
  public var range: Range<Int> {
    get { shared.parts.range }
    set { change { $0.range = newValue } }
  }
  /// What large parameters cost.
  public var penalty: Penalty? {
    get { shared.parts.penalty }
    set { change { $0.penalty = newValue } }
  }
  /// The `scale` node whose statistics belong to the model.
  public var scaledBy: String? { shared.parts.scaledBy }
  /// The scaling that a model file brought.
  public var scaling: Scaling? { shared.parts.scaling }

  /// The multiplier and the offset of each column, or one of all.
  public struct Scaling: Sendable, Hashable {
    /// What features are multiplied by.
    public var multiplier: [Float]
    /// What is added then.
    public var offset: [Float]

    /// A scaling from its parts.
    package init(multiplier: [Float], offset: [Float]) {
      self.multiplier = multiplier
      self.offset = offset
    }
  }

  /// In a few words: `mlp, 535818 parameters`.
  public var summary: String {
    "\(network.model.kind), \(network.layout.parameterCount) parameters"
  }

  /// The number of classes, or nil for numbers.
  var classes: Int? {
    schema.target == .classes || schema.target == .tokens ? schema.classes.count : nil
  }

  /// The spec of the parameters at a place.
  var spec: ValueSpec {
    ValueSpec(.parameters, [TensorSpec("parameters", .float32, Shape(range.count))], facts: self)
  }

  /// The spec of a gradient: the sum over rows, and the loss's sum with what both are to be divided by.
  var gradientSpec: ValueSpec {
    ValueSpec(
      .gradient,
      [TensorSpec("sum", .float32, Shape(range.count)), TensorSpec("loss", .float64, Shape(2))],
      facts: self)
  }

  /// The same, for the whole of the parameters.
  var whole: ModelFacts {
    let whole = 0..<network.layout.count
    guard range != whole else { return self }
    var facts = self
    facts.range = whole
    return facts
  }
}

extension NodeInput {
  /// What is known of the parameters or gradient that this input gives.
  var modelFacts: ModelFacts? { spec.facts as? ModelFacts }

  /// The facts at a place of a family.
  func modelFacts(at place: Int) -> ModelFacts? { specs[place].facts as? ModelFacts }
}

/// A gradient's record: how its tensors are read and written.
struct Gradient {
  /// The sum over rows, or the mean.
  var sum: Tensor
  /// Two Float64: the loss's sum, or mean; and what a sum is to be divided by: its rows, or 1 for a mean.
  var loss: Tensor
  var rows: Int

  init(_ value: Value) {
    sum = value.tensors[0]
    loss = value.tensors[1]
    rows = value.rows
  }

  var lossSum: Double { loss.withElements(of: Double.self) { $0[0] } }
  var weight: Double { loss.withElements(of: Double.self) { $0[1] } }

  static func store(_ loss: Double, weight: Double, in tensor: Tensor) {
    let target = tensor.unsafeBase.assumingMemoryBound(to: Double.self)
    target[0] = loss
    target[1] = weight
  }
}

extension Tensor {
  /// The elements of a tensor of Float32, while the tensor is held.
  var floats: UnsafeMutablePointer<Float> {
    precondition(type == .float32, "\(type) read as float32")
    return unsafeBase.assumingMemoryBound(to: Float.self)
  }
}

/// A stage that puts blocks of parameters together, where there are any: what reads the whole model reads that.
struct WholeModel {
  /// The axes without blocks.
  let axes: [Axis]
  /// The stages to put first: one that joins, or none.
  let stages: [Stage]
  /// What a later stage reads.
  let source: Stage.Source
  /// The facts of the whole model at each place of `axes`.
  let facts: [ModelFacts]

  init(_ input: NodeInput, index: Int) {
    let axes = input.axes.filter { $0.name != blockAxis }
    self.axes = axes
    let hasBlocks = axes.count < input.axes.count
    let places = input.axes
    facts = (0..<axes.placeCount).compactMap { place in
      // The first block of the place tells what all of them share.
      let coordinates = axes.coordinates(of: place)
      let first = places.reduce(0) { sum, axis in
        let position = axes.firstIndex { $0.name == axis.name }
        return sum * axis.size + (position.map { coordinates[$0] } ?? 0)
      }
      return input.modelFacts(at: first)?.whole
    }
    guard hasBlocks else {
      stages = []
      source = .input(index)
      return
    }
    stages = [
      Stage(
        "join", inputs: [.init(.input(index), taking: [blockAxis])], axes: axes,
        outputs: [.each(facts.map(\.spec))],
        kernel: { call in
          var target = call.outputs[0].tensors[0].floats
          for block in call.input(0) {
            let tensor = block.tensors[0]
            target.update(from: tensor.floats, count: tensor.count)
            target += tensor.count
          }
        })
    ]
    source = .stage(0, output: 0)
  }
}
