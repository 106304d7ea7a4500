#!/usr/bin/env python3
"""Measures the embedded engine beside llama.cpp (and forks of it) on the same GGUF files: one command after the other in
turn, several repeats, medians with their range, and the median of the ratios within each repeat. Nothing here is a test.

  compare_engines.py --cli build/release/bin/tokenmark-cli --peer llama.cpp=/path/to/bin --peer ik=/path/to/ik/bin \
      --kernels best,avx512 --threads 2 --repeats 3 model-q4_0.gguf model-q8_0.gguf -o result.json

A peer's folder holds llama-bench and, for several sequences, llama-batched-bench. With one sequence the better of a peer's results with one
thread and with `--threads` counts. Ceilings are measured by `bench` in alternation with its own readings.
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


def ours(arguments, kernels, model, prompts, batches):
    rates, shares = {}, {}
    for index, prompt in enumerate(prompts):
        # As many tokens in the cache before decoding as llama-batched-bench has here.
        command = [arguments.cli, "bench", "--model", model, "--threads", str(arguments.threads), "--prompt", str(prompt),
                   "--context", "16", "--decode", str(arguments.decode), "--repeats", "1", "--json",
                   "--batch", ",".join(map(str, batches if index == 0 else [1]))]
        out = run(command + (["--kernels", kernels] if kernels != "best" else []))
        if out is None:
            continue
        document = json.loads(out)
        for entry in document["prompt"]:
            rates[f"pp{prompt}"] = entry["tok_s"]
            shares[f"pp{prompt}"] = entry.get("share_of_compute")
            if entry.get("share_of_int8"):
                shares[f"pp{prompt} of int8"] = entry["share_of_int8"]
        for entry in document["decode"] if index == 0 else []:
            rates[f"tg@{entry['batch']}"] = entry["tok_s"]
            shares[f"tg@{entry['batch']}"] = entry.get("share_of_bandwidth")
    return {"rates": rates, "shares": shares}


def llama(folder, arguments, model, prompts, batches):
    rates = {}
    for threads, lengths in ((arguments.threads, ",".join(map(str, prompts))), (1, "0")):
        out = run([os.path.join(folder, "llama-bench"), "-m", model, "-t", str(threads), "-r", "1", "-o", "json",
                   "-n", str(arguments.decode), "-p", lengths])
        for row in json.loads(out) if out else []:
            key = f"pp{row['n_prompt']}" if row["n_prompt"] else "tg@1"
            rates[key] = max(rates.get(key, 0), row["avg_ts"])
    several = [b for b in batches if b > 1]
    if several and os.path.exists(os.path.join(folder, "llama-batched-bench")):
        context = max(several) * (16 + arguments.decode) + 64
        out = run([os.path.join(folder, "llama-batched-bench"), "-m", model, "-t", str(arguments.threads), "-c", str(context),
                   "-npp", "16", "-ntg", str(arguments.decode), "-npl", ",".join(map(str, several))])
        for line in (out or "").splitlines():
            cells = [c.strip() for c in line.split("|")[1:-1]]
            if len(cells) >= 8 and cells[0].isdigit():
                rates[f"tg@{cells[2]}"] = float(cells[7])
    return {"rates": rates}


def spread(values, digits):
    if not values:
        return "–"
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def table(readings, kernels, peers, models, keys):
    print(f"\nKernels: {kernels}\n\n| file | measure | tokenmark tok/s (range) | of the ceiling | of int8 | " +
          " | ".join(f"{name} tok/s | ratio" for name in peers) + " |")
    print("|---|---|---|---|---|" + "---|---|" * len(peers))
    for model in map(os.path.basename, models):
        of_model = [r for r in readings if r["model"] == model and kernels in r["ours"]]
        for key in keys:
            mine = [r for r in of_model if key in r["ours"][kernels]["rates"]]
            if not mine:
                continue
            def of_ours(kind, name):
                return [r["ours"][kernels][kind][name] for r in mine if r["ours"][kernels][kind].get(name)]
            cells = [model, key, spread(of_ours("rates", key), 1), spread(of_ours("shares", key), 2),
                     spread(of_ours("shares", f"{key} of int8"), 2)]
            for name in peers:
                both = [(r["ours"][kernels]["rates"][key], r["peers"][name]["rates"][key]) for r in mine
                        if r["peers"][name]["rates"].get(key)]
                cells += [f"{statistics.median(b for _, b in both):.1f}" if both else "–", spread([a / b for a, b in both], 2)]
            print("| " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--cli", required=True)
    parser.add_argument("--peer", action="append", default=[], help="NAME=FOLDER")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--prompt", default="512", help="prompt lengths")
    parser.add_argument("--decode", type=int, default=16, help="tokens of each sequence")
    parser.add_argument("--batch", default="1,4,8,16,32")
    parser.add_argument("--kernels", default="best", help="of tokenmark, one after the other: best,avx512,…")
    parser.add_argument("-o", "--output", help="all readings as JSON")
    arguments = parser.parse_args()
    prompts = [int(p) for p in arguments.prompt.split(",") if p]
    batches = [int(b) for b in arguments.batch.split(",") if b]
    peers = dict(p.split("=", 1) for p in arguments.peer)
    readings = []
    for repeat in range(arguments.repeats):
        for model in arguments.models:
            readings.append({
                "model": os.path.basename(model), "repeat": repeat,
                "ours": {k: ours(arguments, k, model, prompts, batches) for k in arguments.kernels.split(",")},
                "peers": {name: llama(folder, arguments, model, prompts, batches) for name, folder in peers.items()}})
            if arguments.output:
                with open(arguments.output, "w") as file:
                    json.dump(readings, file, indent=1)
    for kernels in arguments.kernels.split(","):
        table(readings, kernels, peers, arguments.models, [f"pp{p}" for p in prompts] + [f"tg@{b}" for b in batches])


if __name__ == "__main__":
    main()
