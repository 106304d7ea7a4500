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


def tokenizer_folder(bench):
    """A model's folder as far as a tokenizer needs one: a token a byte. Nothing is fetched from a hub."""
    folder = os.path.join(bench.folder, "tokenizer")
    if os.path.isdir(folder):
        return folder
    os.mkdir(folder)
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    signs = {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(others)}  # GPT-2's letters for bytes
    vocabulary = {signs[byte]: byte for byte in range(256)} | {"<end>": 256}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    documents = {
        "tokenizer.json": {
            "version": "1.0", "truncation": None, "padding": None, "normalizer": None, "pre_tokenizer": byte_level,
            "post_processor": None, "decoder": byte_level,
            "added_tokens": [{"id": 256, "content": "<end>", "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                              "special": True}],
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                      "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": vocabulary, "merges": []}},
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<end>", "bos_token": "<end>",
                                  "model_max_length": 1 << 20}}
    for name, document in documents.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(document, file)
    return folder
