/// How much each task of a plan took of something in a run, to colour pictures by.
public struct TaskHeat: Sendable {
  /// By task of what is computed once.
  public let once: [Double]
  /// By task of a step, over all steps.
  public let steps: [Double]
  /// How an amount is written.
  public let phrase: @Sendable (Double) -> String

  /// A heat of a plan's tasks.
  public init(
    once: [Double], steps: [Double], phrase: @escaping @Sendable (Double) -> String
  ) {
    self.once = once
    self.steps = steps
    self.phrase = phrase
  }

  private var total: Double { once.reduce(0, +) + steps.reduce(0, +) }

  /// By node, the amount of the tasks whose last member is of it.
  func byNode(_ plan: Plan) -> [Double] {
    var sums = [Double](repeating: 0, count: plan.graph.nodes.count)
    for (amounts, tasks) in [(once, plan.prologue), (steps, plan.step)] {
      for (task, amount) in amounts.enumerated() {
        let members = tasks.members(of: task)
        sums[Int(members[members.endIndex - 1].node)] += amount
      }
    }
    return sums
  }

  /// The line in a box: the amount and its share.
  func line(_ amount: Double) -> String {
    let share = total > 0 ? amount / total * 100 : 0
    return "\(phrase(amount)) · \(Int(share.rounded())) %"
  }

  /// From white to red, in eight steps of which each stands for twice the share of the one before, since a few nodes have
  /// nearly all of it.
  func colors(_ amount: Double) -> (fill: String, border: String) {
    let fills = [
      "#FFFFFF", "#FFF6EE", "#FEE9D8", "#FDD9BE", "#FDC6A2", "#FCB186", "#FA9A6E", "#F4815A",
    ]
    var step = fills.count - 1
    var bound = 0.5
    while step > 0, total <= 0 || amount / total < bound {
      step -= 1
      bound /= 2
    }
    return (fills[step], "#8A3A22")
  }
}
