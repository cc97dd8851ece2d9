import Glibc

/// What the operating system refused, in words.
public struct SystemError: Error, Sendable, CustomStringConvertible {
  /// What was tried.
  public enum Action: String, Sendable {
    case open = "open"
    case read = "read"
    case write = "write"
    case sync = "save"
    case rename = "rename"
    case remove = "remove"
    case list = "list"
    case makeDirectory = "make the directory"
    case lock = "lock"
    case startThread = "start a thread"
    case startProgram = "run"
    case allocate = "allocate memory"
  }

  /// Why it failed, as far as callers tell apart.
  public enum Reason: Sendable, Hashable {
    case missing
    case notPermitted
    case exists
    case full
    case isDirectory
    case notDirectory
    case other
  }

  /// What was tried.
  public let action: Action
  /// On which file or directory, where there is one.
  public let path: String?
  /// Why it failed.
  public let reason: Reason
  private let words: String

  /// An error from an `errno` code.
  public init(_ action: Action, path: String?, code: Int32) {
    self.action = action
    self.path = path
    switch code {
    case ENOENT: (reason, words) = (.missing, "no such file or directory")
    case EACCES, EPERM, EROFS: (reason, words) = (.notPermitted, "permission denied")
    case EEXIST: (reason, words) = (.exists, "it exists already")
    case ENOSPC, EDQUOT: (reason, words) = (.full, "no space is left on the disk")
    case EISDIR: (reason, words) = (.isDirectory, "it is a directory")
    case ENOTDIR: (reason, words) = (.notDirectory, "a part of the path is not a directory")
    case EMFILE, ENFILE: (reason, words) = (.other, "too many files are open")
    case ENAMETOOLONG: (reason, words) = (.other, "the name is too long")
    default:
      reason = .other
      words = String(cString: strerror(code)).lowercased()
    }
  }

  /// The error that the system gives for a reason: for worlds that only play the system.
  public init(_ action: Action, path: String?, reason: Reason) {
    let code =
      switch reason {
      case .missing: ENOENT
      case .notPermitted: EACCES
      case .exists: EEXIST
      case .full: ENOSPC
      case .isDirectory: EISDIR
      case .notDirectory: ENOTDIR
      case .other: EIO
      }
    self.init(action, path: path, code: code)
  }

  /// An error that this program found itself.
  public init(_ action: Action, path: String?, reason: Reason = .other, words: String) {
    self.action = action
    self.path = path
    self.reason = reason
    self.words = words
  }

  /// As a sentence: `cannot open 'data.csv': no such file or directory`.
  public var description: String {
    let object = path.map { " '\($0)'" } ?? ""
    return "cannot \(action.rawValue)\(object): \(words)"
  }
}
