#!/usr/bin/env python3
"""Competing load: how the embedded engine, and llama.cpp beside it, give way to other busy processes on the machine. With
0, 1, 2 … processes that only count, each the script's own child, both are measured in turn; what is printed is the share
of the rate without them. A fair share is cores / (threads + busy processes), at most 1; threads that wait in a loop for
one that does not run fall far below it. Nothing here is a test.

    tests/benchmarks/competing_load.py --model model-q4_0.gguf --peer /path/to/llama.cpp/bin --threads 2 --busy 0,1,2

The peer's folder holds llama-bench.
"""
import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys

# Ends by itself if this script is killed: its parent is then another.
BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    for _ in range(10**6): pass"


@contextlib.contextmanager
def busy(count):
    children = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for child in children:
            child.kill()
        for child in children:
            child.wait()


def output_of(command, limit):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"{command[0]} took longer than {limit} s and was ended\n")
        return None
    if done.returncode != 0:
        sys.stderr.write(f"{' '.join(command)}: exit {done.returncode}: {done.stderr[-300:]}\n")
        return None
    return json.loads(done.stdout)


def tokenmark(options):
    document = output_of([options.cli, "bench", "--model", options.model, "--threads", str(options.threads), "--prompt",
                          str(options.prompt), "--context", "16", "--decode", str(options.decode), "--repeats", "1",
                          "--json"], options.limit)
    return {"prompt": document["prompt"][0]["tok_s"], "decode": document["decode"][0]["tok_s"]} if document else {}


def llama(options):
    rows = output_of([os.path.join(options.peer, "llama-bench"), "-m", options.model, "-t", str(options.threads), "-r", "1",
                      "-o", "json", "-p", str(options.prompt), "-n", str(options.decode)], options.limit)
    return {"prompt" if row["n_prompt"] else "decode": row["avg_ts"] for row in rows or []}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--cli", default="build/release/bin/tokenmark-cli")
    parser.add_argument("--peer", help="folder with llama-bench; without it only ours is measured")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--busy", default="0,1,2", help="numbers of busy processes; the first is what the others are compared with")
    parser.add_argument("--prompt", type=int, default=128)
    parser.add_argument("--decode", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--limit", type=int, default=600, help="seconds that one measurement may take")
    options = parser.parse_args()
    counts = [int(count) for count in options.busy.split(",")]
    if min(counts) < 0 or max(counts) > 4 * os.cpu_count():
        parser.error(f"--busy must be from 0 to {4 * os.cpu_count()}, four a core")
    engines = {"tokenmark": tokenmark} | ({"llama.cpp": llama} if options.peer else {})
    rates = {}
    for _ in range(options.repeats):
        for count in counts:
            for name, measure in engines.items():
                with busy(count):
                    for piece, rate in measure(options).items():
                        rates.setdefault((name, piece, count), []).append(rate)
    print("| engine | piece | busy processes | tok/s (lowest–highest) | share of that with "
          f"{counts[0]} | fair share |\n|---|---|---|---|---|---|")
    for name in engines:
        for piece in ("prompt", "decode"):
            for count in counts:
                values = rates.get((name, piece, count), [])
                alone = rates.get((name, piece, counts[0]), [])
                if not values or not alone:
                    continue
                fair = min(1.0, os.cpu_count() / (options.threads + count))
                print(f"| {name} | {piece} | {count} | {statistics.median(values):.1f} ({min(values):.1f}–{max(values):.1f}) | "
                      f"{statistics.median(values) / statistics.median(alone):.2f} | {fair:.2f} |")
    return 0 if rates else 1


if __name__ == "__main__":
    sys.exit(main())
