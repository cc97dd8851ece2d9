import GlissadeGraph

/// A choice among words, with what belongs to the word: `softmax`, `{ kind: adam, rate: 0.001 }`; or one for each label
/// of an axis: `["small": .mlp(hidden: [64]), "large": .mlp(hidden: [512])]`.
public protocol GraphOption: SettingConvertible, ExpressibleByDictionaryLiteral
where Key == String, Value == Self {
  /// An option that says what a setting says.
  init(_ setting: Setting)
}

extension GraphOption {
  /// A word that a program registered, or one in the form of a map: `{ kind: acme.soft-median, sharpness: 4 }`.
  public static func kind(_ word: String, _ attributes: KeyValuePairs<String, Setting> = [:])
    -> Self
  {
    let entries = attributes.map { AttributeEntry($0.key, $0.value.value) }
    return Self(
      Setting(
        AttributeValue(.map([AttributeEntry("kind", AttributeValue(.text(word)))] + entries)),
        mentions: attributes.flatMap(\.value.mentions)))
  }

  /// One for each label of an axis.
  public init(dictionaryLiteral elements: (String, Self)...) {
    self.init(
      Setting(
        AttributeValue(.map(elements.map { AttributeEntry($0.0, $0.1.setting.value) })),
        mentions: elements.flatMap(\.1.setting.mentions)))
  }

  /// A word, as a text where nothing that belongs to it is given.
  static func word(
    _ word: String, _ settings: KeyValuePairs<String, (any SettingConvertible)?> = [:]
  ) -> Self {
    let given = Setting.map(settings)
    guard let entries = given.value.map, !entries.isEmpty else { return Self(word.setting) }
    return Self(
      Setting(
        AttributeValue(.map([AttributeEntry("kind", AttributeValue(.text(word)))] + entries)),
        mentions: given.mentions))
  }
}
