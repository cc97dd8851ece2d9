/// What is done with each column of one file.
struct CSVColumns {
  /// The most columns of a file.
  static let maximumCount = 65_536

  /// The marks of `roles` that are not a feature's place.
  static let skipped: Int32 = -1
  static let mixed: Int32 = -2

  /// The names in the order of the file.
  let names: [String]
  /// The features in the order of the tensor.
  let features: [String]
  /// For each column: its place among the features if it is nothing else, or `skipped`, or `mixed`.
  private(set) var roles: [Int32]
  /// For each column: its place among the features, or -1.
  private(set) var featurePlaces: [Int]
  /// For each column: its place among the kept ones, or -1.
  private(set) var keptPlaces: [Int]
  /// The label's column, if any.
  let label: Int?

  /// Resolves names.
  ///
  /// `features` are those of the first file or of the training data; nil takes all that are left
  /// over.
  init(
    names: [String], features given: [String]?, options: CSVOptions, path: String
  ) throws(DataError) {
    let label = try CSVColumns.find(options.label, in: names, path)
    var placeOf: [String: Int] = [:]
    for (index, name) in names.enumerated() where placeOf.updateValue(index, forKey: name) != nil {
      throw DataError(path, line: 1, "two columns are named \(shown(name))")
    }
    let kept = Set(options.keep)
    let features =
      given
      ?? names.enumerated().filter { $0.offset != label && !kept.contains($0.element) }
      .map(\.element)
    guard !features.isEmpty else {
      throw DataError(path, line: 1, "no column is left as a feature")
    }
    func places(_ wanted: [String], _ asker: DataError.Asker?) throws(DataError) -> [Int] {
      var places = [Int](repeating: -1, count: names.count)
      for (place, name) in wanted.enumerated() {
        guard let column = placeOf[name] else {
          throw DataError(
            path, line: 1, "the column \(shown(name)) is missing; the file has \(shownList(names))",
            for: asker)
        }
        guard places[column] < 0 else {
          throw DataError(path, "the column \(shown(name)) is asked for twice", for: asker)
        }
        places[column] = place
      }
      return places
    }
    featurePlaces = try places(features, nil)
    keptPlaces = try places(options.keep, .keep)
    self.names = names
    self.features = features
    self.label = label
    roles = []
    for column in names.indices {
      let other = keptPlaces[column] >= 0 || column == label
      roles.append(other ? CSVColumns.mixed : Int32(featurePlaces[column]))
    }
  }

  /// The same columns with no features read, for a pass that only counts and collects labels.
  func withoutFeatures() -> CSVColumns {
    var copy = self
    for column in names.indices {
      copy.featurePlaces[column] = -1
      copy.keptPlaces[column] = -1
      copy.roles[column] = column == label ? CSVColumns.mixed : CSVColumns.skipped
    }
    return copy
  }

  /// The same columns with none kept, for a pass that only looks whether cells are right.
  func withoutKept() -> CSVColumns {
    var copy = self
    for column in names.indices where keptPlaces[column] >= 0 {
      copy.keptPlaces[column] = -1
      if column != label { copy.roles[column] = Int32(featurePlaces[column]) }
    }
    return copy
  }

  private static func find(
    _ column: CSVOptions.Column?, in names: [String], _ path: String
  ) throws(DataError) -> Int? {
    switch column {
    case nil: return nil
    case .name(let name):
      guard let index = names.firstIndex(of: name) else {
        throw DataError(
          path, line: 1,
          "the label column \(shown(name)) is missing; the file has \(shownList(names))",
          for: .label)
      }
      return index
    case .index(let index):
      guard index >= -names.count, index < names.count else {
        throw DataError(
          path, line: 1,
          "the label is column \(index) from 0, and the file has \(names.count) columns",
          for: .label)
      }
      return index < 0 ? index + names.count : index
    }
  }
}
