import GlissadeTensor

/// The labels of the rows, as they come, and in the end the targets.
///
/// Each distinct text is given a code when it first appears; when all are known, the codes are put
/// into the order of the classes.
struct LabelCollector {
  /// The most distinct whole numbers or texts that are classes without being asked for.
  static let maximumAutomaticClasses = 1000
  /// The most classes.
  static let maximumClasses = 65_536

  /// The targets, and what their codes stand for.
  typealias Targets = (target: Tensor, classes: [String]?)

  private let target: CSVOptions.Target
  private let given: [String]?
  private var codeOfShort: [UInt64: Int32] = [:]
  // By bytes, since texts that Unicode calls equivalent are different labels.
  private var codeOfText: [[UInt8]: Int32] = [:]
  private var texts: [String] = []
  private var values: [Float] = []
  private var allNumbers = true
  private var codes: [Int32] = []
  private var numbers: [Float] = []
  private var readsNumbers: Bool
  private let keepsTargets: Bool
  /// Whether there are more classes than there may be: no further label can be right.
  private(set) var isFull = false

  /// - Parameter keepsTargets: False where only the classes are asked for: then `finish` gives no targets, and a row takes
  ///   no memory.
  init(_ target: CSVOptions.Target, classes: [String]?, keepsTargets: Bool = true) {
    self.target = target
    self.keepsTargets = keepsTargets
    given = target == .number ? nil : classes
    readsNumbers = target == .number
    guard let given else { return }
    for (index, name) in given.enumerated() {
      codeOfText[Array(name.utf8)] = Int32(index)
    }
    // A label `1.0` is the class `1`.
    for (index, name) in given.enumerated() {
      guard let number = LabelCollector.canonical(name).map({ Array($0.utf8) }) else { continue }
      if codeOfText[number] == nil { codeOfText[number] = Int32(index) }
    }
  }

  /// Adds a row's label; gives a complaint where it can be none.
  ///
  /// A line feed or delimiter stands behind the cell.
  mutating func append(_ cell: UnsafeBufferPointer<UInt8>) -> String? {
    guard let base = cell.baseAddress, !cell.isEmpty else { return "is empty" }
    if readsNumbers {
      var cursor = base
      let value = DecimalNumber.scan(&cursor)
      guard value.isFinite, cursor == base + cell.count else {
        return "should be a number, and is \(shown(cell))"
      }
      if keepsTargets { numbers.append(value) }
      return nil
    }
    var key = UInt64(cell.count)
    let isShort = cell.count < 8
    if isShort {
      for byte in cell { key = key << 8 | UInt64(byte) }
      if let code = codeOfShort[key] {
        if keepsTargets { codes.append(code) }
        return nil
      }
    }
    if !isShort, let code = codeOfText[Array(cell)] {
      if keepsTargets { codes.append(code) }
      return nil
    }
    guard let text = String(validating: cell, as: UTF8.self) else {
      return "is not UTF-8: \(shown(cell))"
    }
    return add(text, Array(cell), shortKey: isShort ? key : nil)
  }

  private mutating func add(_ text: String, _ bytes: [UInt8], shortKey: UInt64?) -> String? {
    var code = Int32(texts.count)
    if let given {
      let number = LabelCollector.canonical(text).flatMap { codeOfText[Array($0.utf8)] }
      let found = codeOfText[bytes] ?? number
      guard let found else {
        return "is \(shown(text)), which is none of the classes \(shownList(given))"
      }
      code = found
    } else {
      texts.append(text)
      let value = DecimalNumber.double(text).map { Float($0) } ?? .nan
      values.append(value)
      if !value.isFinite { allNumbers = false }
      if let complaint = tooMany() { return complaint }
    }
    if readsNumbers { return nil }
    if let shortKey { codeOfShort[shortKey] = code } else { codeOfText[bytes] = code }
    if keepsTargets { codes.append(code) }
    return nil
  }

  /// Turns from classes to numbers, or complains, when there are too many classes.
  private mutating func tooMany() -> String? {
    let count = texts.count
    if target == .classes {
      guard count > LabelCollector.maximumClasses else { return nil }
      isFull = true
      return "is the \(count)th class, and the limit is \(LabelCollector.maximumClasses)"
    }
    guard count > LabelCollector.maximumAutomaticClasses else { return nil }
    guard allNumbers else {
      isFull = true
      return "is the \(count)th distinct text, and more than "
        + "\(LabelCollector.maximumAutomaticClasses) are classes only where the target says 'classes'"
    }
    if keepsTargets { numbers = codes.map { values[Int($0)] } + [values[count - 1]] }
    readsNumbers = true
    return nil
  }

  /// The targets of all rows.
  func finish() -> Targets {
    if readsNumbers { return (Tensor(numbers), nil) }
    if let given { return (Tensor(codes), given) }
    let whole = values.allSatisfy { $0.rounded() == $0 }
    if target == .automatic && allNumbers && !whole {
      return (Tensor(codes.map { values[Int($0)] }), nil)
    }
    let (classes, places) = allNumbers ? numericOrder() : byteOrder()
    return (Tensor(codes.map { places[Int($0)] }), classes)
  }

  private func byteOrder() -> (classes: [String], places: [Int32]) {
    let order = texts.indices.sorted { precedesInBytes(texts[$0], texts[$1]) }
    var places = [Int32](repeating: 0, count: texts.count)
    for (place, code) in order.enumerated() { places[code] = Int32(place) }
    return (order.map { texts[$0] }, places)
  }

  /// Equal numbers become one class, named in the shortest way.
  private func numericOrder() -> (classes: [String], places: [Int32]) {
    let names = texts.map { LabelCollector.canonical($0) ?? $0 }
    let keys = texts.map { DecimalNumber.double($0) ?? 0 }
    let order = texts.indices.sorted {
      keys[$0] != keys[$1] ? keys[$0] < keys[$1] : precedesInBytes(names[$0], names[$1])
    }
    var classes: [String] = []
    var places = [Int32](repeating: 0, count: texts.count)
    for code in order {
      if classes.last != names[code] { classes.append(names[code]) }
      places[code] = Int32(classes.count - 1)
    }
    return (classes, places)
  }

  /// The shortest way to write the number that a text is; nil where it is none.
  ///
  /// Whole numbers beyond 2^53 stay as they are written, since several of them are one `Double`.
  static func canonical(_ text: String) -> String? {
    guard let value = DecimalNumber.double(text), value.isFinite else { return nil }
    if abs(value) >= 0x1p53 { return text.trimmingSpaces() }
    return value.rounded() == value ? "\(Int(value))" : "\(value)"
  }
}
