/// Decimal numbers in text to `Float`, correctly rounded.
///
/// Up to 19 digits with a power of ten up to 10^±22 are computed in `Double`: the digits as an
/// integer and the power are off by at most half a unit in the last place each (the powers are
/// exact), so the quotient is off by less than two units. Rounding it to `Float` is then right
/// unless it lies within a few units (four, here) of the middle between two neighbours; only these,
/// about one in 10^8, and longer numbers go the slow way through the standard library. The idea is
/// Clinger's ("How to read floating point numbers accurately", 1990), with the wider type for room.
enum DecimalNumber {
  /// 10^0 … 10^22, all exact.
  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// Reads a number at `cursor` and the spaces around it, and moves `cursor` behind them.
  ///
  /// Gives NaN, and leaves `cursor` alone, where no number stands (the texts `nan` and `inf` are
  /// none); infinity where it is too large. The caller promises that some byte at or behind the
  /// number's end is no part of a number (a delimiter or a line ending).
  @inline(__always)
  static func scan(_ cursor: inout UnsafePointer<UInt8>) -> Float {
    var p = cursor
    while p.pointee == 0x20 { p += 1 }
    let start = p
    let negative = p.pointee == 0x2d
    if negative || p.pointee == 0x2b { p += 1 }
    var mantissa: UInt64 = 0
    var digits = scanDigits(&p, &mantissa)
    var exponent = 0
    if p.pointee == 0x2e {
      p += 1
      let fraction = scanDigits(&p, &mantissa)
      digits += fraction
      exponent = -fraction
    }
    guard digits > 0 else { return .nan }
    if p.pointee | 0x20 == 0x65 {
      guard let written = scanExponent(&p) else { return .nan }
      exponent += written
    }
    let end = p
    while p.pointee == 0x20 { p += 1 }
    cursor = p
    if exponent == 0 && mantissa < 1 << 24 && digits <= 19 {
      let value = Float(Int32(truncatingIfNeeded: mantissa))
      return negative ? -value : value
    }
    guard digits <= 19, exponent >= -22, exponent <= 22 else { return slow(start, end) }
    var value = Double(mantissa)
    if exponent < 0 { value /= power(-exponent) } else { value *= power(exponent) }
    // The 29 bits that `Float` drops; their middle is 2^28.
    let dropped = value.bitPattern & 0x1fff_ffff
    if dropped &- 0x0fff_fffc <= 8 { return slow(start, end) }
    return Float(negative ? -value : value)
  }

  @inline(__always)
  private static func scanDigits(
    _ p: inout UnsafePointer<UInt8>, _ mantissa: inout UInt64
  ) -> Int {
    let start = p
    var digit = p.pointee &- 0x30
    while digit <= 9 {
      mantissa = mantissa &* 10 &+ UInt64(digit)
      p += 1
      digit = p.pointee &- 0x30
    }
    return p - start
  }

  @inline(__always)
  private static func power(_ exponent: Int) -> Double {
    powers.withUnsafeBufferPointer { $0[exponent] }
  }

  /// The number behind an `e`, cut at ±100,000: enough for no text of a legal length to come back
  /// in range.
  private static func scanExponent(_ p: inout UnsafePointer<UInt8>) -> Int? {
    p += 1
    let negative = p.pointee == 0x2d
    if negative || p.pointee == 0x2b { p += 1 }
    let start = p
    var value = 0
    while p.pointee &- 0x30 <= 9 {
      value = min(value * 10 + Int(p.pointee &- 0x30), 100_000)
      p += 1
    }
    guard p > start else { return nil }
    return negative ? -value : value
  }

  @inline(never)
  private static func slow(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Float {
    let bytes = UnsafeBufferPointer(start: start, count: end - start)
    return Float(String(decoding: bytes, as: UTF8.self)) ?? .nan
  }

  /// The number that a whole text is, or nil; spaces around it do not count.
  ///
  /// Infinity where it is too large.
  static func double(_ text: String) -> Double? {
    var bytes = Array(text.utf8)
    let count = bytes.count
    bytes.append(0x0a)
    let isNumber = bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return false }
      var cursor = base
      return !scan(&cursor).isNaN && cursor == base + count
    }
    guard isNumber else { return nil }
    return Double(text.trimmingSpaces())
  }
}

extension String {
  /// The text without the spaces at its two ends.
  func trimmingSpaces() -> String {
    guard let first = utf8.firstIndex(where: { $0 != 0x20 }),
      let last = utf8.lastIndex(where: { $0 != 0x20 })
    else { return "" }
    return String(self[first...last])
  }
}
