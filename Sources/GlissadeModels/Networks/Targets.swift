/// What rows should have given: class codes, or numbers.
package enum Targets {
  /// A class code for each row, from 0.
  case codes(UnsafePointer<Int32>)
  /// [rows, outputs] numbers.
  case numbers(UnsafePointer<Float>)

  /// The targets of the rows behind the first ones.
  func dropping(rows: Int, outputs: Int) -> Targets {
    switch self {
    case .codes(let codes): .codes(codes + rows)
    case .numbers(let numbers): .numbers(numbers + rows * outputs)
    }
  }
}
