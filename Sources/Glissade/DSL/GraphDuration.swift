/// A number of steps or epochs: `.steps(100)`, `.epochs(5)`.
public struct GraphDuration: SettingConvertible {
  /// As a setting.
  public let setting: Setting

  /// Steps of the clock that the node stands on.
  public static func steps(_ count: Int) -> GraphDuration {
    GraphDuration(setting: .map(["steps": count]))
  }

  /// Epochs of a batch, which must be named where there are several.
  public static func epochs(_ count: Int, of batch: (any PortName)? = nil) -> GraphDuration {
    GraphDuration(setting: .map(["epochs": count, "of": batch]))
  }
}

/// The axes that a node makes: `["client": 100]`, `["model": ["small", "large"]]`.
public struct Axes: SettingConvertible, ExpressibleByDictionaryLiteral {
  /// As a setting.
  public let setting: Setting

  /// Axes by name, outer first.
  public init(dictionaryLiteral axes: (String, Places)...) {
    setting = Setting(.init(.map(axes.map { .init($0.0, $0.1.setting.value) })))
  }

  /// The places of an axis.
  public struct Places: SettingConvertible, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
    /// As a setting.
    public let setting: Setting

    /// So many numbered places.
    public static func count(_ count: Int) -> Places { Places(setting: count.setting) }
    /// A place a label.
    public static func labels(_ labels: [String]) -> Places { Places(setting: labels.setting) }

    private init(setting: Setting) { self.setting = setting }
    /// So many numbered places.
    public init(integerLiteral value: Int) { self = .count(value) }
    /// A place a label.
    public init(arrayLiteral labels: String...) { self = .labels(labels) }
  }
}
