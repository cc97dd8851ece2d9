internal import GlissadeGraph

/// The graph that `glissade new` begins with: small, commented, and right as soon as its data is there.
public enum StartingGraph {
  /// Whether a text may name a graph: 1 to 128 letters, digits, `-`, `_` and dots, and no dot in front.
  public static func isGraphName(_ text: String) -> Bool {
    OutlineReader.graphName(AttributeValue(.text(text))) != nil
  }

  /// Where the labels of the rows are.
  public enum Labels: Sendable, Hashable {
    /// In a column of the data, which is CSV.
    case column(String)
    /// In the column of a number, from 0.
    case numbered(Int)
    /// In a file of their own, beside data in IDX or NPY.
    case file(String)

    fileprivate var line: String {
      switch self {
      case .column(let name): "label: \(YAMLText.scalar(name))"
      case .numbered(let index): "label: \(index)"
      case .file(let path): "labels: \(YAMLText.scalar(path))"
      }
    }
  }

  /// A classifier of the rows of data files, as YAML.
  ///
  /// - Parameters:
  ///   - name: The name of the graph, one that `isGraphName` allows.
  ///   - data: The file, from the directory of the graph.
  ///   - labels: What is to be predicted.
  public static func yaml(name: String, data: String, labels: Labels) -> String {
    """
    # A classifier of the rows of a table, trained by gradient descent. Change what differs in your case:
    # `source` and `\(labels.line.prefix { $0 != ":" })` name the data, `model` the model, `optimizer` how it learns.
    #
    #   glissade check \(name).yaml      finds what is wrong, with line and column
    #   glissade plan \(name).yaml       says what it costs
    #   glissade run \(name).yaml        trains; the result goes to runs/\(name)
    #   glissade ops                     lists the operations with all that they can be told
    glissade: 1
    name: \(YAMLText.scalar(name))
    # Every random number depends on the seed: the same graph and seed give the same bits.
    seed: 7

    nodes:
      # The rows of the data, shuffled and divided among four places, which work side by side.
      # A fifth of them is held out: the ports rows.train and rows.holdout.
      rows:
        op: shard
        source: \(YAMLText.scalar(data))
        \(labels.line)
        shuffle: true
        holdout: { fraction: 0.2 }
        count: 4

      # Each column gets mean 0 and variance 1, by the training rows alone. The model file remembers it.
      train:   { op: scale, of: rows.train, by: standard }
      test:    { op: scale, of: rows.holdout, like: train }

      # The rows of a step, over all places.
      batch:   { op: batch, of: train, size: 64 }

      # Also: logistic for two classes, linear for numbers, { kind: mlp, hidden: [64] } for a network.
      weights: { op: parameters, model: softmax }

      # A gradient at each place, added up through a fixed tree, then one update.
      grad:    { op: gradient, at: weights, data: batch }
      mean:    { op: reduce, of: grad, over: rows, by: mean }
      step:    { op: update, of: weights, with: mean, optimizer: { kind: momentum, rate: 0.1, momentum: 0.9 } }

      # After each epoch, on the rows held out. For numbers: metrics: [rmse, r2].
      score:   { op: evaluate, at: weights, data: test, metrics: [accuracy, loss], every: { epochs: 1 } }

    run:
      until: { epochs: 20 }
      # Ends early where five epochs in a row bring nothing better.
      stop: { when: score.accuracy, best: greatest, patience: 5 }

    outputs:
      # The version with the best score, not the last.
      weights: { file: \(YAMLText.scalar(name + ".safetensors")), version: best }

    """
  }
}
