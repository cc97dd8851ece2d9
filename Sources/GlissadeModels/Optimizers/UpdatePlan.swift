import GlissadeKernels
package import GlissadeTensor

/// An optimizer fitted to a block of parameters: which elements are penalized and which decay, found once.
package struct UpdatePlan: Sendable {
  /// Elements that are treated alike, counted from the first of the block.
  private struct Segment {
    var range: Range<Int>
    let penalized: Bool
    let decays: Bool
  }

  /// The optimizer.
  package let optimizer: Optimizer
  /// The elements of the layout that are updated.
  package let range: Range<Int>
  private let penalty: Penalty?
  private let clip: GradientClip?
  private let segments: [Segment]

  /// A plan for the elements `range` of a layout.
  package init(
    _ optimizer: Optimizer, penalty: Penalty? = nil, clip: GradientClip? = nil,
    layout: TensorLayout, range: Range<Int>
  ) {
    self.optimizer = optimizer
    self.penalty = penalty
    self.clip = clip
    self.range = range
    var segments: [Segment] = []
    for (index, entry) in layout.entries.enumerated() {
      // With the gap behind it, whose zeros stay zeros under every rule.
      let end = index + 1 < layout.entries.count ? layout.entries[index + 1].offset : layout.count
      let part = (entry.offset..<end).clamped(to: range)
      guard !part.isEmpty else { continue }
      let local = part.lowerBound - range.lowerBound..<part.upperBound - range.lowerBound
      let penalized = penalty?.applies(to: entry.role) ?? false
      let decays = !optimizer.decayExcept.contains { $0.matches(entry.name) }
      if let last = segments.last, last.penalized == penalized, last.decays == decays {
        segments[segments.count - 1].range = last.range.lowerBound..<local.upperBound
      } else {
        segments.append(Segment(range: local, penalized: penalized, decays: decays))
      }
    }
    self.segments = segments
  }

  /// What changes from step to step.
  package struct Step: Sendable {
    /// The rate of this step.
    package var rate: Double
    /// Which update of these parameters it is, from 1: Adam's bias correction needs it.
    package var count: Int
    /// What the gradient is multiplied by: 1 / rows where it is a sum, times a clipping factor.
    package var gradientScale: Double

    /// A step.
    package init(rate: Double, count: Int, gradientScale: Double = 1) {
      self.rate = rate
      self.count = count
      self.gradientScale = gradientScale
    }
  }

  /// Writes the next version of the block's parameters and state.
  ///
  /// All pointers are to the block's first element; the state buffers are in the order of `stateBuffers`. A
  /// new buffer may be the old one of its name, and must not overlap it otherwise.
  ///
  /// In order: the gradient is scaled, its elements are clipped, the smooth penalty is added, the rule steps and
  /// decays, and the soft threshold rate · l1 comes last.
  package func apply(
    _ step: Step, parameters: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    state: [UnsafePointer<Float>], newParameters: UnsafeMutablePointer<Float>,
    newState: [UnsafeMutablePointer<Float>]
  ) {
    let names = optimizer.stateBuffers
    precondition(
      state.count == names.count && newState.count == names.count,
      "\(state.count) and \(newState.count) buffers for the state \(names)")
    precondition(step.count > 0, "updates are counted from 1, not from \(step.count)")
    var kernel = optimizer.rule.kernel(rate: step.rate, count: step.count)
    kernel.scale = Float(step.gradientScale)
    kernel.clip = clip?.value.map { Float($0) } ?? .infinity
    for segment in segments {
      let first = segment.range.lowerBound
      kernel.l2 = segment.penalized ? Float(penalty?.l2 ?? 0) : 0
      kernel.threshold = segment.penalized ? Float(step.rate * (penalty?.l1 ?? 0)) : 0
      kernel.shrink = segment.decays ? Float(1 - step.rate * optimizer.rule.decay) : 1
      kernel.apply(
        count: segment.range.count, parameters: parameters + first, gradient: gradient + first,
        state: (
          state.isEmpty ? nil : state[0] + first, state.count < 2 ? nil : state[1] + first
        ),
        newParameters: newParameters + first,
        newState: (
          newState.isEmpty ? nil : newState[0] + first,
          newState.count < 2 ? nil : newState[1] + first
        ))
    }
  }
}
