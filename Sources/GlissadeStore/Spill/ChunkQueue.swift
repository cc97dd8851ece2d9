import GlissadeSystem

/// Hands out the parts of jobs to threads: a plain queue, with reads before writes, since somebody waits for what is read.
///
/// A job is waiting, then begun by one thread, then its chunks go to whichever threads ask. While its last chunks are
/// under way the next job is begun, so that the disk has always something to do.
final class ChunkQueue: Sendable {
  /// Which of two queues a job stands in.
  enum Class: Int {
    case reading = 0
    case writing = 1
  }

  /// A job that was begun.
  ///
  /// `@unchecked Sendable`: the queue's gate guards all that changes.
  final class Active: @unchecked Sendable {
    let job: any ChunkJob
    fileprivate var next = 0
    /// Chunks that are not done: waiting and under way.
    fileprivate var left: Int
    fileprivate var failure: StoreError?

    fileprivate init(_ job: any ChunkJob) {
      self.job = job
      left = job.chunkCount
    }

    fileprivate func fail(_ error: StoreError) {
      failure = failure ?? error
      left -= job.chunkCount - next
      next = job.chunkCount
    }
  }

  /// What a thread is to do.
  enum Work {
    case begin(any ChunkJob, Class)
    case chunk(Active, Int, Class)
    case leave
  }

  /// Jobs first in, first out; each costs O(1) on the average.
  private struct Line {
    private var jobs: [(any ChunkJob)?] = []
    private var head = 0

    var count: Int { jobs.count - head }

    mutating func append(_ job: any ChunkJob) { jobs.append(job) }

    mutating func popFirst() -> (any ChunkJob)? {
      guard head < jobs.count else { return nil }
      defer {
        jobs[head] = nil
        head += 1
        if 2 * head > jobs.count {
          jobs.removeFirst(head)
          head = 0
        }
      }
      return jobs[head]
    }
  }

  private struct State {
    var waiting = [Line(), Line()]
    var active: [[Active]] = [[], []]
    var beginning = 0
    var isClosed = false
  }

  private let gate = Gate(State())
  private let limit: Int

  /// A queue in which at most `limit` jobs wait.
  init(limit: Int) { self.limit = limit }

  /// Puts a job into the queue.
  func submit(_ job: any ChunkJob, _ kind: Class) throws(StoreError) {
    try gate.change { (state) throws(StoreError) in
      if state.isClosed { throw .closed }
      guard state.waiting[0].count + state.waiting[1].count < limit else {
        throw .busy(limit: limit)
      }
      state.waiting[kind.rawValue].append(job)
    }
  }

  /// Waits for something to do.
  func next() -> Work {
    // Without a deadline the gate waits until there is an answer.
    gate.wait { Self.work(&$0) } ?? .leave
  }

  private static func work(_ state: inout State) -> Work? {
    for kind in [Class.reading, .writing] {
      if let active = state.active[kind.rawValue].first(where: { $0.next < $0.job.chunkCount }) {
        defer { active.next += 1 }
        return .chunk(active, active.next, kind)
      }
      if let job = state.waiting[kind.rawValue].popFirst() {
        state.beginning += 1
        return .begin(job, kind)
      }
    }
    // A job that is being begun may yet bring chunks.
    return state.isClosed && state.beginning == 0 ? .leave : nil
  }

  /// A job was begun, or could not be; true where it has ended with that, and the caller is to end it.
  func begun(_ job: any ChunkJob, _ kind: Class, failure: StoreError?) -> StoreError?? {
    gate.change { state in
      state.beginning -= 1
      if let failure { return .some(failure) }
      if job.chunkCount == 0 { return .some(nil) }
      if state.isClosed { return .some(.closed) }
      state.active[kind.rawValue].append(Active(job))
      return nil
    }
  }

  /// A chunk was done or has failed; where it was the last one, the caller is to end the job with what is given.
  func done(_ active: Active, _ kind: Class, failure: StoreError?) -> StoreError?? {
    gate.change(waking: .none) { state in
      if let failure { active.fail(failure) }
      active.left -= 1
      guard active.left == 0 else { return nil }
      state.active[kind.rawValue].removeAll { $0 === active }
      return .some(active.failure)
    }
  }

  /// Takes no more jobs, drops the chunks that nobody has begun, and gives the jobs of which then nothing is under way, for the
  /// caller to end as closed.
  func close() -> [any ChunkJob] {
    gate.change { state in
      state.isClosed = true
      var idle: [any ChunkJob] = []
      for kind in state.waiting.indices {
        while let job = state.waiting[kind].popFirst() { idle.append(job) }
        for active in state.active[kind] where active.next < active.job.chunkCount {
          active.fail(.closed)
        }
        idle += state.active[kind].filter { $0.left == 0 }.map(\.job)
        state.active[kind].removeAll { $0.left == 0 }
      }
      return idle
    }
  }
}
