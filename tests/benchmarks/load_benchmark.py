#!/usr/bin/env python3
"""What the load generator can carry, beside the least that a client can do (a bare read loop, a plain sleep) and beside
other load generators, all against the same null server. Everything of a part runs in turn (A B C A B C …), the server on
one core and the client on another; the table gives medians with their range and the ratio to ours within each repeat.
Nothing here is a test.

    ninja -C build/release load_benchmark && packaging/install peers
    packaging/peers guidellm aiperf mlcommons-loadgen
    tests/benchmarks/load_benchmark.py -o result.json

Parts: streams, requests, many, lag, ttft, peers. A peer that is not installed is left out and said so.
"""
import argparse
import contextlib
import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

import load_peers

MESSAGES_BESIDE_TOKENS = 3  # of an answer: the one that says why it ended, usage, [DONE]
PARTS = ["streams", "requests", "many", "lag", "ttft", "peers"]


class Failed(Exception):
    """A program that gave no figures, and why."""


class Bench:
    """How programs are started and where: cores, priority, folders."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = folder

    def pinned(self, core, command):
        first = ["chrt", "-r", "10"] if self.options.realtime else []
        return ["taskset", "-c", str(core), *first, *map(str, command)]

    def program(self, name):
        return os.path.join(self.options.bin, name)

    def bare(self, *arguments):
        """One run of the bare client, all of whose CPU time is its loop's."""
        run = self.client([self.program("bare_client"), *arguments])
        return {**run, "loop_cpu_s": run["cpu_s"], "found": json.loads(run["text"])}

    @contextlib.contextmanager
    def server(self, *arguments):
        command = self.pinned(self.options.server_core, [self.program("null-server"), *arguments])
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            url = process.stdout.readline().strip()
            if not url:
                raise Failed("null-server did not start")
            yield url
        finally:
            process.terminate()
            process.communicate()

    def client(self, command, limit_s=120, environment=None):
        """What it printed, its CPU seconds (with its children's), its wall time and its peak memory."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            begin = time.monotonic()
            process = subprocess.Popen(self.pinned(self.options.client_core, ["timeout", "-k", "5", limit_s, *command]), stdout=out,
                                       stderr=err, env={**os.environ, **(environment or {})}, cwd=self.folder)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            wall = time.monotonic() - begin
            out.seek(0)
            err.seek(0)
            text = out.read().decode(errors="replace")
            if process.returncode != 0:
                said = (text + err.read().decode(errors="replace")).strip()
                raise Failed(f"{os.path.basename(command[0])} ended with {process.returncode}: {said[-300:]}")
            return {"text": text, "cpu_s": usage.ru_utime + usage.ru_stime, "wall_s": wall,
                    "rss_mib": usage.ru_maxrss / 1024}

    def ours(self, url, *arguments):
        """One measurement by tokenmark-cli load, with its log written as in use."""
        command = [self.options.cli, "load", "--url", url, "--model", "null", "--input", 8, "--warmups", 0, "--json",
                   "--log", os.path.join(self.folder, "events.log"), "--client-threads", 1, "--client-cores", self.options.client_core,
                   *arguments]
        run = self.client(command)
        run["figures"] = json.loads(run["text"])
        check = run["figures"]["self_check"]
        run["loop_cpu_s"] = check["client_cpu_share"] * check["client_threads"] * run["figures"]["duration_s"]
        if run["figures"]["requests"]["failed"]:
            raise Failed("; ".join(run["figures"]["error_texts"])[:300])
        return run

    def by_libcurl(self, url, *arguments):
        """The same through libcurl, which the load generator keeps for proxies and HTTP/2: the server plays its own proxy."""
        return self.ours(url, "--proxy", url, *arguments)


def cpu_figures(run, count):
    """Of the whole process; of the client's loop alone where the program tells it, or has nothing else."""
    million = {"CPU s per million": run["cpu_s"] * 1e6 / count}
    return {**million, "of these the loop's": run["loop_cpu_s"] * 1e6 / count} if "loop_cpu_s" in run else million


# ---- the parts: each gives its title, the server's options and the contenders: name → function of the URL → figures ----

def streams_part(bench, connections, coalesce):
    tokens = 500
    requests = max(connections, (256 if bench.options.quick else 1024) * min(coalesce, 4) // 2 // connections * connections)
    messages = requests * (tokens + MESSAGES_BESIDE_TOKENS)

    def figures(duration_s, run):
        return {"messages/s": messages / duration_s, **cpu_figures(run, messages)}

    def bare(url):
        run = bench.bare("streams", url, "--connections", connections, "--tokens", tokens, "--requests", requests)
        return {**figures(run["found"]["wall_s"], run), "messages a read": run["found"]["messages"] / run["found"]["reads"]}

    def ours(url, start=bench.ours):
        run = start(url, "--output", tokens, "--requests", requests, "--concurrency", connections)
        return figures(run["figures"]["duration_s"], run)

    return (f"{connections} streams, {coalesce} event{'s' if coalesce > 1 else ''} a write",
            ["--coalesce", coalesce, "--connections", connections + 64],
            {"bare loop": bare, "tokenmark": ours, "by libcurl": lambda url: ours(url, bench.by_libcurl)})


def requests_part(bench, connections=64):
    requests = 40_000 if bench.options.quick else 100_000
    body = json.dumps({"model": "null", "prompt": [1, 2, 3, 4, 5, 6, 7, 8], "max_tokens": 8, "temperature": 0, "stream": False})

    def figures(count, duration_s, run):
        return {"requests/s": count / duration_s, **cpu_figures(run, count)}

    def bare(url):
        run = bench.bare("requests", url, "--connections", connections, "--tokens", 8, "--requests", requests)
        return figures(requests, run["found"]["wall_s"], run)

    def ours(url, start=bench.ours):
        run = start(url, "--output", 8, "--no-stream", "--requests", requests, "--concurrency", connections)
        return figures(requests, run["figures"]["duration_s"], run)

    contenders = {"bare loop": bare, "tokenmark": ours, "by libcurl": lambda url: ours(url, bench.by_libcurl)}
    for name, peer in (("wrk", load_peers.wrk), ("hey", load_peers.hey)):
        def run_peer(url, peer=peer):
            run, count, duration_s = peer(bench, url + "/v1/completions", body, connections, requests)
            return figures(count, duration_s, run)
        if load_peers.installed(name):
            contenders[name] = run_peer
    return f"short requests, {connections} connections", ["--connections", 256], contenders


def many_part(bench):
    count, tokens, interval_ms = (2_000 if bench.options.quick else 10_000), 20, 400

    def bare(url):
        run = bench.bare("streams", url, "--connections", count, "--tokens", tokens, "--requests", count)
        return {"completed": count, "peak RSS MiB": run["rss_mib"], "CPU s": run["cpu_s"]}

    def ours(url):
        run = bench.ours(url, "--output", tokens, "--requests", count, "--concurrency", count)
        return {"completed": run["figures"]["requests"]["completed"], "peak RSS MiB": run["rss_mib"], "CPU s": run["cpu_s"]}

    return (f"{count} streams at once, {tokens} tokens each, one every {interval_ms} ms",
            ["--connections", count + 64, "--interval-us", interval_ms * 1000, "--ttft-us", 1_000_000], {"bare loop": bare, "tokenmark": ours})


def lag_part(bench, rate=1000):
    count = 2_000 if bench.options.quick else 5_000

    def figures(found):
        return {"lag p50 µs": found["lag_p50_us"], "lag p99 µs": found["lag_p99_us"], "lag max µs": found["lag_max_us"],
                "realised/s": found["rate"]}

    def plain(_):
        return figures(json.loads(bench.client([bench.program("plain_sleep"), "--rate", rate, "--requests", count])["text"]))

    def ours(url):
        found = bench.ours(url, "--output", 4, "--arrivals", "poisson", "--rate", rate, "--requests", count)["figures"]
        lag = found["send_lag_s"]
        return {"lag p50 µs": lag["p50"] * 1e6, "lag p99 µs": lag["p99"] * 1e6, "lag max µs": lag["max"] * 1e6, "realised/s": found["request_s"]}

    contenders = {"plain sleep": plain, "tokenmark": ours}
    if load_peers.installed("mlcommons-loadgen"):
        contenders["LoadGen"] = lambda _: figures(load_peers.loadgen(bench, rate, count))
    return f"send lag at {rate}/s, Poisson", ["--connections", 2048], contenders


def ttft_part(bench):
    count = 1_000 if bench.options.quick else 3_000

    def bare(url):
        found = bench.bare("ttft", url, "--requests", count, "--pause-us", 0)["found"]
        return {"TTFT p50 µs": found["ttft_p50_us"], "TTFT p99 µs": found["ttft_p99_us"]}

    def ours(url):
        ttft = bench.ours(url, "--output", 1, "--requests", count, "--concurrency", 1)["figures"]["ttft_s"]
        return {"TTFT p50 µs": ttft["p50"] * 1e6, "TTFT p99 µs": ttft["p99"] * 1e6}

    return "one request at a time", [], {"bare socket": bare, "tokenmark": ours}


def peers_part(bench, connections=64, tokens=200):
    """Streaming peers; they are far slower, so that they get fewer requests. What they compute before and after the run
    costs them most of their CPU time, which says nothing of receiving: only the rate is told, on a core of their own."""
    def messages_s(requests, duration_s):
        return {"messages/s": requests * (tokens + MESSAGES_BESIDE_TOKENS) / duration_s}

    def ours(url):
        requests = connections * 16
        run = bench.ours(url, "--output", tokens, "--requests", requests, "--concurrency", connections)
        return messages_s(requests, run["figures"]["duration_s"])

    contenders = {"tokenmark": ours}
    for name, peer in (("GuideLLM", load_peers.guidellm), ("AIPerf", load_peers.aiperf)):
        def run_peer(url, peer=peer):
            requests = connections * (2 if bench.options.quick else 4)
            return messages_s(*peer(bench, url, requests, connections, tokens)[1:])
        if load_peers.installed(name.lower()):
            contenders[name] = run_peer
    return f"streaming peers, {connections} streams of {tokens} tokens, 1 event a write", ["--connections", 1024], contenders


def parts_of(bench):
    chosen = bench.options.parts.split(",")
    if unknown := set(chosen) - set(PARTS):
        sys.exit(f"--parts knows {', '.join(PARTS)}, not {', '.join(unknown)}")
    if "streams" in chosen:
        yield from (streams_part(bench, *shape) for shape in ((64, 1), (64, 4), (64, 16), (256, 1), (256, 4)))
    for name, part in (("requests", requests_part), ("many", many_part), ("lag", lag_part), ("ttft", ttft_part), ("peers", peers_part)):
        if name in chosen:
            yield part(bench)


# ---- running and telling ----

def measure(bench, part, repeats):
    """name → figure → its values, one a repeat (None where a program failed)."""
    title, server, contenders = part
    found = {name: {} for name in contenders}
    for repeat in range(repeats):
        for name, run in contenders.items():
            try:
                with bench.server(*server) as url:
                    figures = run(url)
            except (Failed, KeyError, ValueError, TypeError) as failure:
                sys.stderr.write(f"{title}: {name}: {failure}\n")
                figures = {}
            for figure, value in figures.items():
                found[name].setdefault(figure, [None] * repeat).append(value)
            for values in found[name].values():
                values.extend([None] * (repeat + 1 - len(values)))
    return found


def shown(values):
    values = [v for v in values if v is not None]
    text = lambda v: f"{v:,.0f}" if abs(v) >= 1000 else f"{v:.3g}"
    return f"{text(statistics.median(values))} ({text(min(values))}–{text(max(values))})" if values else "–"


def beside(figure, ours, other):
    """Ours ÷ the other's, or for times of microseconds ours − the other's; the median over the repeats."""
    pairs = [(a, b) for a, b in zip(ours, other) if a is not None and b]
    if not pairs:
        return ""
    if figure.endswith("µs"):
        return f" {statistics.median(a - b for a, b in pairs):+.3g} µs"
    return f" ×{statistics.median(a / b for a, b in pairs):.3g}"


def print_rows(title, found):
    """A line a figure: ours, then every other program's with how many times, or how much more, ours is."""
    own = found.get("tokenmark", {})
    for figure in dict.fromkeys(figure for figures in found.values() for figure in figures):
        others = [f"{name} {shown(figures[figure])}{beside(figure, own.get(figure, []), figures[figure])}"
                  for name, figures in found.items() if name != "tokenmark" and figure in figures]
        print(f"| {title} | {figure} | {shown(own.get(figure, []))} | {'; '.join(others)} |", flush=True)


def machine(options):
    model = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo", encoding="utf-8").read())
    version = subprocess.run([options.cli, "--version"], capture_output=True, text=True).stdout.strip()
    return (f"{datetime.date.today()}, {model[1] if model else platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}, "
            f"load average {os.getloadavg()[0]:.1f} before; {version}; server on core {options.server_core}, client on core "
            f"{options.client_core}{', both in the real-time class' if options.realtime else ''}; {options.repeats} repeats")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    parser.add_argument("--bin", default=os.path.join(root, "build/release/bin"), help="where null-server and the bare programs are")
    parser.add_argument("--cli", help="tokenmark-cli, if not in --bin")
    parser.add_argument("--peers", default=os.path.join(root, "build/peers"), help="the virtual environment of packaging/peers")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="smaller runs")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--client-core", type=int, default=1)
    parser.add_argument("--realtime", action="store_true", help="all programs in the real-time class: for a machine on which "
                        "other work goes on (needs root)")
    parser.add_argument("-o", "--json", help="write all readings to this file")
    options = parser.parse_args()
    options.bin, options.peers = os.path.abspath(options.bin), os.path.abspath(options.peers)
    options.cli = os.path.abspath(options.cli or os.path.join(options.bin, "tokenmark-cli"))
    load_peers.ENVIRONMENT = options.peers
    print(machine(options), "\n")
    print("| what | figure | tokenmark | beside it, with tokenmark ÷ or − this |\n|---|---|---|---|")
    results = {}
    with tempfile.TemporaryDirectory(prefix="load-benchmark-") as folder:
        bench = Bench(options, folder)
        for part in parts_of(bench):
            results[part[0]] = measure(bench, part, options.repeats)
            print_rows(part[0], results[part[0]])
            if options.json:
                with open(options.json, "w", encoding="utf-8") as file:
                    json.dump({"machine": machine(options), "results": results}, file, indent=1)


if __name__ == "__main__":
    main()
