#!/usr/bin/env python3
"""What a number format costs in quality: a model is written in every format and compared with itself as it is. Prints a
table: size and error of the weights; perplexity of a fixed text; KL divergence from the model as it is and the share of
tokens where both think the same token most likely; how many tokens of a greedy continuation are the same.

    tests/benchmarks/quality_by_format.py --model stories260K.gguf

The text is `stories.txt` beside this script, written for it, unless --text names another. Perplexities compare at equal
--context only. A format whose blocks the matrices' columns do not fill is said so, with what became of it.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

FORMATS = "f32,f16,bf16,q8_0,q6_k,q5_k,q4_k,q4_0,mxfp6,fp8,mxfp4"
HERE = os.path.dirname(os.path.abspath(__file__))


def cli(options, *arguments):
    done = subprocess.run([options.cli, *arguments, "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"tokenmark-cli {' '.join(arguments)}: {done.stderr[-400:]}")
    return json.loads(done.stdout)


def evaluated(options, model, *more):
    found = cli(options, "eval", "--model", model, "--kind", "perplexity", "--file", options.text, "--context",
                str(options.context), *more)
    return {figure["metric"]: figure for figure in found["figures"]}


def story(options, model):
    return cli(options, "generate", "--model", model, "--prompt", options.prompt, "--temperature", "0", "--max-tokens",
               str(options.tokens))["ids"]


def same_beginning(a, b):
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


def what_became(written, wanted):
    """"q8_0 12 %": of the values that were to become `wanted`, those that became something else instead."""
    others = {}
    values = sum(t["values"] for t in written["tensors"] if t["fell_back"] or t["to"] == wanted)
    for tensor in written["tensors"]:
        if tensor["fell_back"]:
            others[tensor["to"]] = others.get(tensor["to"], 0) + tensor["values"]
    return {name: share / values for name, share in others.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="in its most exact format")
    parser.add_argument("--cli", default="build/release/bin/tokenmark-cli")
    parser.add_argument("--text", default=os.path.join(HERE, "stories.txt"))
    parser.add_argument("--context", type=int, default=128)
    parser.add_argument("--formats", default=FORMATS)
    parser.add_argument("--prompt", default="Once upon a time")
    parser.add_argument("--tokens", type=int, default=100, help="of the greedy continuation")
    options = parser.parse_args()
    told = story(options, options.model)
    own = evaluated(options, options.model)["perplexity"]
    print(f"perplexity of the model as it is: {own['value']:.4f} over {own['items']} tokens")
    print("| format | MB | error of the weights | perplexity | KL divergence, mean | 99 % | same top token | "
          f"same first tokens of {len(told)} | instead |\n|---|---|---|---|---|---|---|---|---|")
    for name in options.formats.split(","):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, f"{name}.gguf")
            written = cli(options, "model", "make", "--from", options.model, "--format", name, "-o", file)
            became = what_became(written, name)
            if became and sum(became.values()) > 0.999:
                print(f"| {name} | not possible: no matrix's columns fill its blocks |" + " – |" * 7)
                continue
            figures = evaluated(options, file, "--reference", options.model)
            shares = ", ".join(f"{100 * share:.0f} % {other}" for other, share in sorted(became.items())) or "–"
            kl, p99 = figures["kl_divergence"], figures.get("kl_divergence_p99")
            print(f"| {name} | {written['bytes_after'] / 1e6:.2f} | {written['relative_error']:.1e} | "
                  f"{figures['perplexity']['value']:.4f} | {kl['value']:.2e} | {p99['value']:.1e} | "
                  f"{100 * figures['same_top']['value']:.1f} % | {same_beginning(told, story(options, file))} | {shares} |")


if __name__ == "__main__":
    main()
