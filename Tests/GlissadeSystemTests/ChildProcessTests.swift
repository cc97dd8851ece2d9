import GlissadeSystem
import Testing

/// Other programs, run to their end.
@Suite struct ChildProcessTests {
  private let shell = "/bin/sh"

  @Test func streamsComeBackWhole() throws {
    let text = String(repeating: "0123456789abcdef\n", count: 20_000)
    let child = try ChildProcess(running: shell, ["-c", "cat; echo said >&2"], input: text)
    #expect(child.status == 0)
    #expect(String(decoding: child.output, as: UTF8.self) == text)
    #expect(child.errors == "said\n")
  }

  @Test(arguments: [("exit 7", 7), ("kill -TERM $$", 143)] as [(String, Int32)])
  func theEndIsTold(script: String, status: Int32) throws {
    #expect(try ChildProcess(running: shell, ["-c", script]).status == status)
  }

  /// Nothing reads the arguments as a command line.
  @Test func argumentsStayAsTheyAre() throws {
    let words = ["a b", "$HOME", "'", "\"", "*", "", ";exit 3"]
    let child = try ChildProcess(
      running: shell, ["-c", "for word; do printf '%s\\n' \"$word\"; done", "sh"] + words)
    #expect(String(decoding: child.output, as: UTF8.self) == words.map { $0 + "\n" }.joined())
  }

  @Test func whatIsNotThereCannotRun() {
    #expect(ChildProcess.find("no-such-program-here") == nil)
    #expect(ChildProcess.find("sh")?.hasSuffix("/sh") == true)
    #expect {
      try ChildProcess(running: "/proc/nowhere", [])
    } throws: { error in
      "\(error)" == "cannot run '/proc/nowhere': no such file or directory"
    }
  }

  /// No stream of ours but the three is open in the child.
  @Test func descriptorsAreNotInherited() throws {
    let child = try ChildProcess(
      running: shell, ["-c", "for one in /proc/$$/fd/*; do echo \"${one##*/}\"; done"])
    let open = String(decoding: child.output, as: UTF8.self).split(separator: "\n")
    #expect(open.prefix(3) == ["0", "1", "2"])
    let own = try LocalFileSystem().list("/proc/self/fd")
    #expect(open.count <= 5, "\(open) of \(own)")
  }
}
