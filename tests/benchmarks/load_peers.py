"""How each peer of the load generator is started, offline, against the null server, and where its figures stand. Used by
load_benchmark.py. Every function gives the client's run (see Bench.client), what it completed and how long that took.
"""
import json
import os
import re
import shutil
import subprocess

ENVIRONMENT = "build/peers"  # of packaging/peers


def script(name):
    return os.path.join(ENVIRONMENT, "bin", name)


def installed(name):
    if name in ("wrk", "hey"):
        return shutil.which(name) is not None
    module = {"mlcommons-loadgen": "mlperf_loadgen"}.get(name, name)
    python = script("python")
    return os.path.exists(python) and subprocess.run([python, "-c", f"import importlib.util as u; exit(u.find_spec('{module}') is None)"]).returncode == 0


def wrk(bench, url, body, connections, requests):
    path = os.path.join(bench.folder, "post.lua")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'wrk.method = "POST"\nwrk.body = [[{body}]]\nwrk.headers["Content-Type"] = "application/json"\n')
    seconds = 2 if bench.options.quick else 4  # it knows no number of requests
    run = bench.client(["wrk", "-t", "1", "-c", connections, "-d", f"{seconds}s", "-s", path, url])
    count, unit, duration = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", run["text"]).group(1, 3, 2)
    if "Socket errors" in run["text"] or "Non-2xx" in run["text"]:
        raise ValueError(f"wrk: {run['text'][-200:]}")
    return run, int(count), float(duration) * {"ms": 1e-3, "s": 1, "m": 60}[unit]


def hey(bench, url, body, connections, requests):
    run = bench.client(["hey", "-n", requests, "-c", connections, "-m", "POST", "-T", "application/json", "-d", body, url],
                       environment={"GOMAXPROCS": "1"})
    return run, int(re.search(r"\[200\]\s+(\d+) responses", run["text"])[1]), float(re.search(r"Total:\s+([\d.]+) secs", run["text"])[1])


def loadgen(bench, rate, count):
    here = os.path.dirname(os.path.abspath(__file__))
    return json.loads(bench.client([script("python"), os.path.join(here, "loadgen_lag.py"), "--rate", rate, "--requests", count])["text"])
