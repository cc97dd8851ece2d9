/// The next version of parameters: an optimizer's step, with clipping, penalty and schedule.
public struct Update: GraphNode {
  /// The node without its type.
  public var node: Node

  /// Moves `of` on with a gradient.
  ///
  /// With `over` the contributions along an axis are folded one by one, at most `staleness` steps apart.
  public init(
    _ name: String, of parameters: any GraphReference, with gradient: any GraphReference,
    over axes: (any AxisNames)? = nil, optimizer: Optimizer, schedule: Schedule? = nil,
    clip: Clip? = nil, staleness: Int? = nil, reads: Reads? = nil, damping: Damping? = nil,
    file: String = #fileID, line: Int = #line
  ) {
    node = Node(
      name, op: "update",
      .map([
        "of": parameters, "with": gradient, "over": axes?.axisNames, "optimizer": optimizer,
        "schedule": schedule, "clip": clip, "staleness": staleness, "reads": reads,
        "damping": damping,
      ]), file: file, line: line)
  }

  /// The optimizer's state.
  public var state: NodePort { port("state") }

  /// Bounds on a gradient.
  public struct Clip: SettingConvertible {
    /// As a setting.
    public let setting: Setting

    /// Bounds on the norm and on each element; `of` is the norm of the whole where parameters are in blocks.
    public init(
      norm: (any GraphNumber)? = nil, value: (any GraphNumber)? = nil,
      of wholeNorm: (any GraphReference)? = nil
    ) {
      setting = .map(["norm": norm, "value": value, "of": wholeNorm])
    }

    /// A bound on the norm.
    public static func norm(_ norm: some GraphNumber, of wholeNorm: (any GraphReference)? = nil)
      -> Clip
    { Clip(norm: norm, of: wholeNorm) }

    /// A bound on each element.
    public static func value(_ value: some GraphNumber) -> Clip { Clip(value: value) }
  }

  /// Which version of the parameters a contribution reads.
  public enum Reads: String, SettingConvertible {
    /// That of a stated step.
    case fixed
    /// The newest when it starts; journaled, so that a recorded run can be replayed.
    case newest
  }

  /// How late contributions count less.
  public enum Damping: String, SettingConvertible {
    /// Not at all.
    case none
    /// By their age.
    case byAge = "by-age"
  }
}
