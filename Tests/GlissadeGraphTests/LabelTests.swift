import GlissadeGraph
import GlissadeTensor
import Testing

/// Attributes that are given by label.
@Suite struct LabelTests {
  private let axes: AttributeValue = ["m": ["s", "t", "u"]]

  @Test func anyAttributeMayBeGivenByLabel() throws {
    let found = try graph([
      node(
        "a", "source",
        ["axes": axes, "width": ["s": 1, "t": 2, "u": 3], "plus": ["s": 0, "t": 10, "u": 20]])
    ])
    let port = found["a"].shape.ports[0]
    #expect((0..<3).map { port.specs[$0].tensors[0].shape } == [Shape(1), Shape(2), Shape(3)])
    let values = try PlanInterpreter(Plan(expanding: found), steps: 0)
    #expect(values.numbers("a", place: 1) == [11, 11])
    #expect(values.numbers("a", place: 2) == [22, 22, 22])
  }

  @Test func oneValueHoldsForAllLabels() throws {
    let found = try graph([node("a", "source", ["axes": axes, "width": 4])])
    #expect((0..<3).map { found["a"].shape.ports[0].specs[$0].byteCount } == [32, 32, 32])
  }

  @Test func labelsThatAreLeftOutMakeItAnOrdinaryMap() {
    #expect(
      errors([node("a", "source", ["axes": axes, "width": ["s": 1, "t": 2]])]) == [
        "'width' expects a whole number from 1 to 100, found a map"
      ])
  }

  /// What has kinds may have been meant to be given by label.
  @Test func aMapWithSomeLabelsAndNoKindNamesThemAll() {
    #expect(
      errors([node("a", "oddities", ["axes": axes, "kind": ["s": "plain", "v": "plain"]])]) == [
        "'kind' needs the attribute 'kind', or a value for each of the places s, t, u"
      ])
    #expect(
      errors([node("a", "oddities", ["axes": axes, "kind": ["v": "plain"]])]) == [
        "'kind' needs the attribute 'kind'"
      ])
  }

  @Test func errorsNameTheLabel() {
    #expect(
      errors([node("a", "source", ["axes": axes, "width": ["s": 1, "t": 0, "u": 3]])]) == [
        "'width' of 't' expects a whole number from 1 to 100, found 0"
      ])
  }

  @Test func labelsAreDistinctNames() {
    #expect(
      errors([node("a", "source", ["axes": ["m": ["s", "s"]]])]) == [
        "axis 'm' expects distinct labels of letters, digits, '_' and '-', found the text 's'"
      ])
  }
}
