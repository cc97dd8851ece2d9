package import Glissade

/// Softmax regression on handwritten digits: one gradient a shard, their mean, one update.
///
/// - Parameter data: The directory of `digits.csv`.
package func digits(data: String, epochs: Int = 20) -> TrainingGraph {
  TrainingGraph("digits", seed: 7) {
    let train = Shard(
      "train", source: data + "/digits.csv", label: "label", select: .rows(0..<1437), count: 4)
    let test = Shard(
      "test", source: data + "/digits.csv", like: train, select: .rows(1437..<1797))
    let scaled = Scale("scaled", of: train, by: .constant(divisor: 16))
    let weights = Parameters("weights", model: .softmax)
    let mean = meanGradient(of: scaled, over: train, at: weights, batch: 64)
    Update("step", of: weights, with: mean, optimizer: .momentum(rate: 0.1, momentum: 0.9))
    let score = Evaluate(
      "score", at: weights, data: Scale("scaled-test", of: test, like: scaled),
      metrics: [.accuracy, .loss], every: .epochs(1))
    Until(.epochs(epochs))
    Stop(when: score.metric(.accuracy), best: .greatest, patience: 5)
    Output(weights, file: "digits.safetensors", version: .best)
  }
}

/// A part that graphs share: what it makes goes with the handle that it returns.
package func meanGradient(
  of rows: some GraphNode, over axis: Shard, at weights: Parameters, batch size: Int
) -> Reduce {
  let batch = Batch("batch", of: rows, size: size)
  let grad = Gradient("grad", at: weights, data: batch, loss: .crossEntropy)
  return Reduce("mean", of: grad, over: axis, by: .mean)
}

/// The same model with a reduction that this program registers; one graph with `golden/h-custom-reduce.yaml`.
///
/// - Parameter data: The directory of `digits.csv`.
package func robustDigits(data: String) -> TrainingGraph {
  TrainingGraph("custom-reduce", seed: 7) {
    Needs(SoftMedian.name, version: SoftMedian.version)
    let train = Shard(
      "train", source: data + "/digits.csv", label: "label", select: .rows(0..<1437), count: 8)
    let batch = Batch("batch", of: train, size: 512)
    let weights = Parameters("weights", model: .softmax)
    let grad = Gradient("grad", at: weights, data: batch, loss: .crossEntropy)
    let robust = Reduce("robust", of: grad, over: train, by: .softMedian(sharpness: 4))
    Update("step", of: weights, with: robust, optimizer: .sgd(rate: 0.1))
    Until(.epochs(20))
  }
}
