import GlissadeTensor

/// Draws a graph: clusters by axes and bodies, boxes, then edges.
struct GraphPicture {
  /// A graph or a body, with where names that it lacks are looked for.
  private struct Scope {
    var graph: Graph
    var prefix: String
    var parent: Int?
    var indices: [String: Int] = [:]
    /// By node, the scope of its body.
    var bodies: [Int: Int] = [:]
  }

  /// What is left to be written; a stack of these stands in for recursion.
  private enum Item {
    case scope(Int, axes: [Axis])
    case node(Int, scope: Int, axes: [Axis])
    case axes([Axis], id: String)
    case close
  }

  private var out = DOTText()
  private var scopes: [Scope] = []
  private let isNeeded: [Bool]
  private let heat: (TaskHeat, byNode: [Double])?

  var text: String { out.text }

  init(_ graph: Graph, heat: (TaskHeat, byNode: [Double])? = nil) {
    self.heat = heat
    isNeeded = Expansion.needed(in: graph)
    addScopes(graph)
    DOTColors.begin(
      &out, name: graph.description.name,
      label: DOTText.label(
        graph.description.name, lines: GraphPicture.runLines(graph), alignedLeft: true))
    writeBoxes()
    writeOutputs(graph)
    for scope in scopes.indices { writeEdges(scope) }
    out.close()
  }

  private static func runLines(_ graph: Graph) -> [String] {
    guard graph.run.steps > 0 else { return [] }
    var line = "\(graph.run.steps) steps"
    if let epoch = graph.run.epochSteps { line += ", \(epoch) an epoch" }
    var lines = [line]
    if let stop = graph.run.stop {
      let metric = "\(graph.nodes[stop.node].name).\(stop.metric)"
      var rules: [String] = []
      if let target = stop.reaches { rules.append("reaches \(target)") }
      if let best = stop.best, let patience = stop.patience {
        rules.append("is not \(best == .greatest ? "greater" : "less") for \(patience) evaluations")
      }
      if !rules.isEmpty { lines.append("stops when \(metric) \(rules.joined(separator: ", or "))") }
    }
    return lines
  }

  // MARK: Scopes

  private mutating func addScopes(_ graph: Graph) {
    scopes = [Scope(graph: graph, prefix: "", parent: nil)]
    var next = 0
    while next < scopes.count {
      for (index, node) in scopes[next].graph.nodes.enumerated() {
        scopes[next].indices[node.name] = index
        guard let body = node.body, !body.nodes.isEmpty else { continue }
        scopes[next].bodies[index] = scopes.count
        scopes.append(
          Scope(graph: body, prefix: scopes[next].prefix + node.name + ".", parent: next))
      }
      next += 1
    }
  }

  private func id(_ scope: Int, _ node: Int) -> String {
    scopes[scope].prefix + scopes[scope].graph.nodes[node].name
  }

  /// The box that stands for a port: of a node with a body, what the port yields.
  private func anchor(_ scope: Int, _ node: Int, port: String?) -> String {
    var (scope, node, port) = (scope, node, port)
    while let body = scopes[scope].bodies[node] {
      let inner = scopes[body].graph
      let yielded = scopes[scope].graph.nodes[node].description["yields"]
      let target = port.flatMap { yielded?[$0]?.text }.flatMap { inner.port($0) }
      (scope, node, port) = (body, target?.node ?? inner.order.first ?? 0, target?.port)
    }
    return id(scope, node)
  }

  /// The scope and number of what an input of a node in a scope refers to.
  private func source(of input: NodeInput, in scope: Int) -> (scope: Int, node: Int)? {
    if input.node >= 0 { return (scope, input.node) }
    var outer = scopes[scope].parent
    while let scope = outer {
      if let node = scopes[scope].indices[input.nodeName] { return (scope, node) }
      outer = scopes[scope].parent
    }
    return nil
  }

  // MARK: Boxes

  private mutating func writeBoxes() {
    var stack: [Item] = [.scope(0, axes: [])]
    while let item = stack.popLast() {
      switch item {
      case .close: out.close()
      case .axes(let axes, let id):
        DOTColors.cluster(
          &out, id: id,
          label: DOTText.small(GraphPicture.phrase(axes)))
      case .scope(let scope, let axes): stack += families(of: scope, inside: axes).reversed()
      case .node(let node, let scope, let axes):
        if let body = scopes[scope].bodies[node] {
          DOTColors.cluster(
            &out, id: id(scope, node), label: label(scopes[scope].graph.nodes[node], scope),
            isBody: true)
          stack += [.close, .scope(body, axes: axes)]
        } else {
          writeBox(scope, node)
        }
      }
    }
  }

  /// The nodes of a scope in families that share the axes of their main ports, in the order of their first nodes.
  private func families(of scope: Int, inside outer: [Axis]) -> [Item] {
    var order: [[Axis]] = []
    var members: [[Axis]: [Int]] = [:]
    for (index, node) in scopes[scope].graph.nodes.enumerated() {
      let axes = node.shape.ports.first?.axes ?? []
      if members[axes] == nil { order.append(axes) }
      members[axes, default: []].append(index)
    }
    return order.flatMap { axes -> [Item] in
      let nodes = (members[axes] ?? []).map { Item.node($0, scope: scope, axes: axes) }
      if axes.isEmpty || axes == outer { return nodes }
      let id = scopes[scope].prefix + axes.phrase
      return [.axes(axes, id: id)] + nodes + [.close]
    }
  }

  private mutating func writeBox(_ scope: Int, _ index: Int) {
    let node = scopes[scope].graph.nodes[index]
    let isCulled = scope == 0 && !isNeeded[index]
    var colors = isCulled ? DOTColors.culled : DOTColors.of(node)
    if scope == 0, let heat { colors = heat.0.colors(heat.byNode[index]) }
    var attributes = [
      ("label", label(node, scope, index)), ("fillcolor", "\"\(colors.fill)\""),
      ("color", "\"\(colors.border)\""), ("tooltip", DOTText.quoted(node.operation.summary)),
    ]
    if isCulled { attributes.append(("style", "\"rounded,filled,dashed\"")) }
    out.node(id(scope, index), attributes)
  }

  private func label(_ node: Graph.Node, _ scope: Int, _ index: Int? = nil) -> String {
    let axes = node.shape.ports.first?.axes ?? []
    var lines: [String] = []
    let summary = node.shape.ports.first?.specs.first.facts?.summary
    let isNews = summary.map { text in
      !node.inputs.contains { $0.spec.facts?.summary == text }
    }
    let words = chosenWords(node).filter { word in !(summary?.hasPrefix(word) ?? false) }
    lines.append(([node.operation.name] + words).joined(separator: " · "))
    if let summary, isNews == true, node.body == nil { lines.append(summary) }
    if let clock = clockPhrase(node, scope) { lines.append(clock) }
    if scope == 0, let heat, let index { lines.append(heat.0.line(heat.byNode[index])) }
    let light = GraphPicture.phrase(axes)
    guard node.body == nil else {
      return DOTText.label(node.name, light: ([light] + lines).joined(separator: " · "))
    }
    return DOTText.label(node.name, light: light, lines: lines)
  }

  /// The words that the author chose, at most three: the loss, the optimizer, the way of reducing.
  private func chosenWords(_ node: Graph.Node) -> [String] {
    let specs = node.operation.attributes
    let words = node.description.attributes.flatMap { entry -> [String] in
      guard let type = specs.first(where: { $0.name == entry.key })?.type,
        !type.variantSpecs.isEmpty
      else { return [] }
      return (entry.value.list ?? [entry.value]).compactMap { $0.text ?? $0["kind"]?.text }
    }
    return Array(words.prefix(3))
  }

  private func clockPhrase(_ node: Graph.Node, _ scope: Int) -> String? {
    if node.body != nil, let until = node.description["until"] {
      for unit in ["steps", "epochs"] {
        if let count = until[unit]?.integer { return "until \(count) \(unit)" }
      }
    }
    guard case .every(let steps) = node.clock else { return nil }
    if scope == 0, let epoch = scopes[0].graph.run.epochSteps, steps % epoch == 0 {
      return steps == epoch ? "every epoch" : "every \(steps / epoch) epochs"
    }
    return steps == 1 ? "every step" : "every \(steps) steps"
  }

  private mutating func writeOutputs(_ graph: Graph) {
    for output in graph.outputs {
      let node = graph.nodes[output.port.node]
      let id = "output " + output.name
      out.node(
        id,
        [
          (
            "label", DOTText.small(output.isBest ? output.file + ", best version" : output.file)
          ),
          ("shape", "note"), ("style", "\"filled\""), ("fillcolor", "\"#FFFFFF\""),
          ("color", "\"\(DOTColors.faint)\""),
        ])
      out.edge(
        anchor(0, output.port.node, port: output.port.port), id,
        [
          ("label", portLabel(output.port.port, of: node)),
          ("color", "\"\(DOTColors.faint)\""),
        ])
    }
  }

  private func portLabel(_ port: String, of node: Graph.Node) -> String {
    port == node.shape.ports.first?.name ? "\"\"" : DOTText.quoted("." + port)
  }

  // MARK: Edges

  private mutating func writeEdges(_ scope: Int) {
    for (index, node) in scopes[scope].graph.nodes.enumerated() {
      let to = anchor(scope, index, port: nil)
      for input in node.inputs {
        // What nodes of the body read is drawn at those nodes.
        if node.body != nil, input.path.hasPrefix("nodes.") { continue }
        guard let found = source(of: input, in: scope) else { continue }
        let source = scopes[found.scope].graph.nodes[found.node]
        let isCulled = scope == 0 && !isNeeded[index]
        let color = isCulled ? DOTColors.faint : DOTColors.of(source).border
        out.edge(
          anchor(found.scope, found.node, port: input.port), to,
          [
            ("label", DOTText.quoted(edgeLabel(input, from: source))), ("color", "\"\(color)\""),
            (
              "edgetooltip",
              DOTText.quoted("\(input.nodeName).\(input.port) → \(node.name).\(input.path)")
            ),
          ])
      }
      for fact in node.facts {
        guard let found = source(of: fact, in: scope) else { continue }
        out.edge(
          anchor(found.scope, found.node, port: fact.port), to,
          [
            ("label", DOTText.quoted(fact.path)), ("style", "dotted"), ("constraint", "false"),
            ("color", "\"\(DOTColors.faint)\""), ("fontcolor", "\"\(DOTColors.faint)\""),
          ])
      }
      guard let next = node.next else { continue }
      out.edge(
        anchor(scope, next.node, port: next.port), to,
        [
          ("label", "\"next\""), ("style", "dashed"), ("constraint", "false"),
          ("color", "\"\(DOTColors.next)\""), ("fontcolor", "\"\(DOTColors.next)\""),
        ])
    }
  }

  /// Axes as the picture shows them: `train[4] × block[2]`; empty for none.
  static func phrase(_ axes: [Axis]) -> String {
    axes.map(\.phrase).joined(separator: " × ")
  }

  /// What travels along an edge: `.loss [2] × train[4], 3 steps late`.
  private func edgeLabel(_ input: NodeInput, from source: Graph.Node) -> String {
    var text = GraphPicture.shapePhrase(input.specs, places: input.axes.placeCount)
    if input.port != source.shape.ports.first?.name { text = ".\(input.port) " + text }
    if !input.axes.isEmpty { text += " × " + GraphPicture.phrase(input.axes) }
    if input.staleness > 0 {
      text += ", \(input.staleness) step\(input.staleness == 1 ? "" : "s") late"
    }
    return text
  }

  /// The shape of the first tensor: the greatest along each dimension where places differ.
  static func shapePhrase(_ specs: PlaceSpecs, places: Int) -> String {
    guard case .each(let all) = specs, let first = all.first?.tensors.first?.shape else {
      return specs.first.shapePhrase
    }
    var greatest = first.dimensions
    var differs = false
    for spec in all.dropFirst() {
      guard let shape = spec.tensors.first?.shape, shape != first else { continue }
      guard shape.rank == first.rank else { return "[…]" }
      differs = true
      for (index, size) in shape.dimensions.enumerated() {
        greatest[index] = max(greatest[index], size)
      }
    }
    return (differs ? "≤ " : "") + "\(Shape(greatest))"
  }
}
