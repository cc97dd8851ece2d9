import GlissadeGraph
import GlissadeOperations

extension PlanReport.Balance {
  /// The balance of all batches, and of the rows that gradients read without one, in the order of the graph.
  static func all(of graph: Graph) -> [PlanReport.Balance] { all(of: graph, in: "", until: nil) }

  /// Recursion goes as deep as bodies nest.
  ///
  /// - Parameters:
  ///   - body: The node that the graph is the body of, with a dot.
  ///   - until: How long the body runs in a step.
  private static func all(
    of graph: Graph, in body: String, until: AttributeValue?
  ) -> [PlanReport.Balance] {
    var found: [PlanReport.Balance] = []
    for node in graph.nodes {
      if let batch = PlanReport.Balance(node, named: body + node.name, until: until) {
        found.append(batch)
      }
      if let inner = node.body {
        found += all(
          of: inner, in: body + node.name + ".", until: node.description["until"])
      }
      guard node.shape.ports[0].specs.kind == .gradient else { continue }
      for input in node.inputs {
        guard input.specs.kind == .rows,
          input.node < 0 || graph.nodes[input.node].shape.epochSteps == nil,
          let facts = input.spec.facts as? RowFacts, facts.batchSize == nil
        else { continue }
        let name = input.port == "value" ? input.nodeName : "\(input.nodeName).\(input.port)"
        guard !found.contains(where: { $0.node == name }), let held = facts.held(input.axes)
        else { continue }
        found.append(PlanReport.Balance(name, held, axes: input.axes))
      }
    }
    return found
  }

  /// The balance of places whose rows are known.
  private init(_ name: String, _ rows: [Double], axes: [Axis], fullest: Double? = nil) {
    let mean = rows.reduce(0, +) / Double(max(1, rows.count))
    let fullest = fullest ?? rows.max() ?? 0
    self.init(
      node: name, rows: rows, places: rows.indices.map { axes.placePhrase($0) }, fullest: fullest,
      loss: fullest > 0 ? max(0, 1 - mean / fullest) : 0)
  }

  /// The balance of a batch; nil for every other node.
  ///
  /// A body that runs for epochs takes all rows of each place so many times, one that runs for steps as many batches.
  ///
  /// A batch of a step draws its rows over all places, so the rows of one place are hypergeometric: of all rows N the
  /// place holds r, and n are drawn, which gives n · r / N on average and a variance of n · q · (1 − q) · (N − n) / (N − 1)
  /// with q = r / N. The fullest of the places is estimated as if they were normal and independent.
  private init?(
    _ node: Graph.Node, named name: @autoclosure () -> String, until: AttributeValue?
  ) {
    guard node.shape.epochSteps != nil, let port = node.shape.ports.first,
      let facts = port.specs.first.facts as? RowFacts, let held = facts.held(port.axes)
    else { return nil }
    if let epochs = until?["epochs"]?.number {
      self.init(name(), held.map { $0 * epochs }, axes: port.axes)
      return
    }
    let trips = until?["steps"]?.number ?? 1
    let count = held.count
    let total = Double(facts.totalRows)
    let drawn = Double(facts.batchSize ?? facts.totalRows)
    let perPlace = node.description["per"]?.text == "place"
    var rows: [Double] = []
    var deviations: [Double] = []
    for own in held {
      if perPlace {
        rows.append(trips * min(drawn, own))
        deviations.append(0)
      } else {
        let share = total > 0 ? own / total : 0
        let left = total > 1 ? (total - drawn) / (total - 1) : 0
        rows.append(trips * drawn * share)
        deviations.append((trips * drawn * share * (1 - share) * max(0, left)).squareRoot())
      }
    }
    // Rows are whole: one place has at least their mean, rounded up.
    let least = perPlace ? 0 : (trips * drawn / Double(count)).rounded(.up)
    self.init(
      name(), rows, axes: port.axes, fullest: max(least, Self.expectedMaximum(rows, deviations)))
  }

  /// E max of independent normal variables: low + ∫ (1 − Π F) over what lies above `low`, by the midpoint rule.
  private static func expectedMaximum(_ means: [Double], _ deviations: [Double]) -> Double {
    var low = 0.0
    var high = 0.0
    var kinds: [Kind: Int] = [:]
    for (mean, deviation) in zip(means, deviations) {
      low = max(low, mean - 8 * deviation)
      high = max(high, mean + 8 * deviation)
      kinds[Kind(mean: mean, deviation: deviation), default: 0] += 1
    }
    guard high > low else { return high }
    // In a fixed order, so that two reports are equal to the last bit; at most the fullest 256 kinds matter.
    let sorted = kinds.sorted { ($0.key.mean, $0.key.deviation) > ($1.key.mean, $1.key.deviation) }
      .prefix(256)
    let normal = NormalDistribution()
    let points = 1_024
    let width = (high - low) / Double(points)
    var sum = 0.0
    for point in 0..<points {
      let x = low + (Double(point) + 0.5) * width
      var product = 1.0
      for (kind, count) in sorted {
        let below =
          kind.deviation > 0
          ? normal.below((x - kind.mean) / kind.deviation) : x < kind.mean ? 0 : 1
        product *= power(below, count)
      }
      sum += (1 - product) * width
    }
    return low + sum
  }

  /// base^exponent by repeated squaring.
  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest % 2 == 1 { result *= square }
      square *= square
      rest /= 2
    }
    return result
  }

  private struct Kind: Hashable {
    var mean: Double
    var deviation: Double
  }
}

extension RowFacts {
  /// The rows of each place of a family; nil where they are divided otherwise.
  fileprivate func held(_ axes: [Axis]) -> [Double]? {
    guard starts.count == max(1, axes.placeCount) + 1 else { return nil }
    return (0..<starts.count - 1).map { Double(starts[$0 + 1] - starts[$0]) }
  }
}

/// The standard normal distribution as a table of steps of 1/64 up to 8, which needs no library of functions.
private struct NormalDistribution {
  /// By 64 · z, the probability between 0 and z.
  private var table: [Double] = [0]

  init() {
    // q = exp(−(1/64)² / 2), so that q^(k²) is exp(−z² / 2) at z = k / 64; from k to k + 1 the power grows by 2 k + 1.
    let q = 0.9998779371377774
    let scale = 0.006233473131272386
    var density = 1.0
    var ratio = q
    for _ in 0..<512 {
      let next = density * ratio
      table.append(table[table.count - 1] + scale * (density + next) / 2)
      density = next
      ratio *= q * q
    }
  }

  /// The probability of less than z; linear between the entries, so that the error stays below 10⁻⁵.
  func below(_ z: Double) -> Double {
    let position = min(abs(z) * 64, 511.999)
    let index = Int(position)
    let part = table[index] + (table[index + 1] - table[index]) * (position - Double(index))
    return z < 0 ? max(0, 0.5 - part) : min(1, 0.5 + part)
  }
}
