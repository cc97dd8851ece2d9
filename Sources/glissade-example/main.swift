// Trains two graphs that are written in Swift: `swift run -c release glissade-example [DATA]`, with the directory of
// digits.csv, Graphs/data by default. It writes nothing but what it prints.

import Glissade

let data = CommandLine.arguments.dropFirst().first ?? "Graphs/data"

do {
  let graph = digits(data: data)
  print(graph.yaml)
  print("graph_sha256 \(graph.sha256)")
  let result = try graph.run()
  for evaluation in result.evaluations {
    let metrics = evaluation.metrics.map { "\(evaluation.key($0.name)) \($0.value)" }
    print("step \(evaluation.step): " + metrics.joined(separator: ", "))
  }
  if let best = result.best { print("best: \(best.value) after \(best.step) steps") }

  var operations = Operations()
  operations.register(SoftMedian.self)
  let robust = try robustDigits(data: data).run(with: operations)
  print("\(SoftMedian.name): loss \(robust.loss ?? 0) after \(robust.steps) steps")
} catch {
  Terminal.standardError.write("\(error)\n")
  exitProcess(65)
}
