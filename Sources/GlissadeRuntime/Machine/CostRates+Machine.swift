package import GlissadeGraph

extension CostRates {
  /// The rates of one thread of a machine that was measured; what could not be measured is assumed to be usual.
  package init(_ rates: MachineRates) {
    let share = rates.perThread
    self.init(
      flopsPerSecond: share.multiplyPerSecond ?? CostRates.usual.flopsPerSecond,
      bytesPerSecond: share.readBytesPerSecond)
  }
}
