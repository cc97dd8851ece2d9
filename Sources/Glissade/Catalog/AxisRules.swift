/// What the built-in operations do with axes, in a sentence each.
///
/// The rules themselves are code, in each operation's `infer`; these are their words.
enum AxisRules {
  /// The rule of an operation; nil for one that a program registered, whose code alone knows.
  static func sentence(for operation: String) -> String? { sentences[operation] }

  private static let sentences = [
    "shard":
      "Makes the axes of 'axes', or with 'count' one of its own name; rows are divided among their places.",
    "batch": "Keeps the axes of 'of'.",
    "scale": "Keeps the axes of 'of'; statistics are taken over all of them, and are single.",
    "parameters":
      "Has the axes of 'axes', those of 'initial', and those that its next version brings; an axis 'block' divides each model.",
    "gradient":
      "Has the axes of 'at' and of 'data': equal names meet place by place, others in every pair. An axis 'block' of 'at' is taken whole, and the result is given per block.",
    "reduce":
      "Takes the axes 'over' whole, all of 'of' where it is left out, and keeps the others.",
    "update":
      "Has the axes of 'of' and of 'with', without those of 'over'; its state has the same.",
    "evaluate":
      "Takes the axes of 'data' whole and keeps those of the model, or of the predictions, that are left; 'block' is taken whole.",
    "predict": "Has the axes of 'at' and of 'data'; an axis 'block' of 'at' is taken whole.",
    "combine":
      "Has the axes of all terms: a term without one of them is the same at all its places.",
    "mix": "Keeps the axes of 'of', and combines along 'over'.",
    "sample": "Keeps the axes of 'of', but 'over' becomes a smaller axis of the node's own name.",
    "repeat": "Each port has the axes of what it yields.",
    "margin": "Has the axes of 'data' and of 'at'.",
    "residual": "Has the axes of 'of' and of 'data'.",
  ]
}
