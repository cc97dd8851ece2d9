import GlissadeGraph
import GlissadeTensor

/// A node with its attributes in the order of the literal.
func node(
  _ name: String, _ operation: String, _ attributes: KeyValuePairs<String, AttributeValue> = [:],
  body: [NodeDescription]? = nil
) -> NodeDescription {
  NodeDescription(
    name, operation: operation, attributes: attributes.map { AttributeEntry($0.key, $0.value) },
    body: body)
}

func entries(_ pairs: KeyValuePairs<String, AttributeValue>) -> [AttributeEntry] {
  pairs.map { AttributeEntry($0.key, $0.value) }
}

/// A checked graph over the tiny operations.
func graph(
  _ nodes: [NodeDescription], run: KeyValuePairs<String, AttributeValue> = [:],
  outputs: KeyValuePairs<String, AttributeValue> = [:]
) throws -> Graph {
  try Graph(
    resolving: GraphDescription(
      name: "test", nodes: nodes, run: entries(run), outputs: entries(outputs)),
    registry: TinyOperations.registry)
}

/// What is found wrong, one line each; a hint stands in brackets.
func errors(
  _ nodes: [NodeDescription], run: KeyValuePairs<String, AttributeValue> = [:],
  outputs: KeyValuePairs<String, AttributeValue> = [:]
) -> [String] {
  do {
    _ = try graph(nodes, run: run, outputs: outputs)
    return []
  } catch let error as GraphError {
    return error.diagnostics.map { found in
      found.message + (found.hint.map { " [\($0)]" } ?? "")
    }
  } catch {
    return ["\(error)"]
  }
}

extension Graph {
  subscript(name: String) -> Node { nodes[index(of: name)!] }
}

extension Plan {
  /// By task of a step, what it reads: `g[a=1]`, `w@-1` for one step late, `once:w.initial`, `held:s`.
  var wiring: [String: [String]] {
    var result: [String: [String]] = [:]
    for task in 0..<step.table.taskCount {
      result[name(of: task, in: step)] = step.table.uses(of: task).map { use in
        let tasks = use.time == .once ? prologue : step
        let producer = name(of: Int(tasks.table.producer[Int(use.value)]), in: tasks)
        switch use.time {
        case .once: return "once:" + producer
        case .held: return "held:" + producer + "@-\(use.lag)"
        case .step: return use.lag == 0 ? producer : producer + "@-\(use.lag)"
        }
      }
    }
    return result
  }

  /// The names of the tasks of a step, in their order.
  var taskNames: [String] { (0..<step.table.taskCount).map { name(of: $0, in: step) } }
}
