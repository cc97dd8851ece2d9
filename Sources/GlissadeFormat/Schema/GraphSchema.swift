public import GlissadeGraph

/// The JSON Schema of graph files, made from the operations that a program knows: editors complete and check with it.
///
/// It knows outlines, words, numbers and required keys. What only a resolved graph knows (names of nodes, axes, labels,
/// shapes) stays with `check`: so a map by label is allowed at every attribute, whatever its labels.
public enum GraphSchema {
  /// The dialect.
  static let dialect = "https://json-schema.org/draft/2020-12/schema"

  /// The schema of graph files whose nodes name operations of a registry.
  ///
  /// Operations and words with a dot in their name that the registry does not have belong to some other program: they
  /// are let through unchecked, since `check` names them in the program that runs them.
  ///
  /// - Complexity: O(attributes of all operations).
  public static func json(of registry: OperationRegistry) -> JSONText {
    var types = SchemaTypes()
    let operations = registry.names.compactMap { registry[$0] }
    let node = self.node(operations, &types)
    let run = SchemaText.open(RunSettings.specs, &types, path: "run")
    let outputs = self.outputs(&types)
    let definitions: [JSONText.Member] =
      [
        .init("node", node),
        .init(
          "nodes",
          [
            "description": "The nodes by name.", "type": "object",
            "propertyNames": ["pattern": .text(SchemaText.name)],
            "additionalProperties": ["$ref": "#/$defs/node"],
          ]),
      ] + types.definitions
    return [
      "$schema": .text(dialect), "title": "Glissade graph",
      "description": "A graph file: training, or the use of a model, as a graph of tasks.",
      "type": "object", "required": ["glissade", "name", "nodes"],
      "properties": [
        "glissade": [
          "description": "The version of the graph language.",
          "const": .integer(GraphDescription.languageVersion),
        ],
        "name": [
          "description": "The name of the graph.", "type": "string",
          "pattern": "^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}$",
        ],
        "seed": [
          "description": "What every random number depends on.", "type": "integer", "minimum": 0,
          "maximum": .unsigned(.max), "default": 0,
        ],
        "needs": [
          "description": "Registered operations that the graph needs, with their versions.",
          "type": ["object", "null"],
          "propertyNames": ["pattern": .text(SchemaText.dottedName)],
          "additionalProperties": ["type": "integer"],
        ],
        "nodes": ["$ref": "#/$defs/nodes"],
        "run": SchemaText.orNull(run, "How long it runs, when it stops, what it saves on the way."),
        "outputs": SchemaText.orNull(
          outputs, "What is written at the end: a node or port, and its file."),
      ],
      "additionalProperties": false, "$defs": .object(definitions),
    ]
  }

  /// A node: its keys depend on its operation.
  private static func node(_ operations: [OperationSpec], _ types: inout SchemaTypes) -> JSONText {
    let branches: [JSONText] = operations.map { operation in
      SchemaText.branch("op", is: operation.name, then: keys(of: operation, &types))
    }
    let summaries = operations.map { "\($0.name): \($0.summary)" }.joined(separator: "\n")
    return [
      "description": "What is done: an operation with its attributes.", "type": "object",
      "required": ["op"],
      "properties": [
        "op": [
          "description": .text("The operation.\n" + summaries),
          "anyOf": [
            ["enum": .list(operations.map { .text($0.name) })],
            ["type": "string", "pattern": .text(SchemaText.ownName)],
          ],
        ]
      ],
      "allOf": .list(branches),
    ]
  }

  private static func keys(of operation: OperationSpec, _ types: inout SchemaTypes) -> JSONText {
    var members: [JSONText.Member] = [.init("op", true)]
    var required: [JSONText] = []
    for spec in operation.attributes + [CommonAttributes.every] {
      // Programs register reductions of their own, and a graph may be for one of those.
      let isOpen = operation.name == "reduce" && spec.name == "by"
      let path = operation.name + "." + spec.name
      members.append(.init(spec.name, types.property(spec, path: path, allowsOwnWords: isOpen)))
      if spec.isRequired { required.append(.text(spec.name)) }
    }
    if operation.hasBody {
      members.append(.init("nodes", ["$ref": "#/$defs/nodes"]))
      required.append("nodes")
    }
    var result: [JSONText.Member] = [
      .init("description", .text(operation.summary)), .init("properties", .object(members)),
    ]
    if !required.isEmpty { result.append(.init("required", .list(required))) }
    result.append(.init("additionalProperties", false))
    return .object(result)
  }

  private static func outputs(_ types: inout SchemaTypes) -> JSONText {
    [
      "type": "object", "propertyNames": ["pattern": .text(SchemaText.reference)],
      "additionalProperties": [
        "if": ["type": "string"], "then": ["minLength": 1],
        "else": SchemaText.open(RunSettings.outputSpecs, &types, path: "outputs"),
      ],
    ]
  }
}
