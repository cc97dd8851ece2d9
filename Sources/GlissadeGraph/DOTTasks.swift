import GlissadeTensor

/// Draws the tasks of a plan: what is computed once, then a cluster a step, then what waits for what.
struct TaskPicture {
  private enum Kind: UInt8 {
    /// Waits for it within the step.
    case within
    /// Reads what was computed once.
    case once
    /// Reads the version of an earlier step.
    case earlier
    /// Reads what is held between the steps in which it is made.
    case held
  }

  /// An arrow between two boxes.
  private struct Arrow: Hashable {
    /// The step of the box that it leads from; -1 for what is computed once.
    var fromStep: Int32
    var from: Int32
    var toStep: Int32
    var to: Int32
    var kind: Kind
  }

  private let plan: Plan
  private let once: TaskGroups
  private let step: TaskGroups
  private let steps: Int
  private var out = DOTText()
  private var arrows: [Arrow] = []
  private var counts: [Arrow: Int] = [:]
  private let heat: TaskHeat?

  var text: String { out.text }

  init(
    _ plan: Plan, steps wanted: Int, limit: Int, finest: TaskGroups.Grain = .task,
    heat: TaskHeat? = nil
  ) {
    self.plan = plan
    self.heat = heat
    let limit = max(1, limit)
    let most = plan.step.table.taskCount == 0 ? 0 : max(0, min(wanted, plan.steps))
    (once, step) = TaskPicture.groups(of: plan, steps: most, limit: limit, finest: finest)
    steps = min(most, max(1, limit / max(1, step.groups.count)))
    let name = plan.graph.description.name
    DOTColors.begin(
      &out, name: name + " tasks",
      label: DOTText.label(name, lines: summary(wanted: most), alignedLeft: true))
    if !once.groups.isEmpty {
      DOTColors.cluster(&out, id: "once", label: DOTText.small("once, before the first step"))
      for index in once.groups.indices { writeBox(index, once, plan.prologue, step: -1) }
      out.close()
    }
    for number in 0..<steps {
      DOTColors.cluster(&out, id: "step \(number + 1)", label: stepLabel(number))
      let isShown = isDue(in: number)
      for index in step.groups.indices where isShown[index] {
        writeBox(index, step, plan.step, step: number)
      }
      out.close()
    }
    collectArrows()
    for arrow in arrows { write(arrow) }
    out.close()
  }

  /// The finest boxes that stay within the limit; the coarsest where none do.
  private static func groups(
    of plan: Plan, steps: Int, limit: Int, finest: TaskGroups.Grain
  ) -> (TaskGroups, TaskGroups) {
    func passes(_ once: Int, _ step: Int) -> Bool {
      let (all, overflow) = step.multipliedReportingOverflow(by: max(1, steps))
      return overflow || all > limit - min(once, limit)
    }
    var grain = finest
    if grain == .task, passes(plan.prologue.table.taskCount, plan.step.table.taskCount) {
      grain = .family
    }
    while true {
      let once = TaskGroups(plan.prologue, of: plan.graph, grain: grain)
      let step = TaskGroups(plan.step, of: plan.graph, grain: grain)
      let isLast = grain == .task || grain == .operation
      if isLast || !passes(once.groups.count, step.groups.count) { return (once, step) }
      grain = .operation
    }
  }

  private func summary(wanted: Int) -> [String] {
    var parts = ["\(plan.prologue.table.taskCount) tasks once"]
    if plan.steps > 0 {
      parts.append("\(plan.step.table.taskCount) a step")
      parts.append("\(plan.steps) steps")
    }
    if steps < wanted { parts.append("the first \(steps) of them are drawn") }
    return [parts.joined(separator: ", ")]
      + (steps > 0 ? ["dashed: what later steps read"] : [])
  }

  private func stepLabel(_ number: Int) -> String {
    DOTText.small(steps == 1 ? "each step" : "step \(number + 1)")
  }

  /// By box, whether one of its tasks is due; the one step that stands for all has them all.
  private func isDue(in number: Int) -> [Bool] {
    guard steps > 1 else { return [Bool](repeating: true, count: step.groups.count) }
    var result = [Bool](repeating: false, count: step.groups.count)
    for task in step.ofTask.indices where plan.step.table.isDue(task, step: number, of: plan.steps)
    {
      result[Int(step.ofTask[task])] = true
    }
    return result
  }

  // MARK: Boxes

  private func id(_ group: Int32, step: Int32) -> String {
    step < 0 ? "once.\(group)" : "step\(step + 1).\(group)"
  }

  private mutating func writeBox(_ index: Int, _ groups: TaskGroups, _ tasks: Plan.Tasks, step: Int)
  {
    let group = groups.groups[index]
    let members = tasks.members(of: group.task)
    let node = plan.graph.nodes[Int(members[members.endIndex - 1].node)]
    var colors = DOTColors.of(node)
    var amount: Double?
    if let heat {
      let amounts = step < 0 ? heat.once : heat.steps
      amount = groups.ofTask.indices.reduce(0) { sum, task in
        groups.ofTask[task] == Int32(index) ? sum + amounts[task] : sum
      }
      colors = heat.colors(amount ?? 0)
    }
    out.node(
      id(Int32(index), step: Int32(step)),
      [
        ("label", label(group, members, of: groups, amount)), ("fillcolor", "\"\(colors.fill)\""),
        ("color", "\"\(colors.border)\""),
        ("penwidth", group.count > 1 ? "2.4" : "1.2"),
        ("tooltip", DOTText.quoted(node.operation.summary)),
      ])
  }

  private func label(
    _ group: TaskGroups.Group, _ members: ArraySlice<Plan.Member>, of all: TaskGroups,
    _ amount: Double?
  ) -> String {
    var names = members.map { plan.name(of: $0) }
    var light = ""
    if group.count > 1, all.grain == .operation {
      let last = members[members.endIndex - 1]
      names = [plan.graph.nodes[Int(last.node)].operation.name]
      light = "× \(group.count)"
    } else if group.count > 1 || all.grain == .level {
      names = members.map { member in
        let node = plan.graph.nodes[Int(member.node)]
        let stage = node.shape.stages[Int(member.stage)]
        return stage.name == "value" ? node.name : "\(node.name).\(stage.name)"
      }
      if group.count > 1 { light = "× \(group.count)" }
    }
    var lines = names.dropFirst().map { "+ " + $0 }
    if group.level > 0 { lines.append("level \(group.level + 1) of the tree") }
    if group.bytes > 0 { lines.append("\(ByteCount(group.bytes))") }
    if let heat, let amount { lines.append(heat.line(amount)) }
    return DOTText.label(names[0], light: light, lines: Array(lines))
  }

  // MARK: Arrows

  private mutating func collectArrows() {
    let table = plan.prologue.table
    for task in 0..<table.taskCount {
      for use in table.uses(of: task) {
        add(-1, once.ofTask[Int(table.producer[Int(use.value)])], -1, once.ofTask[task], .within)
      }
    }
    var initials: [Int: Int] = [:]
    for initial in plan.initials { initials[initial.step] = initial.prologue }
    for number in 0..<steps { collectArrows(of: number, initials) }
  }

  private mutating func collectArrows(of number: Int, _ initials: [Int: Int]) {
    let table = plan.step.table
    let prologue = plan.prologue.table
    let isTemplate = steps == 1
    for task in 0..<table.taskCount
    where isTemplate || table.isDue(task, step: number, of: plan.steps) {
      let to = step.ofTask[task]
      for use in table.uses(of: task) {
        let value = Int(use.value)
        if use.time == .once {
          let from = once.ofTask[Int(prologue.producer[value])]
          add(-1, from, number, to, .once)
          continue
        }
        let from = step.ofTask[Int(table.producer[value])]
        if use.time == .held {
          let period = Int(table.period[Int(table.producer[value])])
          let source = (number - Int(use.lag) + 1) / period * period - 1
          if isTemplate || source >= 0 {
            add(isTemplate ? number : source, from, number, to, .held)
          }
          continue
        }
        let source = max(number - Int(use.lag), Int(use.floor))
        if source < 0, let initial = initials[value] {
          add(-1, once.ofTask[Int(prologue.producer[initial])], number, to, .once)
        }
        if isTemplate {
          add(number, from, number, to, use.lag == 0 ? .within : .earlier)
        } else if source >= 0 {
          add(source, from, number, to, use.lag == 0 ? .within : .earlier)
        }
      }
    }
  }

  private mutating func add(
    _ fromStep: Int, _ from: Int32, _ toStep: Int, _ to: Int32, _ kind: Kind
  ) {
    // Inside a box that stands for many, only what leads to another step is worth an arrow.
    if from == to, fromStep == toStep, kind == .within { return }
    let arrow = Arrow(
      fromStep: Int32(fromStep), from: from, toStep: Int32(toStep), to: to, kind: kind)
    if let count = counts[arrow] {
      counts[arrow] = count + 1
    } else {
      counts[arrow] = 1
      arrows.append(arrow)
    }
  }

  private mutating func write(_ arrow: Arrow) {
    var attributes: [(String, String)] = []
    let count = counts[arrow] ?? 1
    let isCollapsed =
      (arrow.fromStep < 0 ? once : step).groups[Int(arrow.from)].count > 1
      || (arrow.toStep < 0 ? once : step).groups[Int(arrow.to)].count > 1
    let label = isCollapsed && count > 1 ? "× \(count)" : ""
    switch arrow.kind {
    case .within: break
    case .once: attributes += [("color", "\"#B4BEC8\""), ("penwidth", "0.8")]
    case .earlier, .held:
      attributes += [
        ("style", "dashed"), ("color", "\"\(DOTColors.next)\""),
        ("fontcolor", "\"\(DOTColors.next)\""),
      ]
      if arrow.fromStep == arrow.toStep {
        attributes.append(("constraint", "false"))
      }
    }
    if !label.isEmpty { attributes.append(("label", DOTText.quoted(label))) }
    out.edge(
      id(arrow.from, step: arrow.fromStep), id(arrow.to, step: arrow.toStep), attributes)
  }
}
