import GlissadeTensor

/// A decoder-only transformer with norms before each part.
///
/// A. Radford et al., "Language models are unsupervised
/// multitask learners", 2019.
///
/// A row is a context of token codes; the outputs are the vocabulary. The head is tied: it is `token.weight` again.
enum GPTLayout {
  static func make(
    layers: Int, heads: Int, width: Int, inputShape: [Int], outputs: Int
  ) throws(ModelError) -> TensorLayout {
    try LayoutBuilder.check(layers, "layers")
    try LayoutBuilder.check(heads, "heads")
    guard width > 0, width % heads == 0, width <= Int(Int32.max) / 4 else {
      throw .invalid("a width of \(width) cannot be shared by \(heads) heads")
    }
    guard inputShape.count == 1 else {
      throw .invalid("a gpt model reads rows of [context] tokens, and a row is \(inputShape)")
    }
    var builder = LayoutBuilder()
    try builder.append("token.weight", [outputs, width], .embedding)
    try builder.append("position.weight", [inputShape[0], width], .embedding)
    for layer in 0..<layers {
      let name = "block.\(layer)"
      try builder.norm("\(name).norm.0", width: width)
      try builder.dense("\(name).attention.qkv", inputs: width, outputs: 3 * width)
      try builder.dense("\(name).attention.projection", inputs: width, outputs: width)
      try builder.norm("\(name).norm.1", width: width)
      try builder.dense("\(name).mlp.0", inputs: width, outputs: 4 * width)
      try builder.dense("\(name).mlp.1", inputs: 4 * width, outputs: width)
    }
    try builder.norm("final.norm", width: width)
    return builder.layout
  }
}
