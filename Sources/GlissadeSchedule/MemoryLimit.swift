/// A value of one step, or one of the values that are computed once, as the scheduler and whoever acts for it name it.
package struct Version: Sendable, Hashable {
  /// The number of the value in its table.
  package var value: Int32
  /// Its step; -1 is the initial version of a state, `once` stands for all steps.
  package var step: Int

  /// The step of what is computed once.
  package static let once = Int.min

  /// A version of a value.
  package init(_ value: Int, step: Int) {
    self.value = Int32(value)
    self.step = step
  }
}

/// The bytes that a run may hold, and what can be done about those of each value.
package struct MemoryLimit: Sendable {
  /// Who goes first when memory is short.
  package enum Eviction: Sendable, CaseIterable {
    /// What is needed furthest ahead.
    ///
    /// L. A. Belady, "A study of replacement algorithms for a virtual-storage computer", IBM Systems Journal 5, 1966.
    case furthest
    /// What was used longest ago: to compare with.
    case leastRecent
  }

  /// What can be done with the bytes of a value.
  package struct Traits: Sendable {
    /// Whether it stays in memory as long as it lives.
    package var isFixed = false
    /// Whether its task can be run again at any time: it reads no other value.
    package var isRepeatable = false
    /// Whether running its task again is cheaper than writing and reading its bytes.
    package var isDropped = false

    /// Traits of a value that can be put away.
    package init(isFixed: Bool = false, isRepeatable: Bool = false, isDropped: Bool = false) {
      self.isFixed = isFixed
      self.isRepeatable = isRepeatable
      self.isDropped = isDropped
    }
  }

  /// Where a value is when the steps begin.
  package struct Place: Sendable, Hashable {
    /// Whether it is in memory.
    package var isResident = true
    /// Whether it has been written to the disk.
    package var isStored = false

    /// A place; in memory and nowhere else by default.
    package init(isResident: Bool = true, isStored: Bool = false) {
      self.isResident = isResident
      self.isStored = isStored
    }
  }

  /// A value that is computed once, as it is when the steps begin.
  package struct Once: Sendable {
    /// Its bytes; 0 for a view.
    package var bytes: Int
    /// The values that have the bytes it shows: itself, or for a view others.
    package var roots: [Int32]
    /// What can be done with it.
    package var traits: Traits
    /// Where it is.
    package var place: Place

    /// A value that is in memory and nowhere else by default.
    package init(bytes: Int, roots: [Int32], traits: Traits, place: Place = Place()) {
      self.bytes = bytes
      self.roots = roots
      self.traits = traits
      self.place = place
    }
  }

  /// The most bytes of values, outputs and workspaces at any time.
  package var budget: Int
  /// How many tasks may wait for their inputs to come back from the disk, beside those that run.
  package var ahead: Int
  /// Who goes first.
  package var eviction = Eviction.furthest
  /// By value of the table.
  package var traits: [Traits]
  /// What is computed once, with its number as index.
  package var once: [Once] = []
  /// By value of the table, where its initial version is; in memory where nothing is said.
  package var initial: [Int32: Place] = [:]
  /// Whether pinned values stay alive when their step is complete: for what is computed once.
  package var keepsPinned = false
  /// Values of fewer bytes stay in memory: to move them costs more than they take.
  package var leastMoved = 4096

  /// A limit.
  package init(budget: Int, ahead: Int, traits: [Traits]) {
    self.budget = budget
    self.ahead = ahead
    self.traits = traits
  }
}

/// Where the bytes of a value are.
enum Residence: UInt8, Sendable {
  /// In memory.
  case memory
  /// In memory, and on their way to the disk.
  case leaving
  /// Not in memory: on the disk, or made anew when they are wanted.
  case away
  /// On their way back: memory is reserved for them.
  case coming
}

/// What is remembered of the bytes of a value that is alive.
struct MemoryRecord: Sendable {
  var residence = Residence.memory
  /// Whether it can be let go without writing it.
  var hasCopy = false
  /// How many times tasks that are admitted read it.
  var users: Int32 = 0
  /// When it was last read, by a count of readings.
  var lastUse: UInt32 = 0
}
