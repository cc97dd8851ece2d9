/// Where the values of all ports are, place by place.
///
/// Flat arrays: a step may have a million places, and a dictionary with a key for each of them took most of the time of
/// planning.
struct PlanAddresses: Sendable {
  /// A port whose places have values; `count` is 0 where they have none.
  struct Port: Sendable {
    /// Whether its values are the prologue's.
    var isOnce = false
    /// Where its places begin in `values`.
    var start = 0
    /// The number of places.
    var count = 0
  }

  /// By node, the number of its first port.
  private let firstPort: [Int]
  private var ports: [Port]
  /// By place, the number of the value in its table; -1 where it was fused away.
  private(set) var values: [Int32] = []

  /// Addresses of ports none of which has a value yet.
  init(of nodes: [Graph.Node]) {
    var first: [Int] = []
    var count = 0
    for node in nodes {
      first.append(count)
      count += node.shape.ports.count
    }
    firstPort = first
    ports = Array(repeating: Port(), count: count)
  }

  /// Gives a port its values, place by place.
  mutating func locate(port: Int, of node: Int, isOnce: Bool, places: Int, _ value: (Int) -> Int) {
    ports[firstPort[node] + port] = Port(isOnce: isOnce, start: values.count, count: places)
    for place in 0..<places { values.append(Int32(value(place))) }
  }

  /// A port of a node, both by number.
  func port(_ port: Int, of node: Int) -> Port { ports[firstPort[node] + port] }

  /// Where a port's value at a place is.
  func address(port: Int, of node: Int, place: Int) -> Plan.Address? {
    let found = self.port(port, of: node)
    guard (0..<found.count).contains(place) else { return nil }
    let value = Int(values[found.start + place])
    return value < 0 ? nil : found.isOnce ? .once(value) : .step(value)
  }

  /// Gives the values of steps other numbers: -1 for those that are inside a task now.
  mutating func renumberSteps(_ map: [Int]) {
    for port in ports where !port.isOnce {
      for index in port.start..<port.start + port.count {
        values[index] = Int32(map[Int(values[index])])
      }
    }
  }
}
