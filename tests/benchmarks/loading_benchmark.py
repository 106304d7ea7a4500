#!/usr/bin/env python3
"""Loading: how long `tokenmark-cli serve` takes until it serves, beside reading the same file once. Prints the least and
the median time of the repeats and their ratio; gates nothing.

    tests/benchmarks/loading_benchmark.py --model model.gguf --model shape:llama-3.2-1b:q4_0 --threads 2

The file is read twice each time: with read() into one buffer that stays in the cache, which is as little as can be done,
and into memory of its size, which is what a program that keeps what it reads does at least. All three follow each other
in every repeat, after one that is not counted, so that a busy machine hits all alike and the file is in the page cache
for all. The least time is that of the machine left alone.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time


def timed(function, *arguments):
    begin = time.monotonic()
    function(*arguments)
    return time.monotonic() - begin


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
    times = {"ready": []} | ({"read": [], "read and keep": []} if is_file else {})
    for repeat in range(-1, options.repeats):
        taken = {"ready": serve_once(options, model)}
        if is_file:
            taken |= {"read": timed(read_through, model), "read and keep": timed(read_and_keep, model)}
        for name, seconds in taken.items() if repeat >= 0 else ():
            times[name].append(seconds)
    size = f" ({os.path.getsize(model) / 1e9:.2f} GB)" if is_file else ""
    print(f"{model}{size}")
    for name, values in times.items():
        least, median = min(values), statistics.median(values)
        ratio = "" if name == "ready" else (f"   ready ÷ this: {min(times['ready']) / least:.2f} (least), "
                                            f"{statistics.median(times['ready']) / median:.2f} (median)")
        print(f"  {name:14}{least:7.2f} s least {median:7.2f} s median{ratio}", flush=True)


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
