#!/usr/bin/env python3
"""Serving: `tokenmark-cli serve` beside llama-server, on the same model, threads and slots, measured in turn by
`tokenmark-cli load`. Prints medians, the spread of the repeats and the ratios; gates nothing.

    tests/benchmarks/serving_benchmark.py --model model.gguf --peer …/llama-server --threads 2

Two parts: random prompts of 64 tokens with 64 tokens of answer at each concurrency, and a prompt of 2,000 tokens that
arrives beside one running stream, where the longest gap of the stream is compared with its median gap.
One server runs at a time; both turns of a repeat follow each other, so that a busy machine hits both alike.
"""
import argparse
import contextlib
import http.client
import json
import random
import socket
import statistics
import subprocess
import sys
import threading
import time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def serving(command, port):
    """The server, once it answers; ended afterwards."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1200):
            if process.poll() is not None:
                sys.exit(f"{command[0]} ended with status {process.returncode}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    break
            time.sleep(0.1)
        else:
            sys.exit(f"{command[0]} did not answer for two minutes")
        yield
    finally:
        process.terminate()
        process.wait()


def command_of(engine, options, port, slots):
    if engine == "tokenmark":
        return [options.cli, "serve", "--model", options.model, "--port", str(port), "--threads", str(options.threads),
                "--max-sequences", str(slots), "--context", str(options.context), "--name", "m", *options.serve_option]
    # Its context is shared by the slots.
    return [options.peer, "-m", options.model, "--port", str(port), "-t", str(options.threads), "-tb",
            str(options.threads), "-np", str(slots), "-c", str(options.context * slots), "-a", "m", "--no-webui"]


def load(options, port, concurrency):
    """One measurement of the server by the load generator: the figures."""
    run = subprocess.run(
        [options.cli, "load", "--url", f"http://127.0.0.1:{port}", "--model", "m", "--input", "64", "--output", "64",
         "--concurrency", str(concurrency), "--requests-per-concurrency", str(options.requests), "--warmups", "1",
         "--seed", str(random.randrange(1 << 30)), "--json"], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(run.stderr)
    return json.loads(run.stdout)


def token_times(port, prompt, max_tokens, times, started=None):
    """Streams one completion and notes when each message with text came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    body = {"model": "m", "prompt": prompt, "max_tokens": max_tokens, "stream": True, "temperature": 0,
            "ignore_eos": True, "cache_prompt": False}
    connection.request("POST", "/v1/completions", json.dumps(body), {"Content-Type": "application/json"})
    for line in connection.getresponse():
        if line.startswith(b"data: {"):
            times.append(time.monotonic())
            if started and len(times) >= 16:
                started.set()


def head_of_line(port):
    """Longest gap of a stream over its median, and how long the long prompt waited for its first token, in seconds."""
    words = random.Random(1)
    stream, other, started = [], [], threading.Event()
    prompt = [words.randrange(300, 900) for _ in range(2000)]
    reader = threading.Thread(target=token_times, args=(port, prompt[:32], 160, stream, started))
    reader.start()
    started.wait()
    begin = time.monotonic()
    token_times(port, prompt, 4, other)
    reader.join()
    gaps = [b - a for a, b in zip(stream, stream[1:])]
    return max(gaps) / statistics.median(gaps), other[0] - begin


def summary(values):
    return f"{statistics.median(values):9.3g} ({min(values):.3g}–{max(values):.3g})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--cli", default="build/release/bin/tokenmark-cli")
    parser.add_argument("--peer", help="llama-server; without it only ours is measured")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--concurrency", default="1,4,8,16")
    parser.add_argument("--requests", type=int, default=3, help="measured requests for each of the concurrency")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--context", type=int, default=2304)
    parser.add_argument("--serve-option", action="append", default=[], help="a further option of serve, e.g. --serve-option=--step-tokens=512")
    options = parser.parse_args()
    engines = ["tokenmark"] + (["llama-server"] if options.peer else [])

    rows = [(f"{figure}, concurrency {c}", c) for c in map(int, options.concurrency.split(","))
            for figure in ("output tok/s", "TTFT p50 s", "TTFT p99 s")]
    results = {engine: {} for engine in engines}

    def keep(engine, name, value):
        results[engine].setdefault(name, []).append(value)

    for _ in range(options.repeats):
        for concurrency in map(int, options.concurrency.split(",")):
            for engine in engines:
                port = free_port()
                with serving(command_of(engine, options, port, concurrency), port):
                    figures = load(options, port, concurrency)
                keep(engine, f"output tok/s, concurrency {concurrency}", figures["output_tok_s"])
                keep(engine, f"TTFT p50 s, concurrency {concurrency}", figures["ttft_s"]["p50"])
                ttft = figures["ttft_s"]  # few requests have no p99: the worst instead
                keep(engine, f"TTFT p99 s, concurrency {concurrency}", ttft.get("p99") or ttft["max"])
        for engine in engines:
            port = free_port()
            with serving(command_of(engine, options, port, 4), port):
                ratio, ttft = head_of_line(port)
            keep(engine, "stream's longest gap / median beside 2000 tokens", ratio)
            keep(engine, "TTFT s of the 2000 tokens beside the stream", ttft)

    names = [name for name, _ in rows] + ["stream's longest gap / median beside 2000 tokens",
                                           "TTFT s of the 2000 tokens beside the stream"]
    print(f"{'median (lowest–highest)':52}" + "".join(f"{engine:>28}" for engine in engines) + f"{'ratio':>8}")
    for name in names:
        values = [results[engine][name] for engine in engines]
        ratio = f"{statistics.median(values[0]) / statistics.median(values[1]):8.2f}" if len(values) == 2 else ""
        print(f"{name:52}" + "".join(f"{summary(v):>28}" for v in values) + ratio)


if __name__ == "__main__":
    main()
