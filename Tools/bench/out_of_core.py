"""What Tools/bench/out-of-core measures, once all is installed and the rows are there."""
import argparse
import collections
import contextlib
import json
import mmap
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
GRAPH = os.path.join(ROOT, "Graphs", "out-of-core.yaml")
GLISSADE = os.environ.get("GLISSADE", os.path.join(ROOT, ".build", "release", "glissade"))
# Within less, a worker of Dask has no room for itself and a few chunks.
LEAST_WORKER = 384 << 20
# The most bytes that the computing alone is measured on, all of which are kept in memory.
MOST_KEPT = 4 << 30
PIECE = 4 << 20
# What Glissade may take of the time of the limit, and what Dask at least takes of Glissade's with the same bound of memory.
MOST_OF_LIMIT = 1.3
LEAST_OF_DASK = 2.0


# What the system says of a process and its children: bytes read from the disk, and bytes that the greatest of them held.
Usage = collections.namedtuple("Usage", "read held")


def stop(code, message):
    print(f"Tools/bench/out-of-core: error: {message}", file=sys.stderr)
    sys.exit(code)


def call(command, directory):
    """Runs a program; gives what it printed, the bytes that were read from the disk for it, and the most that it held in memory."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, cwd=directory)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            stop(70, f"exit code {process.returncode} of {' '.join(command)}")
        output.seek(0)
        return output.read().decode(), Usage(usage.ru_inblock * 512, usage.ru_maxrss * 1024)


class Rows:
    """The data set, and what the disk makes of it."""

    def __init__(self, directory):
        self.features = os.path.join(directory, "features.npy")
        self.labels = os.path.join(directory, "labels.npy")
        mapped = np.load(self.features, mmap_mode="r")
        self.count, self.width = mapped.shape
        self.start = mapped.offset
        self.classes = int(np.load(self.labels).max()) + 1
        self.byte_count = mapped.nbytes

    @contextlib.contextmanager
    def uncached(self):
        """Keeps the file out of the page cache: what was read is dropped before a fast reader can come back to it.

        Not more often than that: each time, what the kernel has read ahead is dropped and read again."""
        pause = min(0.5, self.byte_count / 8e9)
        ended = threading.Event()

        def drop():
            file = os.open(self.features, os.O_RDONLY)
            while True:
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
                if ended.wait(pause):
                    return os.close(file)

        thread = threading.Thread(target=drop)
        thread.start()
        time.sleep(0.5)
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def disk_seconds(self, threads):
        """Seconds to read all of it around the page cache, by threads that read pieces of 4 MiB in turn."""
        file = os.open(self.features, os.O_RDONLY | os.O_DIRECT)
        end = os.fstat(file).st_size

        def read(first):
            # An anonymous map begins at a page, as direct reads ask.
            with mmap.mmap(-1, PIECE) as buffer:
                for offset in range(first * PIECE, end, threads * PIECE):
                    os.preadv(file, [buffer], offset)

        started = time.perf_counter()
        readers = [threading.Thread(target=read, args=(first,)) for first in range(threads)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        seconds = time.perf_counter() - started
        os.close(file)
        return seconds


class Descent:
    """The graph, run over the rows."""

    def __init__(self, rows, threads, directory):
        self.rows = rows
        self.directory = directory
        self.command = [
            GLISSADE, "run", GRAPH, "--quiet", "--format", "json", "--threads", str(threads),
            "--set", f"nodes.rows.source={rows.features}", "--set", f"nodes.rows.labels={rows.labels}",
        ]

    def run(self, name, steps, *more):
        """The report of a run, and its usage."""
        directory = os.path.join(self.directory, name)
        until = f"run.until={{ steps: {steps} }}"
        text, usage = call(self.command + ["--run-dir", directory, "--set", until, *more], self.directory)
        return json.loads(text), usage

    def computing(self, steps):
        """Seconds to see all rows once where all are kept: between the updates of one step and the next, the first left out.

        Where the rows are more than memory has room for, as many as it keeps are taken for all."""
        more, share = [], 1
        if self.rows.byte_count > MOST_KEPT:
            kept = MOST_KEPT // (4 * self.rows.width)
            more, share = ["--set", f"nodes.rows.select={{ rows: [0, {kept}] }}"], kept / self.rows.count
        report, _ = self.run("kept", steps + 1, *more)
        trace = os.path.join(self.directory, "trace.json")
        call([GLISSADE, "trace", report["run_dir"], "--out", trace], self.directory)
        with open(trace, encoding="utf-8") as file:
            events = json.load(file)["traceEvents"]
        ends = {
            event["args"]["step"]: event["ts"] + event["dur"]
            for event in events
            if event["ph"] == "X" and event["pid"] == 1 and event["name"].split(" + ")[-1] == "step"
        }
        return (ends[steps + 1] - ends[1]) * 1e-6 / steps / share

    def weights(self, name):
        """The matrix and the biases that a run left."""
        with open(os.path.join(self.directory, name, "out-of-core.safetensors"), "rb") as file:
            content = file.read()
        start = 8 + int.from_bytes(content[:8], "little")
        tensors = {}
        for key, entry in json.loads(content[8:start]).items():
            if key != "__metadata__":
                begin, end = entry["data_offsets"]
                tensors[key] = np.frombuffer(content[start + begin : start + end], "<f4").reshape(entry["shape"])
        return tensors["dense.0.weight"], tensors["dense.0.bias"]


def dask(scheduler, rows, budget, steps, threads, directory):
    """Seconds to see all rows once, the weights after the last step, and the usage."""
    out = os.path.join(directory, "dask.npz")
    text, usage = call(
        [
            sys.executable, os.path.join(HERE, "out_of_core_dask.py"), scheduler, rows.features, rows.labels,
            str(rows.classes), str(budget), str(steps), str(threads), out,
        ], directory)
    with np.load(out) as arrays:
        return json.loads(text)["seconds"], (arrays["weight"], arrays["bias"]), usage


def lz4_seconds_per_byte(threads, directory):
    """Of normal numbers, as frames, out and in."""
    text, _ = call(
        [
            GLISSADE, "bench", "spill", "--bytes", "256MiB", "--runs", "3", "--threads", str(threads), "--dir", directory,
            "--format", "json",
        ], directory)
    rates = {row["case"]: row["value"] for row in json.loads(text)}
    return tuple(1e-9 / rates[f"normal floats, LZ4 frames {way}"] for way in ("out", "in"))


def human(count):
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.4g} {unit}"
        count /= 1024
    return f"{count:.3g} GiB"


def main():
    parser = argparse.ArgumentParser()
    for option in ("--steps", "--runs", "--threads"):
        parser.add_argument(option, type=int, required=True)
    parser.add_argument("directory")
    options = parser.parse_args()
    steps, threads = options.steps, options.threads
    place = os.path.realpath(options.directory)
    rows = Rows(place)
    budget = rows.byte_count // 4
    print(
        f"{human(rows.byte_count)} in {rows.count} rows and 64 places, a budget of {human(budget)}, "
        f"{steps} steps, {threads} threads, medians of {options.runs} runs")

    with tempfile.TemporaryDirectory(dir=place) as directory:
        descent = Descent(rows, threads, directory)
        out, back = lz4_seconds_per_byte(threads, directory)
        schedulers = ["threads"] + (["worker"] if budget >= LEAST_WORKER else [])
        found = collections.defaultdict(list)
        reports, single, usages, theirs = [], [], {}, {}
        for _ in range(options.runs):
            found["disk"].append(min(rows.disk_seconds(count) for count in sorted({1, threads})))
            found["computing"].append(descent.computing(steps))
            with rows.uncached():
                report, usages["glissade"] = descent.run("budget", steps, "--memory", str(budget))
                reports.append(report)
                # The first reading of the rows may count as preparation.
                found["glissade"].append((report["setup_seconds"] + report["seconds"]) / steps)
            with rows.uncached():
                report, usages["single"] = descent.run(
                    "single", steps, "--memory", str(budget), "--set", "nodes.rows.count=1")
                single.append(report)
                found["single"].append((report["setup_seconds"] + report["seconds"]) / steps)
            for name in schedulers:
                with rows.uncached():
                    seconds, theirs[name], usages[name] = dask(name, rows, budget, steps, threads, directory)
                    found[name].append(seconds)
        ours = descent.weights("budget")
        kept = None
        if rows.byte_count <= MOST_KEPT:
            kept, _ = descent.run("all", steps)
            single.append(descent.run("all-single", steps, "--set", "nodes.rows.count=1")[0])

    middle = {name: statistics.median(seconds) for name, seconds in found.items()}
    report = reports[-1]
    lz4 = (report["spilled_bytes"] * out + report["read_back_bytes"] * back) / steps
    limits = {"the disk": middle["disk"], "liblz4": lz4, "the computing": middle["computing"]}
    limit = max(limits, key=limits.get)

    heading = "seconds to see all rows once"
    print(f"\n{heading:44}{'median':>9}{'least':>9}{'greatest':>9}{'GB/s':>7}{'read GB':>9}{'held':>10}")

    def line(name, key):
        seconds, usage = found[key], usages.get(key)
        text = f"{name:44}{middle[key]:9.3f}{min(seconds):9.3f}{max(seconds):9.3f}{rows.byte_count / middle[key] * 1e-9:7.2f}"
        print(text + (f"{usage.read / steps * 1e-9:9.2f}{human(usage.held):>10}" if usage else ""))

    line("the disk: direct reads", "disk")
    line("the computing: all rows kept in memory", "computing")
    print(f"{'liblz4: what was put away and fetched back':44}{lz4:9.3f}")
    line(f"Glissade within {human(budget)}", "glissade")
    line("Glissade, one place in chunks", "single")
    line("Dask, threads without a limit", "threads")
    if "worker" in schedulers:
        line(f"Dask, a worker within {human(budget)}", "worker")
    print("read: from the disk, each time; held: by a process as the system counts, with program and libraries")
    print(f"\nliblz4, normal numbers: {1e-9 / out:.2f} GB/s out, {1e-9 / back:.2f} GB/s in")
    for key in ("peak_bytes", "budget_bytes", "spilled_bytes", "read_back_bytes", "reread_bytes"):
        print(f"{key:16}{human(report[key])}")
    share = middle["glissade"] / limits[limit]
    print(f"\nthe limit is {limit}: Glissade takes {share:.2f} of its time (at most {MOST_OF_LIMIT})")
    problems = []
    if share > MOST_OF_LIMIT:
        problems.append("an epoch takes too much of the limit's time")
    for name in schedulers:
        times = middle[name] / middle["glissade"]
        wanted = f" (at least {LEAST_OF_DASK})" if name == "worker" else ""
        print(f"Dask, {name}: {times:.2f} of Glissade's time{wanted}")
        if name == "worker" and times < LEAST_OF_DASK:
            problems.append("Dask takes too little of Glissade's time")
    if any(entry["peak_bytes"] > budget for entry in reports + single if entry["budget_bytes"]):
        problems.append("a run held more bytes than its budget")
    hashes = {entry["weights_sha256"] for entry in reports + ([kept] if kept else [])}
    if len(hashes) != 1 or len({entry["weights_sha256"] for entry in single}) != 1:
        problems.append("the weights have not the same bits with the budget and without, or from run to run")
    apart = max(float(np.abs(a - b).max()) for name in schedulers for a, b in zip(ours, theirs[name]))
    apart /= float(np.abs(ours[0]).max())
    print(f"the weights of both are {apart:.1g} apart, relative to the greatest one")
    if not apart <= 1e-3:
        problems.append("Glissade and Dask ended with other weights")
    for problem in problems:
        print(f"Tools/bench/out-of-core: error: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
