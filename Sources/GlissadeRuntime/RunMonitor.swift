import GlissadeGraph
import GlissadeTensor

/// What one evaluation gave.
public struct Evaluation: Sendable {
  /// The node.
  public let node: String
  /// The place, where the node has axes: `model=conv`; empty where it has none.
  public let place: String
  /// After how many steps it was made.
  public let step: Int
  /// The metrics in the order of the graph.
  public let metrics: [(name: String, value: Double)]

  /// The name under which a metric is reported: `score.accuracy`, `each[model=conv].accuracy`.
  public func key(_ metric: String) -> String {
    place.isEmpty ? "\(node).\(metric)" : "\(node)[\(place)].\(metric)"
  }
}

/// Watches a run from step to step: keeps what the run itself wants, and decides when it has seen enough. Pure: it reads
/// values and returns what it decides.
struct RunMonitor: Sendable {
  /// Metrics of one node at one place.
  private struct Watched: Sendable {
    var node: Int
    var place: Int
    var values: [(name: String, value: Int)]
    var period: Int
  }

  private let graph: Graph
  private var watched: [Watched] = []
  private var losses: [[Int]] = []
  /// Values that are wanted at the end.
  private let kept: [Int]
  private let steps: Int
  /// The step after which the run ends, whatever the graph says, from 1.
  private let last: Int?
  private let epochSteps: Int

  /// The newest version of each kept value.
  private(set) var latest: [Int: Value] = [:]
  /// The version of each kept value at the best evaluation.
  private(set) var best: (step: Int, value: Double, values: [Int: Value])?
  /// The evaluations.
  private(set) var evaluations: EvaluationHistory
  private var stale = 0
  private var hasStopped = false
  private var lossSum = 0.0
  private var lossRows = 0.0
  private(set) var lastLoss: Double?
  /// The mean training loss over the rows of the last epoch that was begun.
  var epochLoss: Double? { lossRows > 0 ? lossSum / lossRows : nil }

  init(_ plan: Plan, keeping ports: [Graph.PortReference] = [], through last: Int? = nil) {
    graph = plan.graph
    self.last = last
    steps = plan.steps
    epochSteps = plan.graph.run.epochSteps ?? 1
    kept = RunMonitor.keptValues(of: plan, keeping: ports)
    for (index, node) in graph.nodes.enumerated() {
      if node.operation.isReported {
        for place in 0..<node.shape.ports[0].axes.placeCount {
          let values = node.shape.ports.filter { $0.specs.kind == .number }.compactMap {
            port in
            plan.stepValue(of: index, port.name, place).map { (port.name, $0) }
          }
          guard !values.isEmpty else { continue }
          var period = 1
          if case .every(let every) = node.clock { period = every }
          watched.append(Watched(node: index, place: place, values: values, period: period))
        }
      }
      if node.operation.name == "gradient", let port = node.port("loss") {
        let values = (0..<port.axes.placeCount).compactMap { plan.stepValue(of: index, "loss", $0) }
        if !values.isEmpty { losses.append(values) }
      }
    }
    evaluations = EvaluationHistory(subjects: watched.count)
  }

  /// The values of which the newest version is kept for the end: of states, outputs and what is asked for besides.
  static func keptValues(of plan: Plan, keeping ports: [Graph.PortReference]) -> [Int] {
    var kept: Set<Int> = []
    for (index, node) in plan.graph.nodes.enumerated() where node.operation.isState {
      let port = node.shape.ports[0].name
      for place in 0..<node.shape.ports[0].axes.placeCount {
        plan.stepValue(of: index, port, place).map { _ = kept.insert($0) }
      }
    }
    for port in plan.graph.outputs.map(\.port) + ports {
      let places = plan.graph.nodes[port.node].port(port.port)?.axes.placeCount ?? 0
      for place in 0..<places {
        plan.stepValue(of: port.node, port.port, place).map { _ = kept.insert($0) }
      }
    }
    return kept.sorted()
  }

  /// Takes note of a complete step; gives the step after which to stop, once it is decided.
  mutating func completed(_ step: Int, read: (_ value: Int) -> Value?) -> Int? {
    // Steps behind the last one that counts may be complete already.
    if hasStopped { return nil }
    for value in kept { if let found = read(value) { latest[value] = found } }
    noteLoss(step, read)
    var stop = last.flatMap { step + 1 >= $0 ? step : nil }
    for (subject, watch) in watched.enumerated()
    where (step + 1) % watch.period == 0 || step + 1 == steps {
      let metrics = watch.values.compactMap { metric in
        read(metric.value).map { (name: metric.name, value: $0.tensors[0].doubles()[0]) }
      }
      guard metrics.count == watch.values.count else { continue }
      let axes = graph.nodes[watch.node].shape.ports[0].axes
      evaluations.note(
        Evaluation(
          node: graph.nodes[watch.node].name, place: axes.placePhrase(watch.place), step: step + 1,
          metrics: metrics), of: subject)
      guard let settings = graph.run.stop, settings.node == watch.node,
        let value = metrics.first(where: { $0.name == settings.metric })?.value
      else { continue }
      if decide(settings, value, step) { stop = step }
      hasStopped = stop != nil
    }
    return stop
  }

  private mutating func noteLoss(_ step: Int, _ read: (Int) -> Value?) {
    if step % epochSteps == 0 { (lossSum, lossRows) = (0, 0) }
    var stepSum = 0.0
    var stepRows = 0.0
    for values in losses {
      for value in values {
        guard let found = read(value), found.rows > 0 else { continue }
        let rows = Double(found.rows)
        stepSum += found.tensors[0].withElements(of: Double.self) { $0[0] } * rows
        stepRows += rows
      }
    }
    guard stepRows > 0 else { return }
    lossSum += stepSum
    lossRows += stepRows
    lastLoss = stepSum / stepRows
  }

  /// Whether the run has seen enough.
  private mutating func decide(_ settings: RunSettings.Stop, _ value: Double, _ step: Int) -> Bool {
    if let direction = settings.best {
      let isBetter: Bool =
        if let best {
          direction == .greatest
            ? value > best.value + settings.minimumChange
            : value < best.value - settings.minimumChange
        } else {
          !value.isNaN
        }
      if isBetter {
        best = (step + 1, value, latest)
        stale = 0
      } else {
        stale += 1
      }
      if let patience = settings.patience, stale >= patience { return true }
    }
    guard let target = settings.reaches else { return false }
    // Without 'best' the metric's own sense says which way is better.
    let greater = settings.best.map { $0 == .greatest } ?? Self.growsBetter(settings.metric)
    return greater ? value >= target : value <= target
  }

  private static func growsBetter(_ metric: String) -> Bool {
    metric == "accuracy" || metric == "auc" || metric == "r2" || metric.hasPrefix("top-")
  }
}

extension Plan {
  /// The value of each step that a port gives at a place, where it is one.
  fileprivate func stepValue(of node: Int, _ port: String, _ place: Int) -> Int? {
    let reference = Graph.PortReference(node: node, port: port)
    guard case .step(let value)? = address(of: reference, place: place) else { return nil }
    return value
  }
}
