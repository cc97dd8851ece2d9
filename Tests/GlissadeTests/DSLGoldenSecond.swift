import Glissade
import glissade_example

extension GoldenGraphs {
  private static let images = "../data/fashion6k/"

  static let mutual = TrainingGraph("mutual", seed: 7) {
    let train = Shard(
      "train", source: images + "train-images-idx3-ubyte.gz",
      labels: images + "train-labels-idx1-ubyte.gz", count: 2)
    let test = Shard(
      "test", source: images + "t10k-images-idx3-ubyte.gz",
      labels: images + "t10k-labels-idx1-ubyte.gz", like: train, count: 2)
    let batch = Batch("batch", of: train, size: 128)
    let weights = Parameters(
      "weights",
      model: [
        "small": .mlp(hidden: [256]), "conv": .kind("lenet"), "deep": .resnet(depth: 8),
      ], axes: ["model": ["small", "conv", "deep"]])
    let said = Predict(
      "said", at: weights, data: batch, gives: .probabilities, temperature: 2)
    let teacher = Mix("teacher", of: said, over: weights, by: .others)
    let grad = Gradient(
      "grad", at: weights, data: batch,
      loss: [.crossEntropy, .kl(to: teacher, temperature: 2, weight: 1.0, warmup: .steps(500))])
    let mean = Reduce("mean", of: grad, over: train, by: .mean)
    Update(
      "step", of: weights, with: mean,
      optimizer: .momentum(rate: ["small": 0.1, "conv": 0.05, "deep": 0.1], momentum: 0.9))
    let exam = Predict(
      "exam", at: weights, data: test, gives: .probabilities, every: .epochs(1))
    Evaluate("each", of: exam, data: test, metrics: [.accuracy])
    let vote = Reduce("vote", of: exam, over: "model", by: .mean)
    let all = Evaluate("all", of: vote, data: test, metrics: [.accuracy])
    Until(.epochs(10))
    Stop(when: all.metric(.accuracy), best: .greatest, patience: 3)
    Output(weights, file: "mutual-{model}.safetensors")
  }

  static let gpt = TrainingGraph("gpt", seed: 7) {
    let text = Shard(
      "text", source: "../data/shakespeare/input.txt", holdout: .fraction(0.1, from: .end),
      tokens: .characters, context: 128, count: 2)
    let batch = Batch("batch", of: text.train, size: 16, draw: .withReplacement)
    let weights = Parameters(
      "weights", model: .gpt(layers: 4, heads: 4, width: 128, dropout: 0.1))
    let grad = Gradient(
      "grad", at: weights, data: batch, loss: .crossEntropy, accumulate: 2)
    let mean = Reduce("mean", of: grad, over: text, by: .mean)
    Update(
      "step", of: weights, with: mean,
      optimizer: .adamw(rate: 0.0006, decay: 0.1, decayExcept: ["*.bias", "*.norm.*"]),
      schedule: .cosine(warmup: .steps(100), until: .steps(5000), floor: 0.00006),
      clip: .norm(1.0))
    let valid = Evaluate(
      "valid", at: weights, data: text.holdout, metrics: [.loss], most: 2000, every: .steps(250))
    Until(.steps(5000))
    Stop(when: valid.metric(.loss), best: .least, patience: 6)
    Checkpoint(every: .steps(500), keep: 3)
    Output(weights, file: "gpt.safetensors", version: .best)
  }

  static let inference = TrainingGraph("inference") {
    let model = Parameters("model", initial: "digits.safetensors")
    let rows = Shard(
      "rows", source: "../data/dig*.csv", like: model, keep: ["label"], placeRows: 65536)
    let said = Predict("said", at: model, data: rows, gives: [.class, .probabilities])
    Output(said, file: "scored.csv", with: ["label"], order: .source)
  }

  static let customReduce = TrainingGraph("custom-reduce", seed: 7) {
    Needs("acme.soft-median", version: 2)
    let train = Shard(
      "train", source: "../data/digits.csv", label: "label", select: .rows(0..<1437), count: 8)
    let batch = Batch("batch", of: train, size: 512)
    let weights = Parameters("weights", model: .softmax)
    let grad = Gradient("grad", at: weights, data: batch, loss: .crossEntropy)
    let robust = Reduce("robust", of: grad, over: train, by: .softMedian(sharpness: 4))
    Update("step", of: weights, with: robust, optimizer: .sgd(rate: 0.1))
    Until(.epochs(20))
  }
}
