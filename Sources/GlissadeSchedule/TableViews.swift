package import GlissadeGraph

/// Which values of a table are views: they have no bytes of their own, and may show those of what their task has read.
///
/// A value without bytes that is held, or that goes on from its own earlier versions, is none: it is taken to be empty.
package struct TableViews: Sendable {
  /// By value of the table.
  package let isView: [Bool]

  /// The views of a table.
  ///
  /// - Complexity: O(values + uses).
  package init(of table: TaskTable) {
    var isView = table.valueBytes.map { $0 == 0 }
    for use in table.uses where use.time == .held { isView[Int(use.value)] = false }
    // From those that show no other views on, as far as that leads.
    var waits = [Int](repeating: 0, count: table.valueCount)
    var readers: [Int: [Int]] = [:]
    for value in 0..<table.valueCount where isView[value] {
      for use in table.uses(of: Int(table.producer[value]))
      where use.time == .step && isView[Int(use.value)] {
        waits[value] += 1
        readers[Int(use.value), default: []].append(value)
      }
    }
    var open = (0..<table.valueCount).filter { isView[$0] && waits[$0] == 0 }
    var known = [Bool](repeating: false, count: table.valueCount)
    while let value = open.popLast() {
      known[value] = true
      for reader in readers[value] ?? [] {
        waits[reader] -= 1
        if waits[reader] == 0 { open.append(reader) }
      }
    }
    for value in 0..<table.valueCount where !known[value] { isView[value] = false }
    self.isView = isView
  }
}
