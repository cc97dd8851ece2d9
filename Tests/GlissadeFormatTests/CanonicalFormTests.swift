import GlissadeFormat
import GlissadeGraph
import Testing

/// One text for all that means the same, another for all that does not.
@Suite struct CanonicalFormTests {
  private let base = """
    glissade: 1
    name: t
    seed: 7
    nodes:
      b: { op: update, rate: 0.5, of: a }
      a: { op: shard, source: x.csv, labels: y.gz, count: 4 }
      w: { op: parameters, initial: dir/w.npy }
      r: { op: repeat, nodes: { z: { op: o }, y: { op: o } } }
    run: { until: { epochs: 20 }, checkpoint: { keep: 3 } }
    outputs: { w: { file: o.safetensors, version: best }, b.state: s.safetensors }
    """

  @Test func text() throws {
    #expect(
      try CanonicalForm.text(of: read(base))
        == #"{"glissade":1,"name":"t","seed":7,"needs":{},"nodes":{"#
        + #""a":{"op":"shard","count":4,"labels":null,"source":null},"#
        + #""b":{"op":"update","of":"a","rate":0.5},"#
        + #""r":{"op":"repeat","nodes":{"y":{"op":"o"},"z":{"op":"o"}}},"#
        + #""w":{"op":"parameters","initial":null}},"#
        + #""run":{"until":{"epochs":20}},"outputs":{"b.state":{},"w":{"version":"best"}}}"#)
    #expect(
      try CanonicalForm.sha256(of: read(base))
        == "eb5489930459fd5bd5fb7f1b138a146a6ed7531f5f25503ad2926351ec57e853")
  }

  @Test(arguments: [
    ("source: x.csv", "source: elsewhere/x.csv"), ("labels: y.gz", "labels: z.gz"),
    ("dir/w.npy", "other.safetensors"), ("keep: 3", "keep: 4"), ("o.safetensors", "p.safetensors"),
    ("w: { file: o.safetensors, version: best }", "w: { version: best }"),
    ("s.safetensors", "t.safetensors"), ("epochs: 20", "epochs: 20.0"), ("count: 4", "count: 0x4"),
    ("rate: 0.5, of: a", "of: a, rate: 5e-1"), ("seed: 7", "seed: 0o7"),
    ("z: { op: o }, y: { op: o }", "y: { op: o }, z: { op: o }"),
  ])
  func isTheSame(old: String, new: String) throws {
    let changed = base.replacing(old, with: new)
    #expect(changed != base)
    #expect(try CanonicalForm.text(of: read(changed)) == CanonicalForm.text(of: read(base)))
  }

  @Test(arguments: [
    ("name: t", "name: u"), ("seed: 7", "seed: 8"), ("rate: 0.5", "rate: 0.25"),
    ("of: a", "of: w"), ("count: 4", "count: '4'"), ("epochs: 20", "epochs: 21"),
    ("version: best", "version: last"), ("b.state:", "b.other:"), ("op: shard", "op: batch"),
    ("initial: dir/w.npy", "initial: w"), ("y: { op: o }", "x: { op: o }"),
    ("labels: y.gz, ", ""), ("seed: 7", "seed: 7\nneeds: { a: 1 }"),
  ])
  func isAnother(old: String, new: String) throws {
    let changed = base.replacing(old, with: new)
    #expect(changed != base)
    #expect(try CanonicalForm.sha256(of: read(changed)) != CanonicalForm.sha256(of: read(base)))
  }
}
