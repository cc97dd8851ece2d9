/// The shortest text that reads back as a finite number, and that no reader takes for a whole number: `2.0`, `0.00006`,
/// `1.5e-9`, `1e16`.
///
/// The digits are Swift's: the fewest that tell the number from its neighbours. The exponent form stands below 10⁻⁷
/// and from 10¹⁶ on.
func numberText(_ value: Double) -> String {
  let text = value.description
  guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...])
  else { return text }
  let mantissa = text[..<mark].hasSuffix(".0") ? text[..<mark].dropLast(2) : text[..<mark]
  guard (-7..<0).contains(exponent) else { return "\(mantissa)e\(exponent)" }
  let sign = mantissa.hasPrefix("-") ? "-" : ""
  let digits = mantissa.filter { $0.isNumber }
  return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
}
