import GlissadeRuntime
import GlissadeSystem
import GlissadeTensor

/// Shows on standard error how far a run is: a bar where a person watches, lines elsewhere, nothing where nothing is
/// wanted.
final class ProgressDisplay: Sendable {
  private enum Style {
    case none
    case lines
    case bar(hasColors: Bool)
  }

  private struct State {
    var drawnAt: UInt64 = 0
    var toldAt: UInt64 = 0
    var toldStep = 0
    var isDrawn = false
    var isInterrupted = false
    /// The newest value of the first metric.
    var metric: String?
    var rate = ProgressRate()
  }

  /// Where there are lines, one is written at least this often: 10 s.
  private static let silence: UInt64 = 10_000_000_000
  /// The bar is drawn at most this often: 100 ms.
  private static let interval: UInt64 = 100_000_000
  /// Back to the start of the line, and nothing behind.
  private static let cleared = "\r\u{1B}[K"

  private let style: Style
  private let isVerbose: Bool
  private let state = Lock(State())

  init(isQuiet: Bool, isVerbose: Bool) {
    self.isVerbose = isVerbose
    let terminal = Machine.environment("TERM") ?? "dumb"
    if isQuiet {
      style = .none
    } else if Terminal.standardError.isInteractive && terminal != "dumb" {
      style = .bar(hasColors: (Machine.environment("NO_COLOR") ?? "").isEmpty)
    } else {
      style = .lines
    }
    state.withLock { $0.toldAt = MonotonicClock.now() }
  }

  /// Shows how far the run is; called every 50 ms.
  func show(_ progress: RunProgress) {
    let now = MonotonicClock.now()
    let text: String = state.withLock { state in
      state.rate.note(step: progress.step, seconds: progress.seconds)
      if let evaluation = progress.evaluations.last, let first = evaluation.metrics.first {
        state.metric = "\(evaluation.key(first.name)) \(ProgressBar.short(first.value))"
      }
      switch style {
      case .none: return ""
      case .lines: return lines(progress, now, &state)
      case .bar(let hasColors): return bar(progress, now, &state, hasColors: hasColors)
      }
    }
    if !text.isEmpty { Terminal.standardError.write(text) }
  }

  /// Says once that the first Ctrl-C was understood.
  func noteInterrupt() {
    let isFirst = state.withLock { state in
      defer { state.isInterrupted = true }
      return !state.isInterrupted
    }
    guard isFirst else { return }
    say("interrupted: what is under way is finished and saved; Ctrl-C again ends at once")
  }

  /// Removes the bar.
  func end() {
    let isDrawn = state.withLock { state in
      defer { state.isDrawn = false }
      return state.isDrawn
    }
    if isDrawn { Terminal.standardError.write(Self.cleared) }
  }

  /// Writes a line, unless nothing is wanted; `verbose` ones only where more is asked for.
  func say(_ line: String, verbose: Bool = false) {
    if case .none = style { return }
    if verbose && !isVerbose { return }
    end()
    Terminal.standardError.write(line + "\n")
  }

  // MARK: Lines

  /// One line for each evaluation, and one where it was silent for long.
  private func lines(_ progress: RunProgress, _ now: UInt64, _ state: inout State) -> String {
    var text = progress.evaluations.map { line($0, progress) }.joined()
    if text.isEmpty, now - state.toldAt >= Self.silence, progress.step > state.toldStep {
      text = place(progress.step, progress)
      if let loss = progress.loss { text += ": loss \(ReportText.number(loss))" }
      if let left = state.rate.secondsLeft(progress) {
        text += ", \(ProgressBar.duration(left)) left"
      }
      text += "\n"
    }
    if !text.isEmpty { (state.toldAt, state.toldStep) = (now, progress.step) }
    return text
  }

  private func line(_ evaluation: Evaluation, _ progress: RunProgress) -> String {
    let metrics = evaluation.metrics.map {
      "\(evaluation.key($0.name)) \(ReportText.number($0.value))"
    }
    return place(evaluation.step, progress) + ": " + metrics.joined(separator: ", ") + "\n"
  }

  private func place(_ step: Int, _ progress: RunProgress) -> String {
    guard let epoch = progress.epochSteps, epoch > 0 else {
      return "step \(step)/\(progress.steps)"
    }
    let epochs = Double(step) / Double(epoch)
    return "step \(step)/\(progress.steps) (epoch \(ReportText.number(epochs)))"
  }

  // MARK: The bar

  private func bar(
    _ progress: RunProgress, _ now: UInt64, _ state: inout State, hasColors: Bool
  ) -> String {
    var text = ""
    if isVerbose {
      text = progress.evaluations.map { line($0, progress) }.joined()
      if !text.isEmpty && state.isDrawn { text = Self.cleared + text }
    }
    let isDue = now - state.drawnAt >= Self.interval || !text.isEmpty
    guard isDue, !state.isInterrupted else { return text }
    state.drawnAt = now
    state.isDrawn = true
    let bar = ProgressBar(
      step: progress.step, steps: progress.steps, epochSteps: progress.epochSteps,
      rate: state.rate.stepsPerSecond, secondsLeft: state.rate.secondsLeft(progress),
      loss: progress.loss, metric: state.metric)
    let columns = Terminal.standardError.columns - 1
    return text + Self.cleared + bar.text(columns: columns, hasColors: hasColors)
  }
}

/// Steps in a second, over about the last ten seconds.
struct ProgressRate {
  private var marks: [(step: Int, seconds: Double)] = []

  /// Notes how far the run is.
  mutating func note(step: Int, seconds: Double) {
    if let last = marks.last, seconds - last.seconds < 0.25 { return }
    marks.append((step, seconds))
    while marks.count > 2, seconds - marks[0].seconds > 10 { marks.removeFirst() }
  }

  /// The rate; nil before there is one.
  var stepsPerSecond: Double? {
    guard let first = marks.first, let last = marks.last, last.seconds > first.seconds,
      last.step > first.step
    else { return nil }
    return Double(last.step - first.step) / (last.seconds - first.seconds)
  }

  /// Seconds until the last step, at this rate.
  func secondsLeft(_ progress: RunProgress) -> Double? {
    stepsPerSecond.map { Double(progress.steps - progress.step) / $0 }
  }
}
