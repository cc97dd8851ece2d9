public import GlissadeGraph

/// A reduce that a program adds: registered with `Operations.register`, it stands behind `by` in the DSL and in files.
///
/// A graph that uses it names it and its version under `needs`, so that the graph's hash knows it.
public protocol Reduction: Sendable {
  /// The name, with a prefix of one's own: `acme.soft-median`.
  static var name: String { get }
  /// The version: a new one whenever results change.
  static var version: Int { get }
  /// What it does, in one sentence.
  static var summary: String { get }
  /// The attributes beside `kind`.
  static var attributes: [AttributeSpec] { get }

  /// A reduction with checked attributes.
  ///
  /// - Throws: Any error; its text is reported at the node.
  init(_ attributes: Attributes) throws

  /// Combines the gradients of all places, in their order, into one mean gradient.
  ///
  /// Called once a step with all places together: what needs no view of all of them folds through the built-in tree.
  /// - Parameters:
  ///   - places: The gradients; places without rows are left out.
  ///   - result: The mean gradient, of as many elements.
  func reduce(_ places: [ReductionPlace], into result: UnsafeMutableBufferPointer<Float>)
}

/// The gradient of one place, as a reduction sees it.
public struct ReductionPlace {
  /// The sum over the place's rows. Valid only during the call.
  public let sum: UnsafeBufferPointer<Float>
  /// The rows that it is a sum of, at least 1.
  public let rows: Int

  /// The mean of one element over the place's rows.
  public func mean(_ element: Int) -> Float { sum[element] / Float(rows) }
}
