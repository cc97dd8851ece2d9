import GlissadeRuntime
import GlissadeTensor

/// One line that shows how far a run is; what has no room is left out.
///
/// ```
/// ━━━━━━━━━━━━━━──────────  61%  epoch 12.2/20  0:04 left  loss 0.214  score.accuracy 0.907  1320 steps/s  step 280/460
/// ```
struct ProgressBar {
  let step: Int
  let steps: Int
  let epochSteps: Int?
  let rate: Double?
  let secondsLeft: Double?
  let loss: Double?
  let metric: String?

  /// The characters of the bar itself on a narrow terminal, and from `wide` columns on.
  private static let widths = (narrow: 10, wide: 24)
  private static let wide = 110

  /// The line, at most `columns` characters wide.
  func text(columns: Int, hasColors: Bool) -> String {
    let part = steps > 0 ? min(1, Double(step) / Double(steps)) : 0
    let percent = String(Int(part * 100)) + "%"
    let width = columns < Self.wide ? Self.widths.narrow : Self.widths.wide
    let hasBar = columns >= width + 5
    var line = String(repeating: " ", count: max(0, 5 - percent.count)) + percent
    var room = columns - line.count - (hasBar ? width : 0)
    for word in words where word.count + 2 <= room {
      line += "  " + word
      room -= word.count + 2
    }
    return (hasBar ? bar(part, width, hasColors: hasColors) : "") + line
  }

  /// What is said beside the bar, the most useful first.
  private var words: [String] {
    var words: [String] = []
    if let epochSteps, epochSteps > 0 {
      let (done, all) = (Double(step) / Double(epochSteps), Double(steps) / Double(epochSteps))
      words.append("epoch \(fixed(done, places: 1))/\(ReportText.number(all))")
    }
    if let secondsLeft { words.append(ProgressBar.duration(secondsLeft) + " left") }
    if let loss { words.append("loss \(ProgressBar.short(loss))") }
    if let metric { words.append(metric) }
    if let rate { words.append("\(fixed(rate, places: rate < 10 ? 1 : 0)) steps/s") }
    words.insert("step \(step)/\(steps)", at: epochSteps == nil ? 0 : words.count)
    return words
  }

  private func bar(_ part: Double, _ width: Int, hasColors: Bool) -> String {
    let full = Int(part * Double(width))
    let done = String(repeating: "━", count: full)
    let open = String(repeating: "─", count: width - full)
    return hasColors ? "\u{1B}[32m" + done + "\u{1B}[90m" + open + "\u{1B}[0m" : done + open
  }

  /// A number with three decimal places, or more where it is small.
  static func short(_ value: Double) -> String {
    (0.001..<1e6).contains(abs(value)) ? fixed(value, places: 3) : ReportText.number(value)
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
