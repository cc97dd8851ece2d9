/// Tasks in the order in which they ran, one at a time, with what each has read and made.
package struct EvictionTrace: Sendable {
  /// A value.
  struct Item: Sendable {
    var bytes: Int
    /// Whether it stays in memory as long as it lives.
    var isFixed: Bool
    /// Whether it can be let go without writing it.
    var isDropped: Bool
    /// The numbers of the tasks that touch it, ascending: the one that makes it, then those that read it.
    var touches: [Int]
    /// The last task before its end; nil where it lives on.
    var last: Int?
  }

  /// A trace of nothing.
  package init() {}

  private(set) var items: [Item] = []
  /// By task, the bytes it needs beside values.
  private(set) var workspaces: [Int] = []

  /// A task starts.
  package mutating func begin(workspace: Int) { workspaces.append(workspace) }

  /// The task that has started last reads a value.
  package mutating func read(_ item: Int) {
    let task = workspaces.count - 1
    if items[item].touches.last != task { items[item].touches.append(task) }
  }

  /// The task that has started last makes a value; gives its number.
  package mutating func make(bytes: Int, isFixed: Bool, isDropped: Bool) -> Int {
    let task = workspaces.count - 1
    items.append(
      Item(bytes: bytes, isFixed: isFixed, isDropped: isDropped, touches: [task], last: nil))
    return items.count - 1
  }

  /// A value ends.
  package mutating func release(_ item: Int) { items[item].last = workspaces.count - 1 }
}
