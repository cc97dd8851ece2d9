import Glissade

/// The golden graphs in Swift, by the name of their file; `DSLGoldenTests` holds them against the files.
enum GoldenGraphs {
  static let all: [(name: String, graph: TrainingGraph)] = [
    ("a-data-parallel", dataParallel), ("b-federated", federated), ("c-partitioned", partitioned),
    ("d-stale", stale), ("e-mutual", mutual), ("f-gpt", gpt), ("g-inference", inference),
    ("h-custom-reduce", customReduce),
  ]

  private static let fashion = "../data/fashion6k/"

  static let dataParallel = TrainingGraph("data-parallel", seed: 7) {
    let train = Shard(
      "train", source: "../data/digits.csv", label: "label", select: .rows(0..<1437), count: 4)
    let test = Shard(
      "test", source: "../data/digits.csv", like: train, select: .rows(1437..<1797), count: 2)
    let batch = Batch("batch", of: train, size: 64)
    let weights = Parameters("weights", model: .softmax)
    let grad = Gradient("grad", at: weights, data: batch, loss: .crossEntropy)
    let mean = Reduce("mean", of: grad, over: train, by: .mean)
    Update("step", of: weights, with: mean, optimizer: .sgd(rate: 0.1))
    Evaluate("score", at: weights, data: test, metrics: [.accuracy, .loss], every: .epochs(1))
    Until(.epochs(20))
    Output(weights, file: "digits.safetensors")
  }

  static let federated = TrainingGraph("federated", seed: 7) {
    let clients = Shard(
      "clients", source: fashion + "train-images-idx3-ubyte.gz",
      labels: fashion + "train-labels-idx1-ubyte.gz", split: .dirichlet(alpha: 0.1),
      axes: ["client": 100])
    let test = Shard(
      "test", source: fashion + "t10k-images-idx3-ubyte.gz",
      labels: fashion + "t10k-labels-idx1-ubyte.gz", like: clients, count: 2)
    let chosen = Sample("chosen", of: clients, over: clients, fraction: 0.1)
    let global = Parameters("global", model: .mlp(hidden: [200, 200]), next: "mean")
    let local = Repeat("local", until: .epochs(5, of: "batch")) {
      let batch = Batch("batch", of: chosen, size: 10, per: .place)
      let mine = Parameters("mine", initial: global)
      let grad = Gradient("grad", at: mine, data: batch, loss: .crossEntropy)
      Update("step", of: mine, with: grad, optimizer: .sgd(rate: 0.1))
      Yield("weights", mine)
      Yield("loss", grad.loss)
    }
    Reduce("mean", of: local.port("weights"), over: "chosen", by: .mean, weights: chosen.rows)
    let score = Evaluate("score", at: global, data: test, metrics: [.accuracy], every: .steps(5))
    Until(.steps(200))
    Stop(when: score.metric(.accuracy), reaches: 0.85)
    Output(global, file: "federated.safetensors")
  }

  static let partitioned = TrainingGraph("partitioned", seed: 7) {
    let train = Shard(
      "train", source: fashion + "train-images-idx3-ubyte.gz",
      labels: fashion + "train-labels-idx1-ubyte.gz", count: 4)
    let batch = Batch("batch", of: train, size: 256)
    let weights = Parameters("weights", model: .mlp(hidden: [512, 256]), axes: ["block": 4])
    let grad = Gradient("grad", at: weights, data: batch, loss: .crossEntropy)
    let mean = Reduce("mean", of: grad, over: train, by: .mean)
    let norm = Reduce("norm", of: mean, over: weights, by: .norm)
    let step = Update(
      "step", of: weights, with: mean, optimizer: .adam(rate: 0.001), clip: .norm(1.0, of: norm))
    Until(.epochs(5))
    Output(weights, file: "blocks.safetensors")
    Output(step.state, file: "blocks-adam.safetensors")
  }

  static let stale = TrainingGraph("stale", seed: 7) {
    let train = Shard(
      "train", source: "../data/digits.csv", label: "label", select: .rows(0..<1437), count: 4)
    let batch = Batch("batch", of: train, size: 16, per: .place)
    let weights = Parameters("weights", model: .softmax)
    let grad = Gradient("grad", at: weights, data: batch, loss: .crossEntropy)
    Update(
      "step", of: weights, with: grad, over: train, optimizer: .sgd(rate: 0.025), staleness: 3,
      reads: .newest, damping: .byAge)
    Until(.epochs(20, of: batch))
    Output(weights, file: "stale.safetensors")
  }
}
