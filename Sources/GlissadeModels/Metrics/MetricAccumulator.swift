import GlissadeKernels

/// Gathers metrics over rows in parts: a part is plain numbers that are added to those of the other parts, in
/// the order of the graph, before `finish`.
///
/// So a metric over many places is exact, and one of no rows is NaN.
///
/// The sums are [rows, sums of the first metric, sums of the second, …] in Float64. For `auc` each row's score and
/// label are kept besides, sorted within a part.
package struct MetricAccumulator: Sendable {
  /// The metrics, in order.
  package let metrics: [Metric]
  /// The logits of a row.
  package let outputs: Int
  private let loss: Loss

  /// An accumulator for a model's outputs; `loss` is what `loss` and `objective` are about.
  package init(_ metrics: [Metric], outputs: Int, loss: Loss) {
    self.metrics = metrics
    self.outputs = outputs
    self.loss = loss
  }

  /// The Float64 elements of a part.
  package var sumCount: Int { metrics.reduce(1) { $0 + $1.sumCount } }

  /// Whether each row leaves a score and a label.
  package var keepsScores: Bool { metrics.contains(.auc) }

  /// Adds rows to `sums`.
  ///
  /// Where `keepsScores`, the rows' scores and labels are written to `scores`, which has room for them.
  package func accumulate(
    _ logits: UnsafePointer<Float>, _ targets: Targets, rows: Int,
    into sums: UnsafeMutablePointer<Double>, scores: UnsafeMutablePointer<ScoredRow>? = nil
  ) {
    sums[0] += Double(rows)
    var slot = sums + 1
    for metric in metrics {
      add(metric, logits, targets, rows: rows, to: slot)
      slot += metric.sumCount
    }
    guard keepsScores, let scores else { return }
    for row in 0..<rows {
      let own = logits + row * outputs
      scores[row] = ScoredRow(
        score: outputs == 1 ? own[0] : own[1] - own[0], isPositive: targets.code(row) == 1)
    }
  }

  /// Adds the sums of another part.
  package func merge(
    _ part: UnsafePointer<Double>, into sums: UnsafeMutablePointer<Double>
  ) {
    for index in 0..<sumCount { sums[index] += part[index] }
  }

  /// The values of the metrics, in order.
  ///
  /// `scores` are those of the parts, each sorted, `penalty` the parameters' own.
  package func finish(
    _ sums: UnsafePointer<Double>, scores: [UnsafeBufferPointer<ScoredRow>] = [],
    penalty: Double = 0
  ) -> [Double] {
    let rows = sums[0]
    // Errors count each of the outputs.
    let elements = rows * Double(outputs)
    var slot = sums + 1
    return metrics.map { metric in
      defer { slot += metric.sumCount }
      switch metric {
      case .loss, .accuracy, .topK, .logLoss: return slot[0] / rows
      case .objective: return slot[0] / rows + penalty
      case .rmse: return (slot[0] / elements).squareRoot()
      case .mae: return slot[0] / elements
      case .r2: return 1 - slot[0] / (slot[2] - slot[1] * slot[1] / elements)
      case .auc: return areaUnderCurve(scores)
      }
    }
  }

  private func add(
    _ metric: Metric, _ logits: UnsafePointer<Float>, _ targets: Targets, rows: Int,
    to sums: UnsafeMutablePointer<Double>
  ) {
    switch metric {
    case .loss, .objective:
      sums[0] += loss.sum(logits, targets, rows: rows, outputs: outputs, residual: nil)
    case .logLoss:
      let logLoss = outputs == 1 ? Loss.logistic : .crossEntropy
      sums[0] += logLoss.sum(logits, targets, rows: rows, outputs: outputs, residual: nil)
    case .accuracy: sums[0] += hits(logits, targets, rows: rows, k: 1)
    case .topK(let k): sums[0] += hits(logits, targets, rows: rows, k: k)
    case .rmse:
      guard let numbers = targets.asNumbers else { return }
      let errors = Loss.squared.sum(
        logits, .numbers(numbers), rows: rows, outputs: outputs, residual: nil)
      sums[0] += 2 * errors
    case .mae:
      guard let numbers = targets.asNumbers else { return }
      sums[0] += Loss.absolute.sum(
        logits, .numbers(numbers), rows: rows, outputs: outputs, residual: nil)
    case .r2:
      guard let numbers = targets.asNumbers else { return }
      let errors = Loss.squared.sum(
        logits, .numbers(numbers), rows: rows, outputs: outputs, residual: nil)
      sums[0] += 2 * errors
      sums[1] += total(numbers, count: rows * outputs)
      sums[2] += totalSquares(numbers, count: rows * outputs)
    case .auc: break
    }
  }

  private func hits(
    _ logits: UnsafePointer<Float>, _ targets: Targets, rows: Int, k: Int
  ) -> Double {
    var count = 0
    for row in 0..<rows
    where isAmongGreatest(logits + row * outputs, code: targets.code(row), k: k) { count += 1 }
    return Double(count)
  }

  /// Whether fewer than k logits stand before the row's own, of equals the first before the second.
  private func isAmongGreatest(_ row: UnsafePointer<Float>, code: Int, k: Int) -> Bool {
    // With a single margin there are two classes, of which the logits are 0 and the margin.
    guard outputs > 1 else {
      return k > 1 || (!row[0].isNaN && classCode(row, outputs: 1) == code)
    }
    guard code >= 0, code < outputs else { return false }
    var before = 0
    for index in 0..<outputs where index != code {
      // Written so that a NaN counts as before: it must never make a metric better.
      let behind = row[index] < row[code] || (row[index] == row[code] && index > code)
      if !behind { before += 1 }
    }
    return before < k
  }
}

extension Targets {
  /// The class code of a row; numbers are labels 0 or 1.
  fileprivate func code(_ row: Int) -> Int {
    switch self {
    case .codes(let codes): Int(codes[row])
    case .numbers(let numbers): numbers[row] == 1 ? 1 : 0
    }
  }

  fileprivate var asNumbers: UnsafePointer<Float>? {
    switch self {
    case .codes: nil
    case .numbers(let numbers): numbers
    }
  }
}
