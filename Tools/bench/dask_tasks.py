"""What a task that does nothing costs in Dask's threaded scheduler, on the training shape: S gradients, a pairwise tree, one
update, and the next step's gradients behind it. Prints one line a case: shape, threads, nanoseconds a task of each run."""
import sys
import time

import dask.threaded


def nothing(*_):
    return None


def graph(gradients, steps):
    tasks = {"update-0": (nothing,)}
    for step in range(steps):
        level = []
        for place in range(gradients):
            tasks[f"g-{step}-{place}"] = (nothing, f"update-{step}")
            level.append(f"g-{step}-{place}")
        depth = 0
        while len(level) > 1:
            above = []
            for place in range(0, len(level) - 1, 2):
                name = f"r-{step}-{depth}-{place}"
                tasks[name] = (nothing, level[place], level[place + 1])
                above.append(name)
            if len(level) % 2:
                above.append(level[-1])
            level = above
            depth += 1
        tasks[f"update-{step + 1}"] = (nothing, level[0])
    return tasks, f"update-{steps}"


def main():
    tasks, runs = int(sys.argv[1]), int(sys.argv[2])
    for gradients in (8, 32):
        work, last = graph(gradients, max(1, tasks // (2 * gradients)))
        for threads in (1, 2):
            found = []
            for _ in range(runs):
                begin = time.perf_counter()
                dask.threaded.get(work, last, num_workers=threads)
                found.append((time.perf_counter() - begin) / len(work) * 1e9)
            numbers = "\t".join(f"{number:.0f}" for number in found)
            print(f"training, {gradients} gradients\t{threads}\t{numbers}", flush=True)


main()
