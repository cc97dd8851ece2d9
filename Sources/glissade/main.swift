import GlissadeRuntime
for shape in TaskShape.allCases {
  for threads in [1, 2] {
    let s = try TaskBench.measure(shape, tasks: 300_000, threads: threads, runs: 5)
    print(shape.name, threads, s.tasks, s.nanoseconds[2], s.nanoseconds[0])
  }
}
