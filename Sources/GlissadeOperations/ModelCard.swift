import GlissadeData
package import GlissadeGraph
import GlissadeKernels
package import GlissadeModels
package import GlissadeTensor

/// What a model file says of its model besides the tensors: enough to predict with it on new data.
package struct ModelCard: Sendable {
  /// Which model.
  package var model: ModelDescription
  /// What it knows of its data.
  package var schema: DataSchema
  /// How its data is scaled.
  package var scaling: ModelFacts.Scaling?

  /// The names of the tensors that hold the scaling.
  package static let multiplierName = "scale.multiplier"
  /// As `multiplierName`.
  package static let offsetName = "scale.offset"

  /// A card.
  package init(model: ModelDescription, schema: DataSchema, scaling: ModelFacts.Scaling?) {
    self.model = model
    self.schema = schema
    self.scaling = scaling
  }

  /// The entries of the file's metadata.
  package var metadata: [String: String] {
    var result = [
      "glissade.model": model.kind,
      "glissade.input_shape": ModelCard.list(schema.inputShape.map(String.init)),
      "glissade.columns": ModelCard.list(schema.columns.map(JSONValue.quoted)),
      "glissade.classes": ModelCard.list(schema.classes.map(JSONValue.quoted)),
      "glissade.target": schema.target.rawValue,
    ]
    if let label = schema.label { result["glissade.label"] = label }
    if case .mlp(let hidden, let activation) = model {
      result["glissade.hidden"] = ModelCard.list(hidden.map(String.init))
      result["glissade.activation"] = activation.rawValue
    }
    return result
  }

  /// The card that a file's metadata and tensors make.
  ///
  /// - Throws: `KernelError` that says which entry is missing or wrong.
  package init(metadata: [String: String], tensors: [(name: String, tensor: Tensor)])
    throws(KernelError)
  {
    func text(_ key: String) throws(KernelError) -> String {
      guard let value = metadata["glissade." + key] else {
        throw KernelError(
          "its metadata has no entry 'glissade.\(key)': it was not written by Glissade")
      }
      return value
    }
    func integers(_ key: String) throws(KernelError) -> [Int] {
      try ModelCard.items(text(key), key: key).map { item throws(KernelError) in
        guard case .integer(let number) = item else {
          throw KernelError("the entry 'glissade.\(key)' holds something else than whole numbers")
        }
        return number
      }
    }
    func texts(_ key: String) throws(KernelError) -> [String] {
      try ModelCard.items(text(key), key: key).map { item throws(KernelError) in
        guard case .string(let text) = item else {
          throw KernelError("the entry 'glissade.\(key)' holds something else than texts")
        }
        return text
      }
    }
    switch try text("model") {
    case "linear": model = .linear
    case "logistic": model = .logistic
    case "softmax": model = .softmax
    case "mlp":
      let word = metadata["glissade.activation"] ?? "relu"
      guard let activation = Activation(rawValue: word) else {
        throw KernelError("the entry 'glissade.activation' names no activation: '\(escaped(word))'")
      }
      model = .mlp(hidden: try integers("hidden"), activation: activation)
    case let other:
      throw KernelError(
        "the entry 'glissade.model' names no model that is known: '\(escaped(other))'")
    }
    guard let target = DataSchema.Target(rawValue: try text("target")) else {
      throw KernelError("the entry 'glissade.target' is not one of none, classes, number, tokens")
    }
    schema = DataSchema(
      inputShape: try integers("input_shape"), columns: try texts("columns"), target: target,
      label: metadata["glissade.label"], classes: try texts("classes"))
    func column(_ name: String) -> [Float]? {
      tensors.first { $0.name == name && $0.tensor.type == .float32 }?.tensor.elements(
        of: Float.self)
    }
    if let multiplier = column(ModelCard.multiplierName), let offset = column(ModelCard.offsetName)
    {
      guard multiplier.count == offset.count,
        multiplier.count == 1 || multiplier.count == schema.featureCount
      else {
        throw KernelError(
          "its scaling has \(multiplier.count) columns for \(schema.featureCount) features")
      }
      scaling = ModelFacts.Scaling(multiplier: multiplier, offset: offset)
    }
  }

  private static func list(_ items: [String]) -> String {
    "[" + items.joined(separator: ",") + "]"
  }

  private static func items(_ text: String, key: String) throws(KernelError) -> [JSONValue] {
    do throws(JSONError) {
      if case .array(let items) = try JSONParser.parse(Array(text.utf8)[...]) { return items }
    } catch {
      throw KernelError("the entry 'glissade.\(key)' is not JSON: \(error.message)")
    }
    throw KernelError("the entry 'glissade.\(key)' is not a list")
  }
}
