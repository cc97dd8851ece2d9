#!/usr/bin/env python3
"""Holds 100 steps of Graphs/golden/a-data-parallel.yaml against a plain NumPy loop.

The loop starts from the same initial weights (zeros, as every convex model here) and sees the rows that Glissade says it
drew (`batch.drawn`); everything else is written down again: softmax, mean cross-entropy, one step of gradient descent.
Prints the greatest difference of the weights and exits with 1 where it is above 1e-5 of the greatest weight.

    Tools/interop/numpy_loop.py [STEPS]      needs python3 with NumPy
"""

import os
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
GRAPH = os.path.join(ROOT, "Graphs", "golden", "a-data-parallel.yaml")
DATA = os.path.join(ROOT, "Graphs", "data", "digits.csv")
BATCH, SEEN, RATE = 64, 1437, 0.1


def show(port, step, folder):
    """One tensor of the graph after a number of steps, as an array."""
    out = os.path.join(folder, "value.npy")
    command = [os.environ.get("GLISSADE", os.path.join(ROOT, "Tools", "glissade"))]
    command += ["show", GRAPH, port, "--step", str(step), "--out", out, "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return np.load(out)


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    table = np.loadtxt(DATA, delimiter=",", skiprows=1, dtype=np.float32)[:SEEN]
    features, labels = table[:, :64], table[:, 64].astype(int)
    weight = np.zeros((10, 64), np.float32)
    bias = np.zeros(10, np.float32)
    with tempfile.TemporaryDirectory() as folder:
        for step in range(1, steps + 1):
            drawn = show("batch.drawn", step, folder).reshape(-1).astype(int)
            assert len(set(drawn)) == len(drawn) <= BATCH, "a row came twice within an epoch"
            x, y = features[drawn], labels[drawn]
            logits = x @ weight.T + bias
            logits -= logits.max(axis=1, keepdims=True)
            residual = np.exp(logits)
            residual /= residual.sum(axis=1, keepdims=True)
            residual[np.arange(len(y)), y] -= 1
            weight -= RATE * (residual.T @ x / np.float32(len(y)))
            bias -= RATE * residual.mean(axis=0)
        flat = show("weights", steps, folder).reshape(-1)
    ours = np.concatenate([flat[:640], flat[640:650]])
    theirs = np.concatenate([weight.reshape(-1), bias])
    apart = float(np.abs(ours - theirs).max())
    greatest = float(np.abs(theirs).max())
    print(f"steps {steps}, greatest weight {greatest:.6g}, greatest difference {apart:.3g}, relative {apart / greatest:.3g}")
    return 0 if apart <= 1e-5 * greatest else 1


if __name__ == "__main__":
    sys.exit(main())
