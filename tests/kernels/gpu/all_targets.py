#!/usr/bin/env python3
"""Compiles the GPU's kernels for every target that the compilers found can make, and prints a table: what compiled, how
long it took, how many registers the greediest kernel takes and what does not fit into registers (spilled to memory).

    all_targets.py --modules kernels attention_kernels … [--targets gfx90a sm_90a …] [--jobs 2]

A target that a compiler does not know is left out with the reason. Exit status 1: a module did not compile, or compiled
with warnings, for a target that its compiler knows. 77: no compiler was found.
"""

import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NVIDIA = ["compute_80", "sm_80", "sm_86", "sm_89", "sm_90a", "sm_100a", "sm_120a"]  # compute_80: PTX, for later GPUs
AMD = ["gfx908", "gfx90a", "gfx942", "gfx950"]
PROBE = '__attribute__((global)) void probe(int* out) { *out = 1; }\n'


@dataclass
class Compiler:
    program: str
    targets: list
    nvidia: bool
    flags: list = field(default_factory=list)

    def command(self, source, target, output):
        if self.nvidia:
            kind = "-ptx" if target.startswith("compute") else "-cubin"
            return [self.program, "-std=c++20", "-O3", f"-arch={target}", kind, "-Xptxas", "-v", f"-I{ROOT}", "-o", output, source]
        return [self.program, *self.flags, "-std=c++20", "-O3", f"--offload-arch={target}", "-nogpuinc", "-nogpulib", "-Wall",
                "-Rpass-analysis=kernel-resource-usage", f"-I{ROOT}", "-c", source, "-o", output]


@dataclass
class Outcome:
    seconds: float
    error: str = ""
    kernels: int = 0
    registers: int = 0
    spills: dict = field(default_factory=dict)  # kernel: bytes of a thread's


def found_compilers():
    clang = ["-x", "hip", "--cuda-device-only", "--no-gpu-bundle-output"]
    found = [Compiler(program, NVIDIA, True) for program in [shutil.which("nvcc") or "/usr/local/cuda/bin/nvcc"] if os.path.exists(program)]
    for name in ["clang++-15", "clang++-19", "/opt/rocm/llvm/bin/clang++"]:
        if program := shutil.which(name):
            found.append(Compiler(program, AMD, False, clang))
    if program := shutil.which("hipcc"):
        found.append(Compiler(program, ["gfx90a"], False, ["--genco", "-x", "hip"]))
    return found


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def first_error(text):
    lines = [line for line in text.splitlines() if "error" in line or "fatal" in line]
    return (lines or text.splitlines() or ["no words"])[0].strip()


def read_nvidia(text, outcome):
    for kernel, spilled in re.findall(r"Function properties for (\w+)\n.*?, (\d+) bytes spill stores", text):
        outcome.kernels += 1
        if int(spilled):
            outcome.spills[kernel] = int(spilled)
    outcome.registers = max(map(int, re.findall(r"Used (\d+) registers", text)), default=0)


def read_amd(text, outcome):
    for part in re.split(r"Function Name: ", text)[1:]:
        number = lambda name: int(re.search(name + r": (\d+)", part).group(1))
        outcome.kernels += 1
        outcome.registers = max(outcome.registers, number(r" VGPRs") + number(r"AGPRs"))
        if spilled := 4 * number(r"VGPRs Spill"):
            outcome.spills[part.split()[0]] = spilled


def compile_module(compiler, target, module, folder):
    source = Path(folder) / f"{module}.{'cu' if compiler.nvidia else 'hip'}"
    source.write_text(f'#include "kernels/gpu/{module}.h"\n')
    begin = time.monotonic()
    code, text = run(compiler.command(str(source), target, str(Path(folder) / f"{module}.out")))
    outcome = Outcome(time.monotonic() - begin)
    if code != 0 or "warning" in text:
        outcome.error = next((line for line in text.splitlines() if "error" in line or "warning" in line), text[:200])
    (read_nvidia if compiler.nvidia else read_amd)(text, outcome)
    return outcome


def knows(compiler, target):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / ("probe.cu" if compiler.nvidia else "probe.hip")
        source.write_text(PROBE)
        code, text = run(compiler.command(str(source), target, folder + "/probe.out"))
    return "" if code == 0 else first_error(text)


def compile_target(compiler, target, modules, jobs):
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda module: compile_module(compiler, target, module, folder), modules))


def row(compiler, target, modules, jobs):
    name = Path(compiler.program).name
    if why := knows(compiler, target):
        return f"| {target} | {name} | left out: {why[:60]} | | | | |", []
    outcomes = compile_target(compiler, target, modules, jobs)
    errors = [f"{target}, {name}, {module}: {one.error}" for module, one in zip(modules, outcomes) if one.error]
    spills = {kernel: n for one in outcomes for kernel, n in one.spills.items()}
    worst = ", ".join(f"{kernel} {n}" for kernel, n in sorted(spills.items(), key=lambda item: -item[1])[:3])
    numbers = f"{sum(one.kernels for one in outcomes)} | {max(one.registers for one in outcomes)} | {f'{len(spills)}: {worst}' if spills else 'none'}"
    if target.startswith("compute"):
        numbers = "PTX | | "
    return (f"| {target} | {name} | {len(outcomes) - len(errors)} of {len(outcomes)} modules | "
            f"{sum(one.seconds for one in outcomes):.0f} | {numbers} |"), errors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modules", nargs="+", required=True, help="headers in kernels/gpu that list kernels")
    parser.add_argument("--targets", nargs="+", help="only these")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    compilers = found_compilers()
    if not compilers:
        print("no compiler for GPUs was found: neither nvcc nor clang++-15, clang++-19 or hipcc", file=sys.stderr)
        return 77
    print("| target | compiler | compiled | seconds | kernels | most registers | kernels that spill: bytes a thread |")
    print("|---|---|---|---|---|---|---|", flush=True)
    errors = []
    for compiler in compilers:
        for target in compiler.targets:
            if arguments.targets and target not in arguments.targets:
                continue
            line, failed = row(compiler, target, arguments.modules, arguments.jobs)
            print(line, flush=True)
            errors += failed
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
