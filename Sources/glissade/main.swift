import Glissade
import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime
import GlissadeSystem

let path = CommandLine.arguments[1]
let bytes = try LocalFileSystem().readAll(path, limit: 1 << 24)
do {
  let description = try GraphReader.read(bytes, file: path)
  let graph = try Graph(
    resolving: description, registry: Operations().registry,
    baseDirectory: String(path[..<path.lastIndex(of: "/")!]))
  for node in graph.nodes {
    print(
      node.name, node.clock,
      node.shape.ports.map { "\($0.name) \($0.axes.phrase) \($0.specs.first.shapePhrase)" })
  }
  let plan = try Plan(expanding: graph)
  print(
    "steps", plan.steps, "tasks", plan.prologue.table.taskCount, plan.step.table.taskCount,
    graph.notBuilt.map(\.message))
  for t in 0..<min(20, plan.step.table.taskCount) {
    print(
      t, plan.name(of: t, in: plan.step),
      plan.step.table.uses(of: t).map { "\($0.value)/\($0.lag)/\($0.time)" },
      plan.step.table.outputs(of: t))
  }
  if CommandLine.arguments.count > 2 {
    var o = RunOptions(threads: Int(CommandLine.arguments[2])!)
    o.onProgress = { p in
      for e in p.evaluations { print(p.step, p.steps, p.loss ?? 0, e.step, e.metrics) }
    }
    let r = try Engine(plan, options: o).run()
    print(
      r.status, r.steps, r.seconds, r.prologueSeconds, r.loss ?? 0, r.tasks, r.peakBytes,
      r.evaluations.last?.metrics ?? [])
  }
} catch let e as GraphError { print(e) }
