import GlissadeSchedule
import GlissadeTensor
import GlissadeTesting
import Testing

@Suite struct PeakEstimateTests {
  @Test func thePeakEstimateCountsVersionsAndWorkspaces() {
    // Versions t-1 … of a window of 2: two open steps and the one before them; the workspace twice.
    var sketch = TableSketch()
    sketch.add(uses: [.init(0, lag: 1, floor: -1)], outputs: [10], workspace: 3)
    let table = sketch.table()
    let estimate = PeakEstimate(of: table, steps: 9, windowDepth: 2, slots: 4)
    #expect(estimate?.values.bytes == 30)
    #expect(estimate?.workspaces.bytes == 6)
    #expect(estimate?.total.bytes == 36)
    #expect(PeakEstimate(of: table, steps: 1, windowDepth: 9, slots: 4)?.total.bytes == 23)
    sketch.entries[0].outputs = [.max]
    #expect(PeakEstimate(of: sketch.table(), steps: 9, windowDepth: 2, slots: 4) == nil)
  }
}
