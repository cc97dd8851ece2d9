import GlissadeRuntime
let s = try TaskBench.measure(.training8, tasks: 300_000, threads: 1, runs: 5)
print(s.nanoseconds[2], s.nanoseconds[0])
