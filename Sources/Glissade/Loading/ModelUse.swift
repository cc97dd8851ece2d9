import GlissadeData
public import GlissadeGraph
public import GlissadeSystem

/// A model file put to use on data: graphs for what the verbs `predict` and `evaluate` do.
///
/// Paths start from the directory in which the process stands.
public struct ModelUse: Sendable {
  /// The model file.
  public var model: String
  /// The data: a file, a directory or a pattern of files.
  public var data: String
  /// The IDX or NPY file of the labels, for data in such files.
  public var labels: String?
  /// The label column, for data in CSV files.
  public var label: String?
  /// Whether CSV files begin with the names of their columns.
  public var hasHeader = true

  /// The rows of a task: fixed, since the last bits of a product depend on its shape.
  private static let placeRows = 65_536

  /// A model and data.
  public init(model: String, data: String) {
    self.model = model
    self.data = data
  }

  /// A graph that predicts, with `said` as its output where a file is given.
  public func prediction(gives: [String], keeping columns: [String], file: String?)
    -> GraphDescription
  {
    var said: [AttributeEntry] = [entry("at", "model"), entry("data", "rows")]
    if !gives.isEmpty { said.append(AttributeEntry("gives", .texts(gives))) }
    var outputs: [AttributeEntry] = []
    if let file {
      var map = [entry("file", file)]
      if !columns.isEmpty { map.append(AttributeEntry("with", .texts(columns))) }
      outputs = [AttributeEntry("said", AttributeValue(.map(map)))]
    }
    return GraphDescription(
      name: "predict",
      nodes: [
        modelNode, rows(keeping: columns),
        NodeDescription("said", operation: "predict", attributes: said),
      ],
      outputs: outputs)
  }

  /// A graph that evaluates.
  public func evaluation(metrics: [String]) -> GraphDescription {
    GraphDescription(
      name: "evaluate",
      nodes: [
        modelNode, rows(keeping: []),
        NodeDescription(
          "score", operation: "evaluate",
          attributes: [
            entry("at", "model"), entry("data", "rows"), AttributeEntry("metrics", .texts(metrics)),
          ]),
      ])
  }

  /// What a model file says of its label: the column, and metrics that suit it.
  ///
  /// - Throws: `GraphError` where the file cannot be read.
  public static func habits(
    of model: String, files: any FileSystem = LocalFileSystem()
  ) throws(GraphError) -> (label: String?, metrics: [String]) {
    let metadata: [String: String]
    do throws(DataError) { metadata = try SafeTensors.inspect(model, files: files).metadata } catch
    {
      throw GraphError(
        Diagnostic(
          error.description, at: nil, category: error.isMissing ? .missingInput : .content,
          file: error.path))
    }
    let isNumber = metadata["glissade.target"] == "number"
    return (metadata["glissade.label"], isNumber ? ["rmse", "r2"] : ["accuracy", "loss"])
  }

  private var modelNode: NodeDescription {
    // A bare name could be that of a node.
    let path = AttributeType.isFile(model) ? model : "./" + model
    return NodeDescription("model", operation: "parameters", attributes: [entry("initial", path)])
  }

  private func rows(keeping columns: [String]) -> NodeDescription {
    var attributes = [entry("source", data), entry("like", "model")]
    if let labels { attributes.append(entry("labels", labels)) }
    if let label { attributes.append(entry("label", label)) }
    if !columns.isEmpty { attributes.append(AttributeEntry("keep", .texts(columns))) }
    if !hasHeader { attributes.append(AttributeEntry("header", false)) }
    attributes.append(
      AttributeEntry("place", ["rows": AttributeValue(.integer(ModelUse.placeRows))]))
    return NodeDescription("rows", operation: "shard", attributes: attributes)
  }

  private func entry(_ key: String, _ text: String) -> AttributeEntry {
    AttributeEntry(key, AttributeValue(.text(text)))
  }
}
