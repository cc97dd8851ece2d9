package import GlissadeGraph
package import GlissadeTensor

/// How many bytes a run can hold at most, before anything runs.
///
/// A bound for every order in which tasks may end, with retries: the sum, over the values of a step, of a value's bytes times the
/// number of its versions that can be alive at once, and the greatest workspaces that can be in use at once.
/// A version can be alive from the step in which it is made, at most `windowDepth` - 1 after the oldest incomplete one,
/// until the last step that reads it is complete. Simple and safe rather than tight: where a value
/// dies within its step, all its versions of the window are counted though most runs hold fewer.
package struct PeakEstimate: Sendable, Hashable {
  /// The bound of the values.
  package var values: ByteCount
  /// The bound of the workspaces.
  package var workspaces: ByteCount
  /// The bound of what is reserved at any time.
  package var total: ByteCount

  /// The bound for `slots` tasks at a time; nil where the bytes are more than can be counted.
  ///
  /// - Complexity: O(tasks log tasks + uses).
  package init?(of table: TaskTable, steps: Int, windowDepth: Int, slots: Int) {
    let depth = min(windowDepth, steps)
    var values = 0
    for (value, versions) in PeakEstimate.versions(of: table, steps: steps, depth: depth)
      .enumerated()
    {
      let (bytes, tooMany) = table.valueBytes[value].multipliedReportingOverflow(by: versions)
      let (sum, tooLarge) = values.addingReportingOverflow(bytes)
      if tooMany || tooLarge { return nil }
      values = sum
    }
    var workspaces = 0
    var left = slots
    for bytes in table.workspaceBytes.sorted(by: >) where left > 0 && bytes > 0 {
      let times = min(left, depth)
      left -= times
      let (product, tooMany) = bytes.multipliedReportingOverflow(by: times)
      let (sum, tooLarge) = workspaces.addingReportingOverflow(product)
      if tooMany || tooLarge { return nil }
      workspaces = sum
    }
    let (total, tooLarge) = values.addingReportingOverflow(workspaces)
    if tooLarge { return nil }
    self.values = ByteCount(values)
    self.workspaces = ByteCount(workspaces)
    self.total = ByteCount(total)
  }

  /// What a view shows is there as long as the view is.
  private static func extendByViews(_ lag: inout [Int], _ table: TaskTable) {
    let isView = TableViews(of: table).isView
    var hasChanged = isView.contains(true)
    while hasChanged {
      hasChanged = false
      for value in isView.indices where isView[value] {
        for use in table.uses(of: Int(table.producer[value])) where use.time == .step {
          let most = Int(use.lag) + lag[value]
          guard most > lag[Int(use.value)] else { continue }
          lag[Int(use.value)] = most
          hasChanged = true
        }
      }
    }
  }

  /// By value, how many of its versions can be alive at once.
  static func versions(of table: TaskTable, steps: Int, depth: Int) -> [Int] {
    var lag = [Int](repeating: 0, count: table.valueCount)
    var heldLag = [Int](repeating: -1, count: table.valueCount)
    var hasInitial = [Bool](repeating: false, count: table.valueCount)
    for use in table.uses {
      let value = Int(use.value)
      switch use.time {
      case .once: break
      case .held: heldLag[value] = max(heldLag[value], Int(use.lag))
      case .step:
        lag[value] = max(lag[value], Int(use.lag))
        if use.floor < 0 && use.lag > 0 { hasInitial[value] = true }
      }
    }
    extendByViews(&lag, table)
    return (0..<table.valueCount).map { value in
      let period = Int(table.period[Int(table.producer[value])])
      let isHeld = heldLag[value] >= 0
      // The earliest version that is held may be as old as a whole period before the earliest step that reads it.
      let reach = max(lag[value], isHeld ? heldLag[value] + period - 1 : 0)
      if period == 1 { return min(depth + reach, steps + (hasInitial[value] ? 1 : 0)) }
      // At most one more is due out of turn, in the last step.
      return min((depth + reach - 1) / period + 2, steps)
    }
  }
}
