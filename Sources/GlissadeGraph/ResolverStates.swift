extension Resolver {
  /// Gives each state its next version, and holds their axes and shapes against each other.
  mutating func link(_ nodes: inout [Graph.Node]) {
    let updates = Resolver.updates(nodes)
    for index in nodes.indices where nodes[index].operation.isState {
      guard let next = next(of: index, nodes, updates[index] ?? []) else { continue }
      guard let port = nodes[next.node].port(next.port) else { continue }
      let own = nodes[index].shape.ports[0]
      if outer == nil && Set(port.axes) != Set(own.axes) {
        diagnostics.append(
          Diagnostic(
            "'\(nodes[index].name)' is \(own.axes.phrase), and its next version '\(nodes[next.node].name)' is \(port.axes.phrase)",
            at: nodes[next.node].description.position ?? nodes[index].description.position))
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
      nodes[index].next = next
    }
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
      let name = nodeName(reference.text)
      guard let target = indices[name] else { return nil }
      let rest = reference.text.dropFirst(name.count + 1)
      let port = rest.isEmpty ? nodes[target].shape.ports[0].name : String(rest)
      guard let found = nodes[target].port(port),
        reference.spec.kinds.contains(found.specs.first.kind)
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
