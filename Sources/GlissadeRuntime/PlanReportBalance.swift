import GlissadeGraph
import GlissadeOperations
import Glibc

extension PlanReport.Balance {
  /// The balance of a batch; nil for every other node.
  ///
  /// A batch of a step draws its rows over all places, so the rows of one place are hypergeometric: of all rows N the
  /// place holds r, and n are drawn, which gives n · r / N on average and a variance of n · q · (1 − q) · (N − n) / (N − 1)
  /// with q = r / N. The fullest of the places is estimated as if they were normal and independent.
  init?(_ node: Graph.Node) {
    guard node.shape.epochSteps != nil, let port = node.shape.ports.first,
      let facts = port.specs.first.facts as? RowFacts
    else { return nil }
    let count = max(1, port.axes.placeCount)
    guard facts.starts.count == count + 1 else { return nil }
    let held = (0..<count).map { Double(facts.starts[$0 + 1] - facts.starts[$0]) }
    let total = Double(facts.totalRows)
    let drawn = Double(facts.batchSize ?? facts.totalRows)
    let perPlace = node.description["per"]?.text == "place"
    var rows: [Double] = []
    var deviations: [Double] = []
    for own in held {
      if perPlace {
        rows.append(min(drawn, own))
        deviations.append(0)
      } else {
        let share = total > 0 ? own / total : 0
        let left = total > 1 ? (total - drawn) / (total - 1) : 0
        rows.append(drawn * share)
        deviations.append((drawn * share * (1 - share) * max(0, left)).squareRoot())
      }
    }
    let fullest = Self.expectedMaximum(rows, deviations)
    let mean = rows.reduce(0, +) / Double(count)
    self.init(
      node: node.name, rows: rows, places: (0..<count).map { port.axes.placePhrase($0) },
      fullest: fullest, loss: fullest > 0 ? max(0, 1 - mean / fullest) : 0)
  }

  /// E max of independent normal variables: low + ∫ (1 − Π F) over what lies above `low`, by the midpoint rule.
  private static func expectedMaximum(_ means: [Double], _ deviations: [Double]) -> Double {
    var low = 0.0
    var high = 0.0
    var kinds: [Kind: Double] = [:]
    for (mean, deviation) in zip(means, deviations) {
      low = max(low, mean - 8 * deviation)
      high = max(high, mean + 8 * deviation)
      kinds[Kind(mean: mean, deviation: deviation), default: 0] += 1
    }
    guard high > low else { return high }
    // In a fixed order, so that two reports are equal to the last bit; at most the fullest 256 kinds matter.
    let sorted = kinds.sorted { ($0.key.mean, $0.key.deviation) > ($1.key.mean, $1.key.deviation) }
    let points = 1_024
    let width = (high - low) / Double(points)
    var sum = 0.0
    for point in 0..<points {
      let x = low + (Double(point) + 0.5) * width
      var logarithm = 0.0
      for (kind, count) in sorted.prefix(256) where kind.deviation > 0 {
        let below = 0.5 * erfc((kind.mean - x) / kind.deviation / 2.0.squareRoot())
        logarithm += count * log(below)
      }
      if sorted.prefix(256).contains(where: { $0.key.deviation == 0 && $0.key.mean > x }) {
        logarithm = -.infinity
      }
      sum += (1 - exp(logarithm)) * width
    }
    return low + sum
  }

  private struct Kind: Hashable {
    var mean: Double
    var deviation: Double
  }
}
