/// A number of bytes, so that bytes are never taken for elements.
public struct ByteCount: Sendable, Hashable, Comparable, CustomStringConvertible,
  AdditiveArithmetic
{
  /// The number.
  public var bytes: Int

  /// A number of bytes.
  public init(_ bytes: Int) { self.bytes = bytes }

  /// No bytes.
  public static let zero = ByteCount(0)

  /// A count from text such as `512MiB`, `1.5GiB`, `64KB` or `4096`; nil where it is none.
  public init?(parsing text: String) {
    let units: [(String, Double)] = [
      ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776),
      ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1), ("", 1),
    ]
    for (suffix, factor) in units where text.hasSuffix(suffix) {
      guard let number = Double(text.dropLast(suffix.count)) else { continue }
      let bytes = (number * factor).rounded(.up)
      guard number.isFinite, bytes >= 0, bytes < 9e18 else { return nil }
      self.bytes = Int(bytes)
      return
    }
    return nil
  }

  /// Whether the left count is the smaller one.
  public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

  /// The bytes of both together.
  public static func + (left: ByteCount, right: ByteCount) -> ByteCount {
    ByteCount(left.bytes + right.bytes)
  }

  /// The bytes that are left of the first.
  public static func - (left: ByteCount, right: ByteCount) -> ByteCount {
    ByteCount(left.bytes - right.bytes)
  }

  /// With a binary unit and three digits: `1.25 MiB`.
  public var description: String {
    var value = Double(bytes)
    var unit = 0
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    while abs(value) >= 1024, unit + 1 < units.count {
      value /= 1024
      unit += 1
    }
    if unit == 0 { return "\(bytes) B" }
    let places = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : 2
    return fixed(value, places: places) + " " + units[unit]
  }
}

/// A number with a fixed count of decimal places, rounded half away from zero: `fixed(1.005, places: 1)` is `1.0`.
public func fixed(_ value: Double, places: Int) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 9e18, scale < 9e18 else { return "\(value)" }
  let whole = Int(scaled) / Int(scale)
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard places > 0 else { return sign + "\(whole)" }
  let digits = String(Int(scaled) % Int(scale))
  return sign + "\(whole)." + String(repeating: "0", count: places - digits.count) + digits
}
