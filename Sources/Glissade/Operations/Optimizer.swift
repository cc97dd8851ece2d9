extension Update {
  /// How parameters follow a gradient, as in `torch.optim`.
  public struct Optimizer: GraphOption {
    /// As a setting.
    public let setting: Setting
    /// What a setting says.
    public init(_ setting: Setting) { self.setting = setting }

    /// Plain stochastic gradient descent: w − rate · g.
    public static func sgd(rate: some GraphNumber) -> Optimizer { .word("sgd", ["rate": rate]) }

    /// Stochastic gradient descent with momentum.
    public static func momentum(
      rate: some GraphNumber, momentum: (any GraphNumber)? = nil,
      dampening: (any GraphNumber)? = nil
    ) -> Optimizer {
      .word("momentum", ["rate": rate, "momentum": momentum, "dampening": dampening])
    }

    /// Nesterov's momentum.
    public static func nesterov(
      rate: some GraphNumber, momentum: (any GraphNumber)? = nil
    ) -> Optimizer { .word("nesterov", ["rate": rate, "momentum": momentum]) }

    /// A rate for each parameter by the squares of all its gradients.
    public static func adagrad(
      rate: some GraphNumber, epsilon: (any GraphNumber)? = nil
    ) -> Optimizer { .word("adagrad", ["rate": rate, "epsilon": epsilon]) }

    /// A rate for each parameter by the squares of its recent gradients.
    public static func rmsprop(
      rate: some GraphNumber, decay: (any GraphNumber)? = nil, epsilon: (any GraphNumber)? = nil
    ) -> Optimizer { .word("rmsprop", ["rate": rate, "decay": decay, "epsilon": epsilon]) }

    /// Momentum and a rate for each parameter.
    public static func adam(
      rate: some GraphNumber, beta1: (any GraphNumber)? = nil, beta2: (any GraphNumber)? = nil,
      epsilon: (any GraphNumber)? = nil
    ) -> Optimizer {
      .word("adam", ["rate": rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon])
    }

    /// Adam with a decay that is apart from the gradient, for all tensors but those that match a pattern.
    public static func adamw(
      rate: some GraphNumber, beta1: (any GraphNumber)? = nil, beta2: (any GraphNumber)? = nil,
      epsilon: (any GraphNumber)? = nil, decay: (any GraphNumber)? = nil,
      decayExcept: [String]? = nil
    ) -> Optimizer {
      .word(
        "adamw",
        [
          "rate": rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon, "decay": decay,
          "decay-except": decayExcept,
        ])
    }
  }
}
