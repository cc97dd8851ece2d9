import GlissadeKernels

extension Network {
  /// What a pass over rows is for.
  package enum Pass: Sendable {
    /// Logits alone.
    case forward
    /// Gradient and loss.
    case gradient
  }

  /// The bytes of workspace that a pass needs, aligned to 64; they stop growing at `tileRows` rows.
  package func workspaceBytes(rows: Int, for pass: Pass) -> Int {
    let rows = min(rows, tileRows)
    let widest = layers.dropLast().map(\.outputs).max() ?? 0
    var floats = 0
    switch pass {
    case .forward:
      floats = 2 * Workspace.rounded(rows * widest)
    case .gradient:
      for layer in layers {
        let copies = layer.activation.savesSums ? 2 : 1
        floats += copies * Workspace.rounded(rows * layer.outputs)
      }
      floats += Workspace.rounded(rows * widest)
    }
    return floats * MemoryLayout<Float>.stride
  }

  /// The logits of [rows, outputs] of rows x of [rows, inputs].
  package func forward(
    parameters: UnsafePointer<Float>, x: UnsafePointer<Float>, rows: Int,
    logits: UnsafeMutablePointer<Float>, workspace: UnsafeMutableRawBufferPointer
  ) {
    precondition(model.isBuilt, ModelError.notBuilt(kind: model.kind).description)
    var first = 0
    while first < rows {
      let count = min(tileRows, rows - first)
      var space = Workspace(workspace)
      let widest = layers.dropLast().map(\.outputs).max() ?? 0
      let buffers = (space.take(count * widest), space.take(count * widest))
      var input = x + first * inputs
      for (index, layer) in layers.enumerated() {
        let last = index + 1 == layers.count
        let output = last ? logits + first * outputs : index % 2 == 0 ? buffers.0 : buffers.1
        layer.forward(parameters, input, rows: count, sums: output, outputs: output)
        input = UnsafePointer(output)
      }
      first += count
    }
  }

  /// Adds the gradient of the loss's sum over the rows to `gradient`, and returns that sum.
  ///
  /// `gradient` has the layout of the parameters; a sum over several calls is a sum over all their rows. A loss that is
  /// not finite is returned as it is: the caller knows which node and place to name.
  package func gradient(
    parameters: UnsafePointer<Float>, x: UnsafePointer<Float>, targets: Targets, rows: Int,
    loss: Loss, into gradient: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutableRawBufferPointer
  ) -> Double {
    precondition(model.isBuilt, ModelError.notBuilt(kind: model.kind).description)
    var total = 0.0
    var first = 0
    while first < rows {
      let count = min(tileRows, rows - first)
      total += tileGradient(
        parameters: parameters, x: x + first * inputs,
        targets: targets.dropping(rows: first, outputs: outputs), rows: count, loss: loss,
        into: gradient, workspace: workspace)
      first += count
    }
    return total
  }

  private func tileGradient(
    parameters: UnsafePointer<Float>, x: UnsafePointer<Float>, targets: Targets, rows: Int,
    loss: Loss, into gradient: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutableRawBufferPointer
  ) -> Double {
    var space = Workspace(workspace)
    let widest = layers.dropLast().map(\.outputs).max() ?? 0
    let upstream = space.take(rows * widest)
    // The outputs of each layer lie one behind another, so that the way back finds them without a list.
    let base = space
    var input = x
    for layer in layers {
      let outputs = space.take(rows * layer.outputs)
      let sums = layer.activation.savesSums ? space.take(rows * layer.outputs) : outputs
      layer.forward(parameters, input, rows: rows, sums: sums, outputs: outputs)
      input = UnsafePointer(outputs)
    }
    let logits = UnsafeMutablePointer(mutating: input)
    let sum = loss.sum(logits, targets, rows: rows, outputs: outputs, residual: logits)

    for index in layers.indices.reversed() {
      let layer = layers[index]
      let delta = outputsBuffer(of: index, rows: rows, in: base).outputs
      guard index > 0 else {
        layer.addGradient(x, delta, rows: rows, into: gradient)
        break
      }
      let below = layers[index - 1]
      let buffers = outputsBuffer(of: index - 1, rows: rows, in: base)
      layer.addGradient(buffers.outputs, delta, rows: rows, into: gradient)
      layer.backward(parameters, delta, rows: rows, into: upstream)
      // What the layer below gave is needed no more: its place takes the derivative by its sums.
      below.activation.backward(
        saved: buffers.sums, upstream, count: rows * below.outputs, into: buffers.outputs)
    }
    return sum
  }

  /// Where `tileGradient` has put the outputs and sums of a layer.
  private func outputsBuffer(
    of wanted: Int, rows: Int, in base: Workspace
  ) -> (outputs: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>) {
    var space = base
    for layer in layers[..<wanted] {
      _ = space.take(rows * layer.outputs)
      if layer.activation.savesSums { _ = space.take(rows * layer.outputs) }
    }
    let size = rows * layers[wanted].outputs
    let outputs = space.take(size)
    return (outputs, layers[wanted].activation.savesSums ? space.take(size) : outputs)
  }
}

extension DenseLayer {
  /// sums ← x · Wᵀ + b, outputs ← f(sums); both may be one buffer.
  fileprivate func forward(
    _ parameters: UnsafePointer<Float>, _ x: UnsafePointer<Float>, rows: Int,
    sums: UnsafeMutablePointer<Float>, outputs y: UnsafeMutablePointer<Float>
  ) {
    if isNarrow {
      narrowProduct(
        x, parameters + weight, rows: rows, inputs: inputs, outputs: outputs, into: sums)
    } else {
      BLAS.multiply(
        rows: rows, columns: outputs, inner: inputs, .plain(x), .transposed(parameters + weight),
        into: sums)
    }
    activation.apply(
      addingBias: parameters + bias, to: sums, rows: rows, columns: outputs, into: y)
  }

  /// Adds δᵀ · x to the weight's gradient and the sums of δ to the bias's, with δ the derivative by the sums.
  fileprivate func addGradient(
    _ x: UnsafePointer<Float>, _ delta: UnsafePointer<Float>, rows: Int,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    if isNarrow {
      addNarrowGradient(
        x, delta, rows: rows, inputs: inputs, outputs: outputs, into: gradient + weight)
    } else {
      BLAS.multiply(
        rows: outputs, columns: inputs, inner: rows, .transposed(delta), .plain(x), beta: 1,
        into: gradient + weight)
    }
    addColumnSums(delta, rows: rows, columns: outputs, into: gradient + bias)
  }

  /// result ← δ · W, the derivative by the inputs.
  fileprivate func backward(
    _ parameters: UnsafePointer<Float>, _ delta: UnsafePointer<Float>, rows: Int,
    into result: UnsafeMutablePointer<Float>
  ) {
    BLAS.multiply(
      rows: rows, columns: inputs, inner: outputs, .plain(delta), .plain(parameters + weight),
      into: result)
  }
}
