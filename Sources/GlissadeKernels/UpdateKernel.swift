import CKernels

/// One pass over parameters, gradient and optimizer state that writes their next version.
///
/// With h = clamp(scale · g, ±clip) + l2 · w, the rule's step from h, and u = shrink · w: w′ = u − step, and last
/// w′ ← sign(w′) · max(0, |w′| − threshold).
package struct UpdateKernel: Sendable {
  /// How the step follows from h and the state; m and v are buffers of the state.
  package enum Rule: Sendable {
    /// rate · h
    case sgd
    /// m′ = decay · m + mix · h; rate · m′, or with `nesterov` rate · (h + decay · m′).
    case momentum(decay: Float, mix: Float, nesterov: Bool)
    /// v′ = v + h²; rate · h / (√v′ + epsilon)
    case adagrad(epsilon: Float)
    /// v′ = decay · v + mix · h²; rate · h / (√v′ + epsilon)
    case rmsprop(decay: Float, mix: Float, epsilon: Float)
    /// m′ and v′ as above; rate · m′ / (√v′ · spread + epsilon)
    case adam(
      decay1: Float, mix1: Float, decay2: Float, mix2: Float, spread: Float, epsilon: Float)
  }

  /// The rule.
  package var rule: Rule
  /// How far a step goes; for Adam with its bias correction.
  package var rate: Float
  /// What the gradient is multiplied by: 1 / rows, and the factor of a clipped norm.
  package var scale: Float = 1
  /// The greatest magnitude of an element of the gradient.
  package var clip: Float = .infinity
  /// The weight of w in the gradient.
  package var l2: Float = 0
  /// What w is multiplied by: 1 − rate · decay.
  package var shrink: Float = 1
  /// How much each |w′| is lessened at last.
  package var threshold: Float = 0

  /// An update that neither scales, clips nor shrinks.
  package init(_ rule: Rule, rate: Float) {
    self.rule = rule
    self.rate = rate
  }

  /// Writes the next version of `count` parameters and their state.
  ///
  /// New buffers may be the old ones of the same name, and must not overlap them otherwise.
  package func apply(
    count: Int, parameters: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    state: (UnsafePointer<Float>?, UnsafePointer<Float>?),
    newParameters: UnsafeMutablePointer<Float>,
    newState: (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?)
  ) {
    var update = constants
    glissade_update(
      &update, count, parameters, gradient, state.0, state.1, newParameters, newState.0,
      newState.1)
  }

  private var constants: glissade_update {
    var update = glissade_update()
    update.scale = scale
    update.clip = clip
    update.l2 = l2
    update.shrink = shrink
    update.threshold = threshold
    update.rate = rate
    switch rule {
    case .sgd:
      update.rule = Int32(GLISSADE_SGD.rawValue)
    case .momentum(let decay, let mix, let nesterov):
      update.rule = Int32((nesterov ? GLISSADE_NESTEROV : GLISSADE_MOMENTUM).rawValue)
      (update.decay1, update.mix1) = (decay, mix)
    case .adagrad(let epsilon):
      update.rule = Int32(GLISSADE_ADAGRAD.rawValue)
      update.epsilon = epsilon
    case .rmsprop(let decay, let mix, let epsilon):
      update.rule = Int32(GLISSADE_RMSPROP.rawValue)
      (update.decay2, update.mix2, update.epsilon) = (decay, mix, epsilon)
    case .adam(let decay1, let mix1, let decay2, let mix2, let spread, let epsilon):
      update.rule = Int32(GLISSADE_ADAM.rawValue)
      (update.decay1, update.mix1) = (decay1, mix1)
      (update.decay2, update.mix2) = (decay2, mix2)
      (update.spread, update.epsilon) = (spread, epsilon)
    }
    return update
  }
}
