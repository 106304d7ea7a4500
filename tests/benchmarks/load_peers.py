"""How each peer of the load generator is started, offline, against the null server, and where its figures stand. Used by
load_benchmark.py. Every function gives the client's run (see Bench.client), what it completed and how long that took.
"""
import json
import os
import re
import shutil
import subprocess

ENVIRONMENT = "build/peers"  # of packaging/peers
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


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


def guidellm(bench, url, requests, connections, tokens):
    path = os.path.join(bench.folder, "guidellm.json")
    run = bench.client([script("guidellm"), "run", "--backend", f"kind=openai_http,target={url},model=m,request_format=/v1/completions",
                        "--profile", f"kind=concurrent,streams={connections}", "--constraint", f"kind=max_requests,count={requests}",
                        "--tokenizer", f"kind=huggingface_auto,model={tokenizer_folder(bench)}",
                        "--data", f"kind=synthetic_text,prompt_tokens=8,output_tokens={tokens}",
                        "--output", f"kind=json,path={path}", "--disable-console"], environment=OFFLINE)
    with open(path, encoding="utf-8") as file:
        made = json.load(file)["benchmarks"][0]["scheduler_metrics"]
    return run, made["requests_made"]["successful"], made["request_end_time"] - made["request_start_time"]


def aiperf(bench, url, requests, connections, tokens):
    folder = os.path.join(bench.folder, "aiperf")
    # Not OFFLINE: told so, it looks for the folder among the hub's files. The folder alone keeps it here.
    run = bench.client([script("aiperf"), "profile", "--model-names", "m", "--url", url, "--endpoint-type", "completions", "--streaming",
                        "--concurrency", connections, "--request-count", requests, "--tokenizer", tokenizer_folder(bench), "--isl", 8,
                        "--isl-stddev", 0, "--osl", tokens, "--osl-stddev", 0, "--use-legacy-max-tokens", "--use-server-token-count",
                        "--no-gpu-telemetry", "--no-server-metrics", "--output-artifact-dir", folder, "--ui", "none"])
    with open(os.path.join(folder, "profile_export_aiperf.json"), encoding="utf-8") as file:
        found = json.load(file)
    return run, int(found["request_count"]["avg"]), found["benchmark_duration"]["avg"]
