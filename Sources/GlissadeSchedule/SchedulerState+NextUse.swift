import GlissadeGraph

/// The future of values: which task reads them next.
extension SchedulerState {
  /// When a version is read next, as a key of `ReadyHeap`; the greatest number where nobody does.
  ///
  /// - Complexity: O(readers of the value and of its views).
  func nextUse(of version: Version) -> UInt64 {
    version.step == Version.once
      ? nextUse(ofOnce: Int(version.value)) : nextUse(of: Int(version.value), made: version.step)
  }

  private func nextUse(of value: Int, made step: Int) -> UInt64 {
    var next = UInt64.max
    for entry in memory.readers[value] {
      let lag = Int(entry.use.lag)
      var range = step + lag...step + lag
      if entry.use.time == .held {
        let period = Int(template.period[Int(entry.producer)])
        range = step + lag...step + lag + period - 1
      } else if lag > 0, step == Int(entry.use.floor) {
        range = max(step, 0)...step + lag
      }
      next = min(next, firstReading(by: entry.reader, in: range))
    }
    return next
  }

  private func nextUse(ofOnce value: Int) -> UInt64 {
    var next = UInt64.max
    for entry in memory.onceReaders[value] {
      let period = Int(template.period[Int(entry.reader)])
      // Views of it that are alive may have been made some steps ago.
      let first = max(ring.first, 0)
      let last = max(ring.end, oldest) + period - 1
      next = min(next, firstReading(by: entry.reader, in: first...max(first, last)))
    }
    return next
  }

  /// The first step of a range in which a task will read its inputs, or has made a view of them that is read.
  private func firstReading(by task: Int32, in range: ClosedRange<Int>) -> UInt64 {
    var step = max(range.lowerBound, ring.first, 0)
    var next = UInt64.max
    while step <= range.upperBound, step < end {
      if step >= ring.end {
        // The next step in which it is due, without walking there.
        let period = Int(template.period[Int(task)])
        let due = min((step + period) / period * period - 1, max(step, template.steps - 1))
        guard due <= range.upperBound, due < end else { return next }
        return min(next, ReadyHeap.key(step: due, rank: ranks[Int(task)]))
      } else {
        switch records[recordBase(step) + Int(task)].phase {
        case .waiting, .ready, .fetching, .running, .failed:
          return min(next, ReadyHeap.key(step: step, rank: ranks[Int(task)]))
        case .finished:
          for value in template.outputs(of: Int(task)) where isView(value) {
            if values[valueBase(step) + value].isAlive {
              next = min(next, nextUse(of: value, made: step))
            }
          }
        case .notDue, .withdrawn: break
        }
      }
      step += 1
    }
    return next
  }
}
