import ArgumentParser
import GlissadeStore
import GlissadeSystem
import GlissadeTensor

/// `bench spill`: what putting tensors away on the disk costs, beside the disk and liblz4.
struct BenchSpillCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "spill",
    abstract: "Gigabytes of tensors put away on the disk, and read back, in a second.",
    discussion: """
      Writes tensors of four kinds through the real spill threads, reads them back and compares every bit. In turn with \
      that, on as many threads: the bytes of the files on the disk as they are, around the page cache, and the tensors \
      through liblz4 in memory. The limit of a kind is the slower of these two; where zeros are packed \
      instead of compressed, it can be passed.

      Examples:
        glissade bench spill
        glissade bench spill --bytes 1GiB --dir scratch --runs 3 --format json
      """)

  @Option(help: "Bytes of the tensors of each kind.")
  var bytes = "4GiB"

  @Option(help: "The directory in which files are put away and removed again.")
  var dir = "."

  @Option(help: "Threads that code, write and read.")
  var threads = SpillThreads.Options().threads

  @OptionGroup var options: BenchOptions

  var errorFormat: TextFormat { options.errorFormat }

  func validate() throws {
    guard let count = ByteCount(parsing: bytes),
      (1 << 26...1 << 42).contains(count.bytes)
    else {
      throw ValidationError("--bytes expects a size from 64MiB to 4TiB, found '\(bytes)'")
    }
    guard (1...64).contains(threads) else {
      throw ValidationError("--threads expects a number from 1 to 64, found \(threads)")
    }
  }

  func run() throws {
    let bench = SpillBench(
      bytes: ByteCount(parsing: bytes)?.bytes ?? 0, in: try SpillDirectory(in: dir),
      options: SpillThreads.Options(threads: threads))
    var measurements: [BenchMeasurement] = []
    for kind in SpillData.allCases {
      let samples = try bench.measure(kind, runs: options.runs)
      measurements += rows(kind, samples, " out", \.out)
      measurements += rows(kind, samples, " in", \.back)
    }
    options.write(measurements)
  }

  /// One way of a kind: the spill threads with their limit, then what the limit is made of.
  private func rows(
    _ kind: SpillData, _ samples: [SpillBench.Sample], _ way: String,
    _ seconds: KeyPath<SpillBench.Seconds, Double>
  ) -> [BenchMeasurement] {
    func row(
      _ name: String, _ part: KeyPath<SpillBench.Sample, SpillBench.Seconds>,
      limit: BenchMeasurement.Limit? = nil
    ) -> BenchMeasurement {
      BenchMeasurement(
        name: "spill", case: kind.rawValue + name + way, threads: threads, unit: "GB/s",
        values: samples.map {
          Double($0.tensorBytes) / $0[keyPath: part][keyPath: seconds] * 1e-9
        }, limit: limit)
    }
    let disk = row(", disk", \.disk)
    let frame = row(", LZ4 frames", \.frame)
    let limit =
      disk.median < frame.median
      ? BenchMeasurement.Limit(name: "the disk", value: disk.median)
      : BenchMeasurement.Limit(name: "liblz4", value: frame.median)
    return [row(",", \.spill, limit: limit), disk, frame, row(", LZ4 blocks", \.block)]
  }
}
