"""The descent of Graphs/out-of-core.yaml in Dask: softmax regression by gradients of all rows, momentum and an L2 penalty, in
64 chunks that are read from the disk in every step. Prints the seconds to see all rows once, and leaves the weights.

    out_of_core_dask.py threads|worker FEATURES LABELS CLASSES BUDGET STEPS THREADS WEIGHTS

The threads of this process know no budget, and hold as many chunks as they are given; a worker of `distributed` is a process
with the budget as its limit.
"""
import os

# One chunk, one thread: the parallelism is Dask's. Read when NumPy is loaded, in the workers too.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import json
import logging
import sys
import time

import dask
import dask.array as da
import numpy as np
from distributed import Client, LocalCluster

PLACES, HELD_OUT, RATE, MOMENTUM, PENALTY = 64, 0.01, 2, 0.9, 0.0001


def read(path, start, width, block_info=None):
    """The rows of a chunk, read in one go; nothing is mapped, so that the page cache can be emptied meanwhile."""
    first, end = block_info[None]["array-location"][0]
    rows = np.fromfile(path, "<f4", (end - first) * width, offset=start + 4 * width * first)
    return rows.reshape(end - first, width)


def residual(logits, labels):
    """The softmax of each row less one at its class."""
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[np.arange(len(shares)), labels[:, 0]] -= 1
    return shares


def gradients(features, labels, weight, bias):
    """Of the sum of the losses, by the weights and by the biases, not computed yet."""
    apart = da.map_blocks(
        residual, features @ weight + bias, labels, dtype=np.float32, chunks=(features.chunks[0], (len(bias),)))
    return features.T @ apart, apart.sum(axis=0)


def descend(features, labels, classes, steps):
    count, width = features.shape
    weight, bias = np.zeros((width, classes), np.float32), np.zeros(classes, np.float32)
    speed = (np.zeros_like(weight), np.zeros_like(bias))
    started = time.perf_counter()
    for _ in range(steps):
        by_weight, by_bias = dask.compute(*gradients(features, labels, weight, bias))
        by_weight = by_weight / np.float32(count) + np.float32(PENALTY) * weight
        speed = (MOMENTUM * speed[0] + by_weight, MOMENTUM * speed[1] + by_bias / np.float32(count))
        weight, bias = weight - RATE * speed[0], bias - RATE * speed[1]
    return (time.perf_counter() - started) / steps, weight, bias


def main():
    scheduler, features, labels = sys.argv[1:4]
    classes, budget, steps, threads = map(int, sys.argv[4:8])
    weights = sys.argv[8]
    mapped = np.load(features, mmap_mode="r")
    count, width, start = mapped.shape[0], mapped.shape[1], mapped.offset
    del mapped
    seen = count - round(count * HELD_OUT)
    chunk = -(-seen // PLACES)
    y = da.from_array(np.load(labels)[:seen, None], chunks=(chunk, 1))
    x = da.map_blocks(
        read, features, start, width, chunks=(y.chunks[0], (width,)), dtype=np.float32,
        meta=np.empty((0, 0), np.float32))

    if scheduler == "threads":
        with dask.config.set(scheduler="threads", num_workers=threads):
            seconds, weight, bias = descend(x, y, classes, steps)
    else:
        logging.getLogger("distributed").setLevel(logging.ERROR)
        with LocalCluster(
            n_workers=1, threads_per_worker=threads, memory_limit=budget, dashboard_address=None,
            local_directory=os.path.dirname(weights)) as cluster, Client(cluster):
            seconds, weight, bias = descend(x, y, classes, steps)
    np.savez(weights, weight=weight.T, bias=bias)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
