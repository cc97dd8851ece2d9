import GlissadeTensor
import Synchronization
import Testing

@Suite struct TensorTests {
  private let counting = Tensor([0, 1, 2, 3, 4, 5] as [Float], shape: Shape(3, 2))

  @Test(arguments: ScalarType.allCases)
  func beginsWithZeros(type: ScalarType) {
    let tensor = Tensor(type, Shape(5, 3))
    #expect(tensor.count == 15)
    #expect(tensor.byteCount == 15 * type.byteCount)
    #expect(tensor.doubles() == Array(repeating: 0, count: 15))
  }

  @Test func knowsTheBytesOfItsTypes() {
    #expect(ScalarType.allCases.map(\.byteCount) == [4, 8, 4, 8, 1])
    #expect(ScalarType(rawValue: "float32") == .float32)
    #expect(ScalarType(rawValue: "float16") == nil)
  }

  /// The limits of each type survive the way in and out.
  @Test func givesBackWhatItHolds() {
    func check<Scalar: TensorScalar & Equatable>(_ elements: [Scalar], _ doubles: [Double]) {
      let tensor = Tensor(elements)
      #expect(tensor.type == Scalar.scalarType)
      #expect(tensor.shape == Shape(elements.count))
      #expect(tensor.elements(of: Scalar.self) == elements)
      #expect(tensor.doubles() == doubles)
    }
    check([-1.5, 3.25, .infinity] as [Float], [-1.5, 3.25, .infinity])
    check([1e300, -0.1], [1e300, -0.1])
    check([Int32.min, 0, Int32.max], [-2_147_483_648, 0, 2_147_483_647])
    check([Int64(-1) << 53, 7], [-9_007_199_254_740_992, 7])
    check([0, 127, 255] as [UInt8], [0, 127, 255])
  }

  @Test func aWriteToASharedTensorCopiesFirst() {
    let original = counting
    var changed = original
    #expect(changed.sharesStorage(with: original))
    changed.withMutableElements(of: Float.self) { $0[0] = 9 }
    #expect(!changed.sharesStorage(with: original))
    #expect(original.doubles() == [0, 1, 2, 3, 4, 5])
    #expect(changed.doubles() == [9, 1, 2, 3, 4, 5])
  }

  @Test func aWriteToAnOwnedTensorHappensInPlace() {
    var tensor = Tensor(.int32, Shape(4))
    let owned = tensor.isUniquelyOwned
    #expect(owned)
    let before = tensor.unsafeBaseAddress
    tensor.withMutableElements(of: Int32.self) { $0[3] = 8 }
    tensor.withMutableBytes { $0[0] = 1 }
    #expect(tensor.unsafeBaseAddress == before)
    #expect(tensor.doubles() == [1, 0, 0, 8])
    let other = tensor
    let stillOwned = tensor.isUniquelyOwned
    #expect(!stillOwned)
    #expect(other.doubles() == tensor.doubles())
  }

  /// The optimizer must not take a fresh tensor, a parameter or a field for shared with itself, nor forget to store it.
  @Test func whatNobodySharesIsOwnedWhereverItStands() {
    struct Holder {
      var tensor: Tensor
      var tensors: [Tensor]
    }
    func isOwned(_ tensor: consuming Tensor) -> Bool { tensor.isUniquelyOwned }
    // Outside of #expect, which holds on to the values that it shows.
    let asArgument = isOwned(Tensor(.float32, Shape(3)))
    #expect(asArgument)
    var holder = Holder(tensor: Tensor(.uint8, Shape(2)), tensors: [Tensor([1.0]), Tensor([2.0])])
    let inField = holder.tensor.isUniquelyOwned
    let inArray = holder.tensors[1].isUniquelyOwned
    #expect(inField && inArray)
    let copy = holder
    let inCopiedField = holder.tensor.isUniquelyOwned
    #expect(!inCopiedField)
    holder.tensors[0].withMutableElements(of: Double.self) { $0[0] = 5 }
    #expect(copy.tensors[0].doubles() == [1])
    #expect(holder.tensors[0].doubles() == [5])
  }

  /// A loop of writes copies at most once: before the first, where the storage is shared.
  @Test func aLoopOfWritesCopiesOnce() {
    let original = Tensor(.float32, Shape(8))
    var tensor = original
    var places: Set<UnsafeRawPointer> = []
    for index in 0..<8 {
      tensor.withMutableElements(of: Float.self) { $0[index] = Float(index) }
      places.insert(tensor.unsafeBaseAddress)
    }
    #expect(places.count == 1)
    #expect(tensor.doubles() == [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(original.doubles() == Array(repeating: 0, count: 8))
  }

  @Test func aWriteThroughBytesCopiesFirstToo() {
    let original = Tensor([1, 2] as [UInt8])
    var changed = original
    changed.withMutableBytes { $0[1] = 7 }
    #expect(original.doubles() == [1, 2])
    #expect(changed.doubles() == [1, 7])
  }

  @Test func rowsLookIntoTheSameStorage() {
    let rows = counting.rows(1..<3)
    #expect(rows.shape == Shape(2, 2))
    #expect(rows.doubles() == [2, 3, 4, 5])
    #expect(rows.unsafeBaseAddress == counting.unsafeBaseAddress + 2 * 4)
    #expect(rows.rows(1..<2).doubles() == [4, 5])
    #expect(counting.rows(0..<3).sharesStorage(with: counting))
  }

  @Test func anEmptyRangeOfRowsIsATensor() {
    let rows = counting.rows(3..<3)
    #expect(rows.shape == Shape(0, 2))
    #expect(rows.doubles() == [])
    #expect(Tensor(.float32, Shape(0, 5)).rows(0..<0).byteCount == 0)
  }

  /// Writing to rows must leave the rest of the storage, and whoever looks at it, as it was.
  @Test func aWriteToRowsCopiesThemAlone() {
    var rows = counting.rows(1..<2)
    rows.withMutableElements(of: Float.self) { $0[0] = -1 }
    #expect(rows.doubles() == [-1, 3])
    #expect(counting.doubles() == [0, 1, 2, 3, 4, 5])
  }

  @Test func reshapesWithoutACopy() {
    let wide = counting.reshaped(Shape(2, 3))
    #expect(wide.shape == Shape(2, 3))
    #expect(wide.sharesStorage(with: counting))
    #expect(wide.rows(1..<2).doubles() == [3, 4, 5])
    #expect(Tensor([4.0]).reshaped(Shape()).doubles() == [4])
  }

  @Test func copiesIntoStorageOfItsOwn() {
    let rows = counting.rows(1..<3)
    var copy = rows.copy()
    #expect(copy.hasSameBits(as: rows))
    #expect(!copy.sharesStorage(with: rows))
    let owned = copy.isUniquelyOwned
    #expect(owned)
  }

  @Test func comparesBitsAndNotNumbers() {
    #expect(!Tensor([0.0 as Float]).hasSameBits(as: Tensor([-0.0 as Float])))
    #expect(Tensor([Float.nan]).hasSameBits(as: Tensor([Float.nan])))
    #expect(!Tensor([1, 2] as [Int32]).hasSameBits(as: Tensor([1, 2] as [Int64])))
    #expect(!counting.hasSameBits(as: counting.reshaped(Shape(6))))
  }

  @Test func alignsItsStorage() {
    for count in [0, 1, 63, 1000] {
      let tensor = Tensor(.uint8, Shape(count))
      #expect(Int(bitPattern: tensor.unsafeBaseAddress) % TensorStorage.alignment == 0)
    }
  }

  @Test func givesAdoptedStorageBackOnce() {
    let released = Atomic<Int>(0)
    let base = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 64)
    base.storeBytes(of: 3.5, toByteOffset: 8, as: Double.self)
    do {
      let storage = TensorStorage(adopting: base, byteCount: 16) { pointer in
        released.add(1, ordering: .relaxed)
        pointer.deallocate()
      }
      let tensor = Tensor(.float64, Shape(1), storage: storage, byteOffset: 8)
      #expect(tensor.doubles() == [3.5])
      #expect(released.load(ordering: .relaxed) == 0)
    }
    #expect(released.load(ordering: .relaxed) == 1)
  }

  @Test func passesOnWhatTheBodyThrows() {
    struct Refused: Error, Equatable {}
    #expect(throws: Refused()) {
      try counting.withElements(of: Float.self) { _ throws(Refused) in throw Refused() }
    }
  }
}

/// Mistakes of our own end the process, each at the place where it was made.
@Suite struct TensorTrapTests {
  @Test func readingAsAnotherTypeTraps() async {
    await #expect(processExitsWith: .failure) { _ = Tensor([1.0]).elements(of: Float.self) }
  }

  @Test func rowsBehindTheLastTrap() async {
    await #expect(processExitsWith: .failure) { _ = Tensor(.float32, Shape(2, 2)).rows(1..<3) }
  }

  @Test func reshapingToAnotherCountTraps() async {
    await #expect(processExitsWith: .failure) { _ = Tensor(.float32, Shape(4)).reshaped(Shape(3)) }
  }

  @Test func aViewThatPassesItsStorageTraps() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor(.int64, Shape(2), storage: TensorStorage(byteCount: 16), byteOffset: 8)
    }
  }
}

extension Tensor {
  fileprivate var unsafeBaseAddress: UnsafeRawPointer { withBytes { $0.baseAddress! } }
}
