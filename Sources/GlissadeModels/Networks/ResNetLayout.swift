import GlissadeTensor

/// The residual network for small images of depth 6 n + 2.
///
/// K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning
/// for image recognition", CVPR 2016, §4.2.
///
/// A stem of 16 channels; three stages of n blocks with 16, 32 and 64 channels, each block two convolutions of 3×3;
/// the mean over the image; one dense layer. Shortcuts have no parameters: where channels double, the new ones are
/// zero. Norms are over groups of a row's channels, since statistics over a batch would tie its rows together.
enum ResNetLayout {
  static func make(
    depth: Int, inputShape: [Int], outputs: Int
  ) throws(ModelError) -> TensorLayout {
    try LayoutBuilder.check(depth, "layers", least: 8)
    guard (depth - 2) % 6 == 0 else {
      throw .invalid("a resnet's depth is 6 n + 2 (8, 14, 20, 32, …), and \(depth) is not")
    }
    let image = try ImageShape(inputShape, for: "resnet")
    var builder = LayoutBuilder()
    try builder.append("stem.conv.weight", [16, image.channels, 3, 3], .weight)
    try builder.norm("stem.norm", width: 16)
    var inputs = 16
    for (stage, channels) in [16, 32, 64].enumerated() {
      for block in 0..<(depth - 2) / 6 {
        let name = "stage.\(stage).block.\(block)"
        try builder.append("\(name).conv.0.weight", [channels, inputs, 3, 3], .weight)
        try builder.norm("\(name).norm.0", width: channels)
        try builder.append("\(name).conv.1.weight", [channels, channels, 3, 3], .weight)
        try builder.norm("\(name).norm.1", width: channels)
        inputs = channels
      }
    }
    try builder.dense("dense.0", inputs: 64, outputs: outputs)
    return builder.layout
  }
}
