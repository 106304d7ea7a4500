#!/usr/bin/env python3
"""Loading: how long `tokenmark-cli serve` takes until it serves, beside reading the same file once. Prints the least and
the median time of the repeats, the least time of all cores, and the ratios; gates nothing.

    tests/benchmarks/loading_benchmark.py --model model.gguf --model shape:llama-3.2-1b:q4_0 --threads 2

The file is read twice each time: with read() into one buffer that stays in the cache, which is as little as can be done,
and into memory of its size, which is what a program that keeps what it reads does at least. All three follow each other
in every repeat, after one that is not counted, so that a busy machine hits all alike and the file is in the page cache
for all. The cores' time, divided by the threads, is what a machine left alone would come near to.
"""
import argparse
import os
import resource
import statistics
import subprocess
import sys
import time


def cpu_seconds():
    """Of this process and of those it has waited for."""
    return sum(usage.ru_utime + usage.ru_stime
               for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def timed(function, *arguments):
    """Its time, or what it says was its time, and the cores' time."""
    begin, cpu = time.monotonic(), cpu_seconds()
    own = function(*arguments)
    return own or time.monotonic() - begin, cpu_seconds() - cpu


def read_through(path):
    part = bytearray(1 << 20)
    with open(path, "rb", buffering=0) as file:
        while file.readinto(part):
            pass


def read_and_keep(path):
    with open(path, "rb", buffering=0) as file:
        file.read()


def serve_once(options, model):
    """The time until the server says that it serves."""
    begin = time.monotonic()
    process = subprocess.Popen([options.cli, "serve", "--model", model, "--port", "0", "--threads", str(options.threads),
                                *options.serve_option], stderr=subprocess.PIPE, text=True)
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("Serving"):
            break
    else:
        sys.exit("".join(said))
    ready = time.monotonic() - begin
    process.terminate()
    process.wait()
    return ready


def measure(options, model):
    is_file = os.path.isfile(model)
    pieces = {"ready": (serve_once, options, model)}
    if is_file:
        pieces |= {"read": (read_through, model), "read and keep": (read_and_keep, model)}
    times = {name: [] for name in pieces}
    for repeat in range(-1, options.repeats):
        for name, piece in pieces.items():
            taken = timed(*piece)
            if repeat >= 0:
                times[name].append(taken)
    size = f" ({os.path.getsize(model) / 1e9:.2f} GB)" if is_file else ""
    print(f"{model}{size}")
    figures = {}
    for name, values in times.items():
        walls, cores = zip(*values)
        least, median, alone = min(walls), statistics.median(walls), min(cores) / (options.threads if name == "ready" else 1)
        figures[name] = least, median, alone
        print(f"  {name:14}{least:7.2f} s least {median:7.2f} s median {alone:7.2f} s of a machine left alone", flush=True)
    for name in list(figures)[1:]:
        ratios = ", ".join(f"{ready / this:.2f}" for ready, this in zip(figures["ready"], figures[name]))
        print(f"  ready ÷ {name}: {ratios}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cli", default="build/release/bin/tokenmark-cli")
    parser.add_argument("--model", action="append", required=True, help="GGUF file or shape:NAME:FORMAT; several times for several")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--serve-option", action="append", default=[], help="passed on to serve, e.g. --serve-option=--context=2048")
    options = parser.parse_args()
    for model in options.model:
        measure(options, model)


if __name__ == "__main__":
    main()
