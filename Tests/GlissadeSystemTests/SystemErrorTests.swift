import Glibc
import GlissadeSystem
import Testing

@Suite struct SystemErrorTests {
  @Test(arguments: [
    (ENOENT, SystemError.Reason.missing, "no such file or directory"),
    (EACCES, .notPermitted, "permission denied"), (EPERM, .notPermitted, "permission denied"),
    (EROFS, .notPermitted, "permission denied"), (EEXIST, .exists, "it exists already"),
    (ENOSPC, .full, "no space is left on the disk"),
    (EDQUOT, .full, "no space is left on the disk"), (EISDIR, .isDirectory, "it is a directory"),
    (ENOTDIR, .notDirectory, "a part of the path is not a directory"),
    (EMFILE, .other, "too many files are open"), (ENAMETOOLONG, .other, "the name is too long"),
    (EIO, .other, "input/output error"),
  ])
  func readsAsASentence(code: Int32, reason: SystemError.Reason, words: String) {
    let error = SystemError(.open, path: "data.csv", code: code)
    #expect(error.reason == reason)
    #expect(error.description == "cannot open 'data.csv': \(words)")
  }

  @Test func namesWhatWasTried() {
    #expect(
      SystemError(.startThread, path: nil, code: EMFILE).description
        == "cannot start a thread: too many files are open")
    #expect(
      SystemError(.sync, path: "m", code: ENOSPC).description
        == "cannot save 'm': no space is left on the disk")
    #expect(
      SystemError(.makeDirectory, path: "runs", code: EACCES).description
        == "cannot make the directory 'runs': permission denied")
    #expect(
      SystemError(.read, path: "d", words: "it has 9 bytes, and the limit is 8").description
        == "cannot read 'd': it has 9 bytes, and the limit is 8")
  }

  @Test(arguments: [
    SystemError.Reason.missing, .notPermitted, .exists, .full, .isDirectory, .notDirectory, .other,
  ])
  func aReasonAloneGivesTheSystemsError(reason: SystemError.Reason) {
    let error = SystemError(.write, path: "f", reason: reason)
    #expect(error.reason == reason)
    #expect(error.description.hasPrefix("cannot write 'f': "))
  }
}
