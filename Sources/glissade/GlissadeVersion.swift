/// What `--version` and `doctor` say of this program.
enum GlissadeVersion {
  /// The version of Glissade.
  static let number = "0.1.0"

  /// The compiler that built it, as far as the language lets a program know.
  static let compiler: String = {
    #if compiler(>=6.4)
      "Swift 6.4 or later"
    #elseif compiler(>=6.3)
      "Swift 6.3"
    #else
      "Swift 6.2"
    #endif
  }()
}
