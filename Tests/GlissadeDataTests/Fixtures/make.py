"""Writes the files that the tests read: python3 make.py, with numpy and safetensors installed.

Every file comes from a library other than Glissade; the tests know the values by the rules below.
"""

import csv
import gzip
import struct

import numpy as np
import safetensors.numpy

STORED = [("f4", np.float32), ("f8", np.float64), ("i4", np.int32), ("i8", np.int64), ("u1", np.uint8)]


def ramp(dtype, *shape):
    """0, 1, 2, ... in row-major order."""
    return np.arange(int(np.prod(shape)), dtype=dtype).reshape(shape)


def npy():
    for name, dtype in STORED:
        np.save(f"ramp-{name}.npy", ramp(dtype, 2, 3))
    np.save("vector.npy", ramp(np.float32, 5))
    np.save("scalar.npy", np.float64(2.5))
    np.save("empty.npy", np.zeros((0, 4), np.float32))
    np.save("fortran.npy", np.asfortranarray(ramp(np.int32, 2, 3, 4)))
    with open("version2.npy", "wb") as file:
        np.lib.format.write_array(file, ramp(np.float32, 2, 3), version=(2, 0))
    np.save("refused-big-endian.npy", ramp(">f4", 2))
    np.save("refused-half.npy", ramp(np.float16, 2))
    np.save("refused-text.npy", np.array(["a", "b"]))
    np.save("refused-records.npy", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))


def tensors():
    mixed = {f"ramp.{name}": ramp(dtype, 2, 3) for name, dtype in STORED}
    mixed["scalar"] = np.array(2.5, np.float32)
    mixed["empty"] = np.zeros((0, 4), np.float32)
    safetensors.numpy.save_file(mixed, "mixed.safetensors", metadata={"note": 'a "quoted"\nline, é'})
    every_half = np.arange(65536, dtype=np.uint16).view(np.float16)
    some = np.ascontiguousarray(every_half[np.isfinite(every_half)][::61])
    safetensors.numpy.save_file({"half": some, "wide": some.astype(np.float32)}, "half.safetensors")
    safetensors.numpy.save_file({"flag": np.array([True])}, "refused-bool.safetensors")


def idx():
    def write(name, code, letter, shape, values):
        head = struct.pack(">BBBB", 0, 0, code, len(shape)) + struct.pack(f">{len(shape)}I", *shape)
        data = head + struct.pack(f">{len(values)}{letter}", *values)
        with open(name, "wb") as file:
            file.write(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)

    write("images.idx", 8, "B", (3, 2, 2), range(12))
    write("images.idx.gz", 8, "B", (3, 2, 2), range(12))
    write("ints.idx", 12, "i", (4,), [-2, -1, 0, 70000])
    write("floats.idx", 13, "f", (2, 2), [0.5, -1.25, 3e38, 0])
    write("doubles.idx", 14, "d", (2,), [0.1, -1e300])
    write("refused-shorts.idx", 11, "h", (2,), [1, 2])


def tables():
    rows = [
        ["1.5", 'plain', "-2"],
        ["0.25", 'a "quoted", cell', "3e2"],
        ["-0", "two\nlines", ".5"],
        ["+7.", "", "1E-3"],
        ["16777217", "\u00e9\u4e2d\U0001f600", "0.1"],
    ]
    with open("quotes.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["x", "a \"name\",", "y"]] + rows)
    text = "x,y\n" + "".join(f"{i},{i * i}\n" for i in range(300))
    with open("members.csv.gz", "wb") as file:
        for start in range(0, len(text), 500):
            file.write(gzip.compress(text[start : start + 500].encode(), mtime=0))


if __name__ == "__main__":
    npy()
    tensors()
    idx()
    tables()
