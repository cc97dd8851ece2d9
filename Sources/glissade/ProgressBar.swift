import GlissadeRuntime
import GlissadeTensor

/// One line that shows how far a run is; what has no room is left out.
///
/// ```
/// ━━━━━━━━━━━━━━──────────  61%  epoch 12.2/20  step 280/460  0:04 left  loss 0.214  score.accuracy 0.907  1320 steps/s
/// ```
struct ProgressBar {
  let step: Int
  let steps: Int
  let epochSteps: Int?
  let rate: Double?
  let secondsLeft: Double?
  let loss: Double?
  let metric: String?

  private static let width = 24

  /// The line, at most `columns` characters wide.
  func text(columns: Int, hasColors: Bool) -> String {
    let part = steps > 0 ? min(1, Double(step) / Double(steps)) : 0
    let percent = String(Int(part * 100)) + "%"
    let hasBar = columns >= ProgressBar.width + 5
    var line = String(repeating: " ", count: max(0, 5 - percent.count)) + percent
    var room = columns - line.count - (hasBar ? ProgressBar.width : 0)
    for word in words where word.count + 2 <= room {
      line += "  " + word
      room -= word.count + 2
    }
    return (hasBar ? bar(part, hasColors: hasColors) : "") + line
  }

  /// What is said beside the bar, the most useful first.
  private var words: [String] {
    var words: [String] = []
    if let epochSteps, epochSteps > 0 {
      let (done, all) = (Double(step) / Double(epochSteps), Double(steps) / Double(epochSteps))
      words.append("epoch \(fixed(done, places: 1))/\(ReportText.number(all))")
    }
    words.append("step \(step)/\(steps)")
    if let secondsLeft { words.append(ProgressBar.duration(secondsLeft) + " left") }
    if let loss { words.append("loss \(ReportText.number(loss))") }
    if let metric { words.append(metric) }
    if let rate { words.append("\(fixed(rate, places: rate < 10 ? 1 : 0)) steps/s") }
    return words
  }

  private func bar(_ part: Double, hasColors: Bool) -> String {
    let full = Int(part * Double(ProgressBar.width))
    let done = String(repeating: "━", count: full)
    let open = String(repeating: "─", count: ProgressBar.width - full)
    return hasColors ? "\u{1B}[32m" + done + "\u{1B}[90m" + open + "\u{1B}[0m" : done + open
  }

  /// Minutes and seconds, or hours, minutes and seconds: `0:04`, `1:02:09`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e7 else { return "–" }
    let whole = max(0, Int(seconds.rounded(.up)))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    let end = ":" + two(whole % 60)
    return hours > 0 ? "\(hours):\(two(minutes))\(end)" : "\(minutes)\(end)"
  }
}
