/// Rows of files (CSV, IDX, NPY; plain or gzip), divided among places.
public struct Shard: GraphNode {
  /// The node without its type.
  public var node: Node

  /// Rows of the files that `source` names, in `count` places of an axis with the node's name, or in the places of
  /// `axes`, or in places of `placeRows` rows.
  public init(
    _ name: String, source: String, labels: String? = nil, label: String? = nil,
    labelColumn: Int? = nil, target: Target? = nil, header: Bool? = nil,
    delimiter: Delimiter? = nil, like: (any GraphReference)? = nil, select: Selection? = nil,
    keep: [String]? = nil, shuffle: Bool? = nil, holdout: Holdout? = nil, split: Split? = nil,
    tokens: Tokens? = nil, context: Int? = nil, count: Int? = nil, axes: Axes? = nil,
    placeRows: Int? = nil, file: String = #fileID, line: Int = #line
  ) {
    let column = label?.setting ?? labelColumn?.setting
    node = Node(
      name, op: "shard",
      .map([
        "source": source, "labels": labels, "label": column, "target": target,
        "header": header, "delimiter": delimiter, "like": like, "select": select, "keep": keep,
        "shuffle": shuffle, "holdout": holdout, "split": split, "tokens": tokens,
        "context": context, "count": count, "axes": axes,
        "place": placeRows.map { Setting.map(["rows": $0]) },
      ]), file: file, line: line)
  }

  /// The rows that are not held out.
  public var train: NodePort { port("train") }
  /// The rows that are held out.
  public var holdout: NodePort { port("holdout") }
  /// The number of rows of each place.
  public var rows: NodePort { port("rows") }

  /// Whether labels are classes or numbers.
  public enum Target: String, SettingConvertible {
    /// One of some classes.
    case classes
    /// A number.
    case number
  }

  /// What divides the columns of CSV.
  public enum Delimiter: String, SettingConvertible {
    /// `,`
    case comma
    /// A tabulator.
    case tab
    /// `;`
    case semicolon
  }

  /// How text becomes tokens.
  public enum Tokens: String, SettingConvertible {
    /// A token a character.
    case characters
  }

  /// Which rows are read.
  public struct Selection: SettingConvertible {
    /// As a setting.
    public let setting: Setting

    /// A range of rows, and of these every n-th from an offset on.
    public static func rows(_ rows: Range<Int>, every: Int? = nil, offset: Int? = nil) -> Selection
    {
      Selection(
        setting: .map([
          "rows": [rows.lowerBound, rows.upperBound], "every": every, "offset": offset,
        ]))
    }

    /// Every n-th row from an offset on.
    public static func every(_ every: Int, offset: Int? = nil) -> Selection {
      Selection(setting: .map(["every": every, "offset": offset]))
    }
  }

  /// Rows that are held out, for the ports `train` and `holdout`.
  public struct Holdout: SettingConvertible {
    /// As a setting.
    public let setting: Setting

    /// A part of the rows, from the start or the end.
    public static func fraction(_ fraction: Double, from side: Side? = nil) -> Holdout {
      Holdout(setting: .map(["fraction": fraction, "from": side]))
    }

    /// Which of the rows.
    public enum Side: String, SettingConvertible {
      /// The first.
      case start
      /// The last.
      case end
    }
  }

  /// How rows are divided among places.
  public struct Split: GraphOption {
    /// As a setting.
    public let setting: Setting
    /// What a setting says.
    public init(_ setting: Setting) { self.setting = setting }

    /// In order, as evenly as can be.
    public static let contiguous = Split.word("contiguous")
    /// Different mixes of classes; a smaller alpha is more uneven.
    public static func dirichlet(alpha: some GraphNumber) -> Split {
      .word("dirichlet", ["alpha": alpha])
    }
  }
}
