extension Resolver {
  /// Gives each state its next version, and holds their axes and shapes against each other.
  mutating func link(_ nodes: inout [Graph.Node]) {
    let updates = Resolver.updates(nodes)
    for index in nodes.indices where nodes[index].operation.isState {
      guard let next = next(of: index, nodes, updates[index] ?? []) else { continue }
      guard let port = nodes[next.node].port(next.port) else { continue }
      let own = nodes[index].shape.ports[0]
      if nodes[next.node].operation.isState {
        // A version that is only handed on: two states would share one value, and so one initial version.
        diagnostics.append(
          Diagnostic(
            "the next version of '\(nodes[index].name)' is '\(nodes[next.node].name)', a state itself: it must be computed in each step",
            at: nodes[index].description["next"]?.position ?? nodes[index].description.position))
        continue
      }
      if outer == nil, let difference = Self.difference(nodes[index], nodes[next.node], port) {
        diagnostics.append(difference)
        continue
      }
      if Set(port.axes) != Set(own.axes) {
        // In a body the state is asked again, with the axes that its next version has.
        nodes[index] = nodes[index].with(next: next)
        continue
      }
      if let place = differingPlace(own, port) {
        let at = own.axes.isEmpty ? "" : " at \(own.axes.placePhrase(place.own))"
        diagnostics.append(
          Diagnostic(
            "'\(nodes[index].name)' has the shape \(own.specs[place.own].shapePhrase)\(at), and its next version '\(nodes[next.node].name)' has \(port.specs[place.next].shapePhrase)",
            at: nodes[next.node].description.position))
        continue
      }
      nodes[index] = nodes[index].with(next: next)
    }
  }

  /// Holds the states of a body against their next versions, once their axes have grown as far as they do.
  func checkAxesOfStates(_ nodes: [Graph.Node]) throws(GraphError) {
    var found: [Diagnostic] = []
    for node in nodes {
      guard let next = node.next, let port = nodes[next.node].port(next.port),
        let difference = Self.difference(node, nodes[next.node], port)
      else { continue }
      found.append(difference)
    }
    if !found.isEmpty { throw GraphError(found) }
  }

  /// What is wrong where a state and its next version have different axes.
  private static func difference(
    _ state: Graph.Node, _ next: Graph.Node, _ port: NodeShape.Port
  ) -> Diagnostic? {
    let own = state.shape.ports[0].axes
    guard Set(port.axes) != Set(own) else { return nil }
    return Diagnostic(
      "'\(state.name)' is \(own.phrase), and its next version '\(next.name)' is \(port.axes.phrase)",
      at: next.description.position ?? state.description.position)
  }

  /// The first place at which a state and its next version have different tensors.
  private func differingPlace(_ own: NodeShape.Port, _ next: NodeShape.Port) -> (
    own: Int, next: Int
  )? {
    if case .uniform(let left) = own.specs, case .uniform(let right) = next.specs {
      return left.tensors == right.tensors ? nil : (0, 0)
    }
    for place in 0..<own.axes.placeCount {
      let other = own.axes.matching(place, in: next.axes)
      if own.specs[place].tensors != next.specs[other].tensors { return (place, other) }
    }
    return nil
  }

  /// By state, the updates of it.
  private static func updates(_ nodes: [Graph.Node]) -> [Int: [Int]] {
    var result: [Int: [Int]] = [:]
    for (index, node) in nodes.enumerated() where node.operation.name == "update" {
      for input in node.inputs where input.path == "of" {
        result[input.node, default: []].append(index)
      }
    }
    return result
  }

  private mutating func next(of index: Int, _ nodes: [Graph.Node], _ updates: [Int])
    -> Graph.PortReference?
  {
    let node = nodes[index]
    if let reference = checked[index]?.references.first(where: { $0.spec.role == .next }) {
      guard let target = reference.target else { return nil }
      let rest = reference.port ?? ""
      let port = rest.isEmpty ? nodes[target].shape.ports[0].name : String(rest)
      guard let found = nodes[target].port(port),
        reference.spec.kinds.contains(found.specs.kind)
      else {
        diagnostics.append(
          Diagnostic(
            "'next' of '\(node.name)' expects parameters, and '\(escaped(reference.text))' gives none",
            at: reference.position))
        return nil
      }
      return Graph.PortReference(node: target, port: port)
    }
    if updates.count > 1 {
      diagnostics.append(
        Diagnostic(
          "'\(node.name)' has several updates (\(updates.map { nodes[$0].name }.joined(separator: ", "))): say which with 'next'",
          at: node.description.position))
      return nil
    }
    return updates.first.map { Graph.PortReference(node: $0, port: nodes[$0].shape.ports[0].name) }
  }
}
