#!/usr/bin/env python3
"""Holds 100 steps of Graphs/golden/a-data-parallel.yaml against a plain NumPy loop.

The loop sees the rows that Glissade says it drew (`batch.drawn`); everything else is written down again: softmax, mean
cross-entropy, one step of gradient descent. Three comparisons, each to 1e-5 of the greatest weight:

1. 100 steps in a row at the graph's own rate, 0.1, from given initial weights: those that a longer run at 0.02 left;
2. 100 steps in a row at a rate of 0.01 from zeros;
3. each of 100 steps at 0.1 from zeros: from the weights that Glissade had, NumPy's next weights.

100 steps in a row at 0.1 from zeros are printed too, and not judged. The pixels go up to 16, so there the rate is far beyond
where descent settles: a change of 1e-8 in the initial weights of a Float64 loop grows to 4e-2 within 100 steps, and no two
programs in Float32 can agree to 1e-5.

    Tools/interop/numpy_loop.py [STEPS]      needs python3 with NumPy; GLISSADE=program overrides Tools/glissade
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
SEEN, LIMIT = 1437, 1e-5


def call(arguments):
    program = os.environ.get("GLISSADE", os.path.join(ROOT, "Tools", "glissade"))
    subprocess.run([program] + arguments, check=True, stdout=subprocess.DEVNULL)


class Run:
    """The graph at a rate, looked into step by step."""

    def __init__(self, rate, folder, *settings):
        self.rate = np.float32(rate)
        self.out = os.path.join(folder, "value.npy")
        self.settings = ["--quiet", "--set", f"nodes.step.optimizer.rate={rate}"]
        for setting in settings:
            self.settings += ["--set", setting]

    def show(self, port, step):
        call(["show", GRAPH, port, "--step", str(step), "--out", self.out] + self.settings)
        return np.load(self.out).reshape(-1)

    def train(self, folder):
        """Runs the graph to its end and gives the model file."""
        call(["run", GRAPH, "--run-dir", folder] + self.settings)
        return os.path.join(folder, "digits.safetensors")

    def weights(self, step):
        flat = self.show("weights", step).astype(np.float32)
        return flat[:640].reshape(10, 64).copy(), flat[640:650].copy()


def step(weight, bias, x, y, rate):
    logits = x @ weight.T + bias
    logits -= logits.max(axis=1, keepdims=True)
    residual = np.exp(logits)
    residual /= residual.sum(axis=1, keepdims=True)
    residual[np.arange(len(y)), y] -= 1
    return weight - rate * (residual.T @ x / np.float32(len(y))), bias - rate * residual.mean(axis=0)


def apart(ours, theirs):
    """The greatest difference, relative to the greatest weight."""
    a, b = (np.concatenate([w.reshape(-1), c]) for w, c in (ours, theirs))
    return float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-30))


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    table = np.loadtxt(DATA, delimiter=",", skiprows=1, dtype=np.float32)[:SEEN]
    features, labels = table[:, :64], table[:, 64].astype(int)
    zeros = (np.zeros((10, 64), np.float32), np.zeros(10, np.float32))
    with tempfile.TemporaryDirectory() as folder:
        model = Run(0.02, folder, "run.until.epochs=900").train(os.path.join(folder, "run"))
        given = Run(0.1, folder, f"nodes.weights.initial={model}")
        own, slow = Run(0.1, folder), Run(0.01, folder)
        start = given.weights(0)
        drawn = [own.show("batch.drawn", number).astype(int) for number in range(1, steps + 1)]
        worst = 0.0
        trained, free, free_slow, before = start, zeros, zeros, zeros
        for number, rows in enumerate(drawn, start=1):
            assert len(set(rows)) == len(rows) <= 64, "a row came twice in a batch"
            x, y = features[rows], labels[rows]
            after = own.weights(number)
            worst = max(worst, apart(after, step(*before, x, y, own.rate)))
            before = after
            trained = step(*trained, x, y, given.rate)
            free, free_slow = step(*free, x, y, own.rate), step(*free_slow, x, y, slow.rate)
        end = given.weights(steps)
        in_a_row, slowly = apart(end, trained), apart(slow.weights(steps), free_slow)
        print(f"{steps} steps at rate 0.1 from given weights: {in_a_row:.3g} apart, moved by {apart(end, start):.3g} (limit {LIMIT:g})")
        print(f"{steps} steps at rate 0.01 from zeros: {slowly:.3g} apart (limit {LIMIT:g})")
        print(f"each of {steps} steps at rate 0.1 from zeros: at most {worst:.3g} apart (limit {LIMIT:g})")
        print(f"{steps} steps at rate 0.1 from zeros: {apart(before, free):.3g} apart (not judged: chaotic)")
    return 0 if max(in_a_row, worst, slowly) <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
