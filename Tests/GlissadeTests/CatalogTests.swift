import Foundation
import GlissadeGraph
import GlissadeOperations
import Testing

/// `glissade ops`: what the specs say, all of it.
@Suite struct CatalogTests {
  private let glissade: CommandLineTool

  init() throws { glissade = try CommandLineTool() }

  @Test func everyRegisteredOperationHasItsPage() throws {
    let outcome = try glissade("ops")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = Set(outcome.output.split(separator: "\n").map(String.init))
    let registry = Operations().registry
    #expect(registry.names.count >= 15)
    for name in registry.names {
      let operation = try #require(registry[name])
      #expect(lines.contains { $0.hasPrefix(name + ": ") }, "\(name) has no page")
      #expect(lines.contains("    " + operation.example), "\(name) has no example")
      for port in operation.ports {
        #expect(
          lines.contains { $0.hasPrefix("    \(port.name) (\(port.kind)): ") }, "\(port.name)")
      }
    }
    #expect(lines.allSatisfy { $0.count <= 110 })
  }

  @Test func jsonHasEveryAttributeAndAxisRule() throws {
    let outcome = try glissade("ops", "--format", "json")
    let list = try #require(try object(outcome.output)["operations"] as? [[String: Any]])
    let registry = Operations().registry
    #expect(list.compactMap { $0["name"] as? String } == registry.names)
    for entry in list {
      let name = try #require(entry["name"] as? String)
      let operation = try #require(registry[name])
      let attributes = try #require(entry["attributes"] as? [[String: Any]])
      #expect(attributes.compactMap { $0["name"] as? String } == operation.attributes.map(\.name))
      #expect(entry["built"] as? Bool == operation.isBuilt)
      #expect((entry["axes"] as? String)?.isEmpty == false, "\(name) says nothing of axes")
    }
  }

  @Test func oneOperationShowsTypesDefaultsAndWhatIsNotBuilt() throws {
    let text = try glissade("ops", "batch").output
    #expect(text.hasPrefix("batch: "))
    #expect(text.contains("    of: the name of a node (rows); required. The rows.\n"))
    #expect(text.contains("draw: one of shuffled, with-replacement, in-order; default shuffled."))
    let update = try glissade("ops", "update").output
    #expect(update.contains("rate: a number greater than 0; required."))
    #expect(update.contains("; not run by this version. How many steps apart"))
    #expect(try glissade("ops", "mix").output.contains("not run by this version"))
  }

  @Test func anUnknownOperationIsAWrongUsage() throws {
    let outcome = try glissade("ops", "updat")
    #expect(outcome.code == 64)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors == "error: unknown operation 'updat' (did you mean 'update'?)\n")
  }

  /// The article in the documentation is what the specs say today.
  @Test func theArticleIsThatOfTheseOperations() throws {
    let outcome = try glissade("ops", "--docc")
    #expect(outcome.code == 0)
    let path = "Sources/Glissade/Glissade.docc/Operations.md"
    let committed = try String(contentsOfFile: projectDirectory + "/" + path, encoding: .utf8)
    #expect(
      outcome.output == committed,
      "\(path) is old; make it anew: Tools/glissade ops --docc > \(path)")
    for operation in Operations().registry.operations.values {
      #expect(operation.axisRule?.hasSuffix(".") == true, "\(operation.name)")
      #expect(outcome.output.contains("\n## \(operation.name)\n"), "\(operation.name)")
    }
    #expect(try glissade("ops", "update", "--docc").code == 64)
  }
}
