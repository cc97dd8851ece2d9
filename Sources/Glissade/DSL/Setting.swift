public import GlissadeGraph

/// What stands behind an attribute of a node, with the nodes that it refers to.
///
/// Literals are settings: `0.5`, `"mean"`, `[1, 2]`, `["kind": "step", "every": 10]`. A handle becomes one with
/// `.of(node)`.
public struct Setting: Sendable {
  /// What a graph file says.
  public var value: AttributeValue
  /// The nodes that it refers to by their handles.
  var mentions: [Node]

  /// A setting that refers to no node.
  public init(_ value: AttributeValue) { self.init(value, mentions: []) }

  init(_ value: AttributeValue, mentions: [Node]) {
    self.value = value
    self.mentions = mentions
  }

  /// What a handle, a number, a text or an option says.
  public static func of(_ value: any SettingConvertible) -> Setting { value.setting }

  /// The settings of some names as a map, without those that are not given.
  static func map(_ settings: KeyValuePairs<String, (any SettingConvertible)?>) -> Setting {
    var entries: [AttributeEntry] = []
    var mentions: [Node] = []
    for case (let key, let given?) in settings {
      let setting = given.setting
      entries.append(AttributeEntry(key, setting.value))
      mentions += setting.mentions
    }
    return Setting(AttributeValue(.map(entries)), mentions: mentions)
  }

  /// Settings as a list.
  static func list(_ settings: [Setting]) -> Setting {
    Setting(AttributeValue(.list(settings.map(\.value))), mentions: settings.flatMap(\.mentions))
  }
}

/// What can stand behind an attribute.
public protocol SettingConvertible: Sendable {
  /// As a setting.
  var setting: Setting { get }
}

/// A number of an option, or one for each label of an axis: `0.1`, `["small": 0.1, "large": 0.05]`.
public protocol GraphNumber: SettingConvertible {}

extension Setting: SettingConvertible, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  /// Itself.
  public var setting: Setting { self }
  /// A whole number.
  public init(integerLiteral value: Int) { self.init(AttributeValue(.integer(value))) }
  /// A number.
  public init(floatLiteral value: Double) { self.init(AttributeValue(.number(value))) }
  /// A text, or the name of a node.
  public init(stringLiteral value: String) { self.init(AttributeValue(.text(value))) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self.init(AttributeValue(.boolean(value))) }
  /// A list.
  public init(arrayLiteral items: Setting...) { self = .list(items) }
  /// A map, in the order of the literal.
  public init(dictionaryLiteral entries: (String, Setting)...) {
    self.init(
      AttributeValue(.map(entries.map { AttributeEntry($0.0, $0.1.value) })),
      mentions: entries.flatMap(\.1.mentions))
  }
}

extension Int: GraphNumber {
  /// As a setting.
  public var setting: Setting { Setting(AttributeValue(.integer(self))) }
}

extension Double: GraphNumber {
  /// As a setting.
  public var setting: Setting { Setting(AttributeValue(.number(self))) }
}

extension Bool: SettingConvertible {
  /// As a setting.
  public var setting: Setting { Setting(AttributeValue(.boolean(self))) }
}

extension String: SettingConvertible {
  /// As a setting.
  public var setting: Setting { Setting(AttributeValue(.text(self))) }
}

extension Array: SettingConvertible where Element: SettingConvertible {
  /// As a setting.
  public var setting: Setting { .list(map(\.setting)) }
}

extension Dictionary: SettingConvertible where Key == String, Value: SettingConvertible {
  /// As a setting, sorted by key, so that it is the same in every process.
  public var setting: Setting {
    let entries = sorted { $0.key < $1.key }.map { ($0.key, $0.value.setting) }
    return Setting(
      AttributeValue(.map(entries.map { AttributeEntry($0.0, $0.1.value) })),
      mentions: entries.flatMap(\.1.mentions))
  }
}

extension Dictionary: GraphNumber where Key == String, Value: GraphNumber {}

extension SettingConvertible where Self: RawRepresentable, RawValue == String {
  /// The word of a choice.
  public var setting: Setting { rawValue.setting }
}
