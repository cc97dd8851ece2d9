import Foundation
import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import Testing

/// The schema of graph files, before the validator that Python has.
@Suite struct GraphSchemaTests {
  /// Whether there is a validator; where everything is to be run there must be one.
  static let hasValidator: Bool = {
    let found = try? python(["-c", "import jsonschema, yaml; jsonschema.Draft202012Validator"])
    return runsEverything || found?.code == 0
  }()

  private static func python(_ arguments: [String]) throws -> (code: Int32, output: String) {
    let process = Process()
    let pipe = Pipe()
    // Debian's own, for which `Tools/test` installs the modules; another one may come first in the path.
    let own = "/usr/bin/python3"
    let isThere = FileManager.default.isExecutableFile(atPath: own)
    process.executableURL = URL(fileURLWithPath: isThere ? own : "/usr/bin/env")
    process.arguments = (isThere ? [] : ["python3"]) + arguments
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

  /// Prints, for each file, `NAME: ` and the number of its errors.
  private static let script = """
    import json, sys, jsonschema, yaml
    schema = json.load(open(sys.argv[1]))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in sys.argv[2:]:
        errors = list(validator.iter_errors(yaml.safe_load(open(path))))
        print(path.split("/")[-1] + ":", "wrong" if errors else "right")
        for error in errors: print("  ", error.json_path, error.message[:200])
    """

  /// What the validator says about files; the schema comes from the command line.
  func verdicts(_ glissade: CommandLineTool, _ paths: [String]) throws -> String {
    let schema = try glissade("schema")
    #expect(schema.code == 0, "\(schema.errors)")
    try glissade.write(schema.output, "schema.json")
    try glissade.write(Self.script, "validate.py")
    let said = try Self.python(
      [glissade.directory("validate.py"), glissade.directory("schema.json")] + paths)
    #expect(said.code == 0)
    return said.output
  }

  @Test(.enabled(if: hasValidator)) func everyShippedGraphIsRight() throws {
    let glissade = try CommandLineTool()
    let files = FileManager.default
    let paths = try ["Graphs", "Graphs/golden"].flatMap { directory in
      try files.contentsOfDirectory(atPath: projectDirectory + "/" + directory)
        .filter { $0.hasSuffix(".yaml") }.sorted()
        .map { projectDirectory + "/" + directory + "/" + $0 }
    }
    #expect(paths.count >= 11)
    _ = try glissade("new", "started")
    let all = paths + [glissade.directory("started.yaml")]
    let expected = all.map { $0.split(separator: "/").last! + ": right\n" }.joined()
    #expect(try verdicts(glissade, all) == expected)
  }

  /// A graph in which one text is another; by its name the file tells what is wrong.
  private static let changes: [(name: String, old: String, new: String)] = [
    ("unknown-attribute", "size: 64", "sise: 64"),
    ("unknown-operation", "op: batch", "op: bach"),
    ("unknown-key", "seed: 7", "sead: 7"),
    ("text-for-number", "size: 64", "size: many"),
    ("number-too-small", "size: 64", "size: 0"),
    ("missing-attribute", "of: weights, with: mean", "of: weights"),
    ("unknown-kind", "kind: momentum", "kind: momentun"),
    ("unknown-in-kind", "momentum: 0.9", "momentums: 0.9"),
    (
      "kind-alone-that-needs-more", "optimizer: { kind: momentum, rate: 0.1, momentum: 0.9 }",
      "optimizer: sgd"
    ),
    ("own-word-elsewhere", "{ kind: momentum, rate: 0.1, momentum: 0.9 }", "acme.sgd"),
    ("two-units", "epochs: 2", "epochs: 2, steps: 5"),
    ("no-unit", "{ epochs: 2 }", "2"),
    ("reference-with-other-key", "of: seen, size", "of: { from: seen, stale: 1 }, size"),
    ("list-for-reference", "of: seen, size", "of: [seen], size"),
    ("by-label-in-run", "{ epochs: 2 }", "{ small: { epochs: 2 } }"),
    ("by-label-of-wrong-type", "size: 64", "size: { small: much }"),
    ("empty-axes", "count: 4", "axes: {}"),
  ]

  /// What the program refuses by its outline, the schema refuses too, and neither refuses what is right.
  @Test(.enabled(if: hasValidator)) func wrongGraphsAreRefused() throws {
    let glissade = try CommandLineTool()
    let right = digits()
    try glissade.write(right, "unchanged.yaml")
    var expected = "unchanged.yaml: right\n"
    for change in Self.changes {
      let wrong = right.replacingOccurrences(of: change.old, with: change.new)
      #expect(wrong != right, "\(change.name) changes nothing")
      #expect(throws: GraphError.self, "\(change.name)") { try graph(wrong) }
      try glissade.write(wrong, change.name + ".yaml")
      expected += change.name + ".yaml: wrong\n"
    }
    let names = ["unchanged"] + Self.changes.map(\.name)
    let said = try verdicts(glissade, names.map { glissade.directory($0 + ".yaml") })
    let verdicts = said.split(separator: "\n").filter { !$0.hasPrefix(" ") }
    #expect(verdicts.joined(separator: "\n") + "\n" == expected, "\(said)")
  }

  /// Values by label, references as maps and words of other programs.
  @Test(.enabled(if: hasValidator)) func otherWaysToSayItAreRight() throws {
    let glissade = try CommandLineTool()
    let changes = [
      ("by-label", "size: 64", "size: { small: 64, large: 128 }"),
      (
        "reference", "of: seen, size",
        "of: { from: seen, as: { train: client }, staleness: 2 }, size"
      ),
      ("own-reduction", "by: mean", "by: { kind: acme.median, sharpness: 4 }"),
      ("own-word", "by: mean", "by: acme.median"),
      ("own-operation", "op: batch, of: seen", "op: acme.batch, with: [1, 2]"),
      ("json-null", "run: { until: { epochs: 2 }  }", "run:"),
    ]
    for (name, old, new) in changes {
      let text = digits().replacingOccurrences(of: old, with: new)
      #expect(text != digits(), "\(name) changes nothing")
      try glissade.write(text, name + ".yaml")
    }
    let said = try verdicts(glissade, changes.map { glissade.directory($0.0 + ".yaml") })
    #expect(said == changes.map { $0.0 + ".yaml: right\n" }.joined())
  }

  /// Where there is no validator: the schema names every operation, attribute and default.
  @Test func theSchemaSaysWhatTheSpecsSay() throws {
    let registry = Operations().registry
    let schema = try object(GraphSchema.json(of: registry).written(.compact))
    let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
    let branches = try #require(definitions["node"]?["allOf"] as? [[String: Any]])
    #expect(branches.count == registry.names.count)
    for (branch, name) in zip(branches, registry.names) {
      let then = try #require(branch["then"] as? [String: Any])
      let properties = try #require(then["properties"] as? [String: Any])
      for attribute in try #require(registry[name]).attributes {
        let property = try #require(properties[attribute.name] as? [String: Any])
        #expect((property["description"] as? String)?.hasPrefix(attribute.summary) == true)
        #expect((property["default"] != nil) == (attribute.defaultValue != nil))
        let reference = try #require(property["$ref"] as? String)
        #expect(definitions[String(reference.dropFirst("#/$defs/".count))] != nil)
      }
      #expect(then["additionalProperties"] as? Bool == false)
    }
  }
}
