import GlissadeTensor

/// LeNet-5 with maximum pooling.
///
/// Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to
/// document recognition", Proceedings of the IEEE, 1998.
///
/// ```
/// [c, h, w] ─ conv 5×5, 6, padded by 2 ─ pool 2 ─ conv 5×5, 16 ─ pool 2 ─ dense 120 ─ dense 84 ─ dense outputs
/// ```
enum LeNetLayout {
  static func make(inputShape: [Int], outputs: Int) throws(ModelError) -> TensorLayout {
    let image = try ImageShape(inputShape, for: "lenet")
    guard image.height >= 12, image.width >= 12 else {
      throw .invalid(
        "a lenet model needs images of 12×12 at least, and these are \(image.height)×\(image.width)"
      )
    }
    let height = (image.height / 2 - 4) / 2
    let width = (image.width / 2 - 4) / 2
    let (area, overflow) = height.multipliedReportingOverflow(by: width)
    guard !overflow, area <= Int.max / 16 else {
      throw .invalid("images of \(image.height)×\(image.width) have too many pixels")
    }
    var builder = LayoutBuilder()
    try builder.append("conv.0.weight", [6, image.channels, 5, 5], .weight)
    try builder.append("conv.0.bias", [6], .bias)
    try builder.append("conv.1.weight", [16, 6, 5, 5], .weight)
    try builder.append("conv.1.bias", [16], .bias)
    try builder.dense("dense.0", inputs: 16 * area, outputs: 120)
    try builder.dense("dense.1", inputs: 120, outputs: 84)
    try builder.dense("dense.2", inputs: 84, outputs: outputs)
    return builder.layout
  }
}
