#!/usr/bin/env python3
"""Measures the embedded engine beside llama.cpp (and forks of it) on the same GGUF files: one command after the other in
turn, several repeats, medians with their range, and ratios against the best peer. Nothing here is a test.

  compare_engines.py --cli build/release/bin/tokenmark-cli --peer llama.cpp=/path/to/bin --peer ik=/path/to/ik/bin \
      --threads 2 --repeats 3 model-q4_0.gguf model-q8_0.gguf -o result.json

A peer's folder holds llama-bench and llama-batched-bench. The better of a peer's results with one thread and with
`--threads` counts. Ceilings are measured by `bench` beside every reading.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.stderr.write(f"{' '.join(command)}: exit {done.returncode}: {done.stderr[-300:]}\n")
        return None
    return done.stdout


def ours(cli, model, threads, prompts, batches, kernels):
    rates = {"shares": {}}
    for index, prompt in enumerate(prompts):
        # 16 tokens in the cache before decoding, as llama-batched-bench has them here.
        command = [cli, "bench", "--model", model, "--threads", str(threads), "--prompt", str(prompt), "--context", "16",
                   "--decode", "32", "--batch", ",".join(map(str, batches if index == 0 else [1])), "--repeats", "1", "--json"]
        out = run(command + (["--kernels", kernels] if kernels else []))
        if out is None:
            return {}
        document = json.loads(out)
        rates["ceilings"] = document["ceilings"]
        for entry in document["prompt"]:
            rates[f"pp{prompt}"] = entry["tok_s"]
            rates["shares"][f"pp{prompt}"] = entry.get("share_of_compute")
        for entry in document["decode"] if index == 0 else []:
            rates[f"tg@{entry['batch']}"] = entry["tok_s"]
            rates["shares"][f"tg@{entry['batch']}"] = entry.get("share_of_bandwidth")
    return rates


def llama(folder, model, threads, prompts, batches):
    rates = {}
    out = run([os.path.join(folder, "llama-bench"), "-m", model, "-t", str(threads), "-r", "1", "-o", "json", "-n", "32",
               "-p", ",".join(map(str, prompts))])
    for row in json.loads(out) if out else []:
        rates[f"pp{row['n_prompt']}" if row["n_prompt"] else "tg@1"] = row["avg_ts"]
    several = [b for b in batches if b > 1]
    if several:
        context = max(several) * 64 + 64
        out = run([os.path.join(folder, "llama-batched-bench"), "-m", model, "-t", str(threads), "-c", str(context),
                   "-npp", "16", "-ntg", "32", "-npl", ",".join(map(str, several))])
        for line in (out or "").splitlines():
            cells = [c.strip() for c in line.split("|")[1:-1]]
            if len(cells) >= 8 and cells[0].isdigit():
                rates[f"tg@{cells[2]}"] = float(cells[7])
    return rates


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--cli", required=True)
    parser.add_argument("--peer", action="append", default=[], help="NAME=FOLDER")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--prompt", default="512", help="prompt lengths")
    parser.add_argument("--batch", default="1,4,8,16,32")
    parser.add_argument("--kernels", default="")
    parser.add_argument("-o", "--output")
    arguments = parser.parse_args()
    prompts = [int(p) for p in arguments.prompt.split(",") if p]
    batches = [int(b) for b in arguments.batch.split(",") if b]
    peers = dict(p.split("=", 1) for p in arguments.peer)
    readings = []
    for repeat in range(arguments.repeats):
        for model in arguments.models:
            reading = {"model": os.path.basename(model), "repeat": repeat, "peers": {}}
            reading["tokenmark"] = ours(arguments.cli, model, arguments.threads, prompts, batches, arguments.kernels)
            for name, folder in peers.items():
                best = {}
                for threads in sorted({1, arguments.threads}):
                    for key, value in llama(folder, model, threads, prompts, batches).items():
                        best[key] = max(best.get(key, 0), value)
                reading["peers"][name] = best
            readings.append(reading)
            if arguments.output:
                with open(arguments.output, "w") as file:
                    json.dump(readings, file, indent=1)
    keys = [f"pp{p}" for p in prompts] + [f"tg@{b}" for b in batches]
    print("| file | measure | tokenmark tok/s (range) | share of ceiling | " +
          " | ".join(f"{name} tok/s | ratio" for name in peers) + " |")
    print("|---|---|---|---|" + "---|---|" * len(peers))
    for model in arguments.models:
        mine = [r for r in readings if r["model"] == os.path.basename(model)]
        for key in keys:
            values = [r["tokenmark"][key] for r in mine if key in r["tokenmark"]]
            if not values:
                continue
            shares = [r["tokenmark"]["shares"][key] for r in mine if r["tokenmark"].get("shares", {}).get(key)]
            cells = [os.path.basename(model), key,
                     f"{statistics.median(values):.1f} ({min(values):.1f}–{max(values):.1f})",
                     f"{statistics.median(shares):.2f} ({min(shares):.2f}–{max(shares):.2f})" if shares else "–"]
            for name in peers:
                theirs = [r["peers"][name][key] for r in mine if key in r["peers"][name]]
                ratios = [r["tokenmark"][key] / r["peers"][name][key] for r in mine
                          if key in r["tokenmark"] and r["peers"][name].get(key)]
                cells += [f"{statistics.median(theirs):.1f}" if theirs else "–",
                          f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})" if ratios else "–"]
            print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
