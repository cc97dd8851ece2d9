import Foundation
import Testing

/// `glissade doctor`.
@Suite struct DoctorTests {
  private let glissade: CommandLineTool

  init() throws { glissade = try CommandLineTool() }

  @Test func everythingThatIsNeededIsThere() throws {
    let outcome = try glissade("doctor", "--quick")
    #expect(outcome.code == 0, "\(outcome.output)")
    for line in ["glissade", "instructions", "OpenBLAS", "memory", "open files", "Graphviz"] {
      #expect(outcome.output.contains("\n" + line) || outcome.output.hasPrefix(line), "\(line)")
    }
    #expect(outcome.output.hasSuffix("\neverything that is needed is there\n"))
    let json = try object(try glissade("doctor", "--quick", "--format", "json").output)
    #expect(json["version"] as? String == "0.1.0")
    #expect((json["kernels"] as? String)?.hasPrefix("OpenBLAS ") == true)
    #expect((json["faults"] as? [Any])?.isEmpty == true)
    #expect((json["rates"] as? [Any])?.isEmpty == true)
  }

  @Test func speedsAreMeasured() throws {
    let json = try object(try glissade("doctor", "--format", "json").output)
    let rates = try #require(json["rates"] as? [[String: Any]])
    #expect(rates.first?["threads"] as? Int == 1)
    for rate in rates {
      let multiply = try #require(rate["multiply_flops_per_second"] as? Double)
      #expect(multiply > 1e6)
    }
    let disk = try #require(json["disk"] as? [String: Any])
    #expect((disk["write_bytes_per_second"] as? Double ?? 0) > 1e3)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: glissade.directory.path)
        .allSatisfy { $0.hasPrefix(".call-") })
  }

  @Test func whatIsMissingIsNamedWithItsPackage() throws {
    let bare = try glissade("doctor", "--quick", environment: ["PATH": "/proc/nowhere"])
    #expect(bare.code == 0)
    #expect(bare.output.contains("apt-get install graphviz"))
    let nowhere = try glissade("doctor", "--quick", "--directory", "/proc/nowhere")
    #expect(nowhere.code == 1)
    #expect(nowhere.output.contains("\nfault: cannot open '/proc/nowhere': no such file"))
  }
}
