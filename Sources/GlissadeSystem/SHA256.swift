internal import COpenSSL

/// The SHA-256 of bytes that come in pieces (FIPS 180-4), by OpenSSL.
public final class SHA256 {
  private let context: OpaquePointer

  /// The hash of nothing yet.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("OpenSSL gives no SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes.
  public func update(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 0 else { return }
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// Adds the UTF-8 bytes of a text.
  public func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// Adds a number as eight little-endian bytes.
  public func update(_ number: UInt64) {
    withUnsafeBytes(of: number.littleEndian) { update($0) }
  }

  /// The hash as 64 hexadecimal digits.
  ///
  /// Call it once, last.
  public func finalize() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &digest, nil)
    let digits = Array("0123456789abcdef".utf8)
    var text = [UInt8]()
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The hash of a text's UTF-8 bytes.
  public static func hash(_ text: String) -> String {
    let hash = SHA256()
    hash.update(text)
    return hash.finalize()
  }
}
