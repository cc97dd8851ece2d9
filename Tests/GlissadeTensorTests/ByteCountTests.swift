import GlissadeTensor
import Testing

@Suite struct ByteCountTests {
  @Test(arguments: [
    ("0", 0), ("4096", 4096), ("4096B", 4096), ("64KB", 64_000), ("64KiB", 65_536),
    ("512MiB", 536_870_912), ("2MB", 2_000_000), ("1.5GiB", 1_610_612_736),
    ("3GB", 3_000_000_000), ("1TiB", 1_099_511_627_776), ("0.5TB", 500_000_000_000),
    ("1e3", 1000), ("0.1KiB", 103),
  ])
  func parses(text: String, bytes: Int) {
    #expect(ByteCount(parsing: text) == ByteCount(bytes))
  }

  @Test(arguments: [
    "", "B", "MiB", "-1", "-5MiB", "five", "5 apples", "5mib5", "1,5GiB", "nan", "inf", "-inf",
    "9e18", "10000000TiB", "1e400", "0x", "1_000",
  ])
  func refuses(text: String) {
    #expect(ByteCount(parsing: text) == nil)
  }

  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (1_310_720, "1.25 MiB"),
    (12_582_912, "12.0 MiB"), (536_870_912, "512 MiB"), (1_610_612_736, "1.50 GiB"),
    (-2048, "-2.00 KiB"), (1 << 50, "1024 TiB"),
  ])
  func printsThreeDigitsAndABinaryUnit(bytes: Int, text: String) {
    #expect(ByteCount(bytes).description == text)
  }

  @Test func addsAndCompares() {
    var sum = ByteCount(3) + ByteCount(4)
    sum -= ByteCount(2)
    #expect(sum == ByteCount(5))
    #expect(ByteCount.zero < sum)
    #expect([ByteCount(9), ByteCount(2)].min() == ByteCount(2))
  }
}

@Suite struct FixedPlacesTests {
  @Test(arguments: [
    (0.0, 2, "0.00"), (1.005, 1, "1.0"), (2.5, 0, "3"), (-2.5, 0, "-3"), (0.25, 1, "0.3"),
    (-0.25, 1, "-0.3"), (-0.001, 2, "0.00"), (0.05, 2, "0.05"), (9.999, 2, "10.00"),
    (123456.789, 3, "123456.789"), (0.000_012, 6, "0.000012"),
  ])
  func rounds(value: Double, places: Int, text: String) {
    #expect(fixed(value, places: places) == text)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e15, -1e300])
  func leavesAloneWhatHasNoFixedForm(value: Double) {
    #expect(fixed(value, places: 2) == "\(value)")
  }

  /// More places than 64 bits can carry are not worth a trap.
  @Test(arguments: [18, 19, 40, 400])
  func survivesManyPlaces(places: Int) {
    #expect(fixed(0.5, places: places).hasPrefix("0.5"))
    #expect(fixed(12_345.5, places: places).hasPrefix("12345.5"))
  }
}
