#!/usr/bin/env python3
"""Serving: `tokenmark-cli serve` beside llama-server, on the same model, threads and slots, measured in turn by
`tokenmark-cli load`. Prints medians, the spread of the repeats and the ratios; gates nothing.

    tests/benchmarks/serving_benchmark.py --model model.gguf --peer …/llama-server --threads 2 -o result.json

Two parts: random prompts of 64 tokens with 64 tokens of answer at each concurrency (prompts go as token ids and the end
of a text is ignored, so that random weights and vocabularies do as well), and a prompt of 2,000 tokens that arrives
beside one running stream, where the longest gap of the stream is compared with its median gap (not with --no-long-prompt).
One server runs at a time; both turns of a repeat follow each other, so that a busy machine hits both alike. A server
that crashes is said so with the end of what it printed, and the rest is measured all the same.
"""
import argparse
import contextlib
import http.client
import json
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time


class Failed(Exception):
    """A measurement that gave no figures, and why."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def serving(command, port):
    """The server, once it answers; ended afterwards. What fails in between is told with how the server ended."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            wait_for(process, port)
            yield
        except (OSError, http.client.HTTPException, Failed) as error:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=3)  # a crash that is being written down
            if process.poll() is None:
                raise Failed(f"{command[0]} still runs, but: {error}") from error
            said.seek(0)
            tail = b"\n".join(said.read().splitlines()[-5:]).decode(errors="replace")
            raise Failed(f"{command[0]} ended with {status_text(process.returncode)}; it said at last:\n{tail}") from error
        finally:
            process.terminate()
            process.wait()


def wait_for(process, port):
    for _ in range(1200):
        if process.poll() is not None:
            raise Failed("it ended before it answered")
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise Failed("it did not answer for two minutes")


def status_text(code):
    return f"signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"status {code}"


def command_of(engine, options, port, slots):
    if engine == "tokenmark":
        return [options.cli, "serve", "--model", options.model, "--port", str(port), "--threads", str(options.threads),
                "--max-sequences", str(slots), "--context", str(options.context), "--name", "m", *options.serve_option]
    # Its context is shared by the slots.
    return [options.peer, "-m", options.model, "--port", str(port), "-t", str(options.threads), "-tb",
            str(options.threads), "-np", str(slots), "-c", str(options.context * slots), "-a", "m", "--no-webui", *options.peer_option]


def load(options, port, concurrency):
    """One measurement of the server by the load generator: the figures."""
    run = subprocess.run(
        [options.cli, "load", "--url", f"http://127.0.0.1:{port}", "--model", "m", "--input", str(options.input),
         "--output", str(options.output), "--concurrency", str(concurrency), "--requests-per-concurrency", str(options.requests), "--warmups", "1",
         "--seed", str(random.randrange(1 << 30)), "--json"], capture_output=True, text=True)
    if run.returncode != 0:
        raise Failed(run.stderr[-400:])
    figures = json.loads(run.stdout)
    if figures["requests"]["failed"]:
        raise Failed(f"{figures['requests']['failed']} requests failed: {'; '.join(figures['error_texts'])[:400]}")
    return figures


def token_times(port, prompt, max_tokens, times, started=None):
    """Streams one completion and notes when each message with text came; `started`: 16 have come, or none will."""
    try:
        stream_completion(port, prompt, max_tokens, times, started)
    finally:
        if started:
            started.set()


def stream_completion(port, prompt, max_tokens, times, started):
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
    if len(stream) < 16:
        raise Failed(f"the stream ended after {len(stream)} messages")
    begin = time.monotonic()
    token_times(port, prompt, 4, other)
    reader.join()
    if len(stream) < 100 or not other:
        raise Failed(f"the stream ended after {len(stream)} messages of 160")
    gaps = [b - a for a, b in zip(stream, stream[1:])]
    return max(gaps) / statistics.median(gaps), other[0] - begin


def summary(values):
    return f"{statistics.median(values):.3g} ({min(values):.3g}–{max(values):.3g})" if values else "–"


def measure(options, engine, slots, work):
    """What `work` finds on a server with this many slots; nothing if that fails."""
    port = free_port()
    try:
        with serving(command_of(engine, options, port, slots), port):
            return work(port)
    except Failed as failure:
        sys.stderr.write(f"{engine}, {slots} slots: {failure}\n")
        return {}


def serving_figures(options, concurrency):
    def work(port):
        figures = load(options, port, concurrency)
        ttft = figures["ttft_s"]  # few requests have no p99: the worst instead
        return {f"output tok/s, concurrency {concurrency}": figures["output_tok_s"],
                f"TTFT p50 s, concurrency {concurrency}": ttft["p50"],
                f"TTFT p99 s, concurrency {concurrency}": ttft.get("p99") or ttft["max"]}
    return work


def head_of_line_figures(port):
    ratio, ttft = head_of_line(port)
    return {"longest gap / median beside 2000 tokens": ratio, "TTFT s of the 2000 tokens": ttft}


def print_table(results):
    engines = list(results)
    print(f"| median (lowest–highest) | {' | '.join(engines)} |{' ratio |' if len(engines) == 2 else ''}")
    print("|---" * (len(engines) + (2 if len(engines) == 2 else 1)) + "|")
    for name in dict.fromkeys(name for figures in results.values() for name in figures):
        values = [results[engine].get(name, []) for engine in engines]
        row = [name, *map(summary, values)]
        if len(engines) == 2:
            row.append(f"{statistics.median(values[0]) / statistics.median(values[1]):.2f}" if all(values) else "–")
        print(f"| {' | '.join(row)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--cli", default="build/release/bin/tokenmark-cli")
    parser.add_argument("--peer", help="llama-server; without it only ours is measured")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--concurrency", default="1,4,8,16")
    parser.add_argument("--input", type=int, default=64)
    parser.add_argument("--output", type=int, default=64)
    parser.add_argument("--requests", type=int, default=3, help="measured requests for each of the concurrency")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--context", type=int, default=2304)
    parser.add_argument("--no-long-prompt", action="store_true", help="only the first part")
    parser.add_argument("--serve-option", action="append", default=[], help="a further option of serve, e.g. --serve-option=--step-tokens=512")
    parser.add_argument("--peer-option", action="append", default=[], help="a further option of llama-server")
    parser.add_argument("-o", "--json", help="write all readings to this file, after each")
    options = parser.parse_args()
    results = {engine: {} for engine in ["tokenmark"] + (["llama-server"] if options.peer else [])}
    parts = [(int(c), serving_figures(options, int(c))) for c in options.concurrency.split(",")]
    if not options.no_long_prompt:
        parts.append((4, head_of_line_figures))
    for _ in range(options.repeats):
        for slots, work in parts:
            for engine in results:
                for name, value in measure(options, engine, slots, work).items():
                    results[engine].setdefault(name, []).append(value)
                if options.json:
                    with open(options.json, "w", encoding="utf-8") as file:
                        json.dump(results, file, indent=1)
    print_table(results)
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
