extension Update {
  /// How the rate changes with the steps; each begins with a warm-up and ends at a floor where they are given.
  public struct Schedule: GraphOption {
    /// As a setting.
    public let setting: Setting
    /// What a setting says.
    public init(_ setting: Setting) { self.setting = setting }

    /// The same rate in every step.
    public static let constant = Schedule.word("constant")

    /// The same rate in every step behind a warm-up.
    public static func constant(
      warmup: GraphDuration
    ) -> Schedule { .word("constant", ["warmup": warmup]) }

    /// Falls in stairs: base · factor^⌊t / every⌋.
    public static func step(
      every: some GraphNumber, factor: (any GraphNumber)? = nil, warmup: GraphDuration? = nil,
      floor: (any GraphNumber)? = nil
    ) -> Schedule {
      .word("step", ["every": every, "factor": factor, "warmup": warmup, "floor": floor])
    }

    /// Falls without stairs: base · decay^(t / every).
    public static func exponential(
      decay: some GraphNumber, every: (any GraphNumber)? = nil, warmup: GraphDuration? = nil,
      floor: (any GraphNumber)? = nil
    ) -> Schedule {
      .word("exponential", ["decay": decay, "every": every, "warmup": warmup, "floor": floor])
    }

    /// Falls ever more slowly: base / (1 + decay · t).
    public static func inverseTime(
      decay: some GraphNumber, warmup: GraphDuration? = nil, floor: (any GraphNumber)? = nil
    ) -> Schedule { .word("inverse-time", ["decay": decay, "warmup": warmup, "floor": floor]) }

    /// From base to floor along a power.
    public static func polynomial(
      power: (any GraphNumber)? = nil, warmup: GraphDuration? = nil, until: GraphDuration? = nil,
      floor: (any GraphNumber)? = nil
    ) -> Schedule {
      .word("polynomial", ["power": power, "warmup": warmup, "until": until, "floor": floor])
    }

    /// From base to floor along half a cosine.
    public static func cosine(
      warmup: GraphDuration? = nil, until: GraphDuration? = nil, floor: (any GraphNumber)? = nil
    ) -> Schedule { .word("cosine", ["warmup": warmup, "until": until, "floor": floor]) }

    /// Up to the base and down to the floor, both along half a cosine.
    public static func oneCycle(
      peak: (any GraphNumber)? = nil, warmup: GraphDuration? = nil, until: GraphDuration? = nil,
      floor: (any GraphNumber)? = nil
    ) -> Schedule {
      .word("one-cycle", ["peak": peak, "warmup": warmup, "until": until, "floor": floor])
    }

    /// Falls where a metric stops getting better.
    public static func plateau(
      metric: any GraphReference, best: Stop.Best? = nil, factor: (any GraphNumber)? = nil,
      patience: (any GraphNumber)? = nil, minimumChange: (any GraphNumber)? = nil,
      cooldown: (any GraphNumber)? = nil, warmup: GraphDuration? = nil,
      floor: (any GraphNumber)? = nil
    ) -> Schedule {
      .word(
        "plateau",
        [
          "metric": metric, "best": best, "factor": factor, "patience": patience,
          "minimum-change": minimumChange, "cooldown": cooldown, "warmup": warmup, "floor": floor,
        ])
    }
  }
}
