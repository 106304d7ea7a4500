#!/usr/bin/env python3
"""Writes mlperf_runs.txt: short runs of MLPerf LoadGen itself (pip install mlcommons-loadgen==6.0.17) against a system
that sleeps, sample by sample as LoadGen's trace has them, with what its detail log says of them.

run SCENARIO TOKENS qps min_duration_ms min_queries limit_ns ttft_ns tpot_ns
sample QUERY SAMPLE scheduled_ns issue_ns first_token_ns end_ns tokens     (from the first query's scheduled time)
says KEY VALUE
"""
import json
import os
import random
import re
import shutil
import sys
import tempfile
import threading
import time

import mlperf_loadgen as lg

SEEDS = (2465351861681999779, 14276810075590677512, 3936089224930324775)
RUNS = [  # scenario, tokens, qps, min duration ms, min queries, latency limit, TTFT limit, TPOT limit (ms)
    ("SingleStream", 0, 2000, 100, 700, 0, 0, 0),
    ("SingleStream", 1, 1000, 50, 100, 0, 0, 0),
    ("MultiStream", 0, 200, 100, 100, 0, 0, 0),
    ("Server", 0, 1000, 600, 100, 60000, 0, 0),
    ("Server", 0, 300, 300, 100, 3, 0, 0),
    ("Server", 1, 1000, 600, 100, 0, 60000, 60000),
    ("Server", 1, 200, 300, 100, 0, 2, 1),
    ("Offline", 1, 300, 200, 64, 0, 0, 0),
    ("Offline", 0, 10, 10000, 64, 0, 0, 0),
]


class Sleeper:
    """Answers each sample after about 1 ms to its first token and 1 ms a token."""

    def __init__(self, tokens, scenario):
        self.tokens, self.first, self.counts = tokens, tokens and scenario != "Offline", {}
        self.random = random.Random(7)

    def issue(self, queries):
        for q in queries:
            threading.Thread(target=self.answer, args=(q.id, self.random.randint(2, 5), self.random.random())).start()

    def answer(self, number, tokens, luck):
        time.sleep(0.0005 + 0.001 * luck)
        if self.first:
            lg.FirstTokenComplete([lg.QuerySampleResponse(number, 0, 0)])
        time.sleep(0.0005 * tokens)
        lg.QuerySamplesComplete([lg.QuerySampleResponse(number, 0, 0, tokens) if self.tokens else lg.QuerySampleResponse(number, 0, 0)])


def settings(scenario, tokens, qps, duration_ms, queries, limit_ms, ttft_ms, tpot_ms):
    s = lg.TestSettings()
    s.scenario, s.mode = getattr(lg.TestScenario, scenario), lg.TestMode.PerformanceOnly
    s.qsl_rng_seed, s.sample_index_rng_seed, s.schedule_rng_seed = SEEDS
    s.min_duration_ms, s.min_query_count = duration_ms, queries
    s.server_target_qps = s.offline_expected_qps = qps
    s.server_target_latency_ns, s.ttft_latency, s.tpot_latency = limit_ms * 10**6, ttft_ms * 10**6, tpot_ms * 10**6
    s.single_stream_expected_latency_ns = s.multi_stream_expected_latency_ns = int(1e9 / qps)
    s.multi_stream_samples_per_query = 8
    s.use_token_latencies = s.sample_concatenate_permutation = bool(tokens)
    return s


def events(path):
    samples, tokens = [], {}
    for line in open(path):
        if '"name":"Sample"' in line and '"ph":"b"' in line or '"name":"Token"' in line and '"ph":"b"' in line:
            f = {k: int(re.search(rf'"{k}":(-?\d+)', line)[1]) for k in ("sample_seq", "query_seq", "sample_idx", "issue_start_ns", "complete_ns")}
            f["at"] = round(float(re.search(r'"ts":([-0-9.]+)', line)[1]) * 1000)
            if '"Sample"' in line:
                samples.append(f)
            else:
                tokens[f["sample_seq"]] = f["complete_ns"]
        if '"name":"Token_Latency"' in line:
            at = round(float(re.search(r'"ts":([-0-9.]+)', line)[1]) * 1000)
            tokens["at", at] = sum(int(re.search(rf'"{k}":(-?\d+)', line)[1]) for k in ("issue_delay", "issue_to_done"))
    return sorted(samples, key=lambda f: f["sample_seq"]), tokens


def run(out, case):
    folder, sut_side = tempfile.mkdtemp(), Sleeper(case[1], case[0])
    counts = {}
    log = lg.LogSettings()
    log.log_output.outdir, log.log_output.copy_summary_to_stdout, log.enable_trace = folder, False, True
    issue = sut_side.issue
    drawn = random.Random(7)

    def counted(queries):
        for q in queries:
            counts[len(counts)] = (drawn.randint(2, 5), drawn.random())[0]
        issue(queries)

    sut, qsl = lg.ConstructSUT(counted, lambda: None), lg.ConstructQSL(64, 64, lambda s: None, lambda s: None)
    lg.StartTestWithLogSettings(sut, qsl, settings(*case), log, "")
    lg.DestroyQSL(qsl)
    lg.DestroySUT(sut)
    samples, tokens = events(folder + "/mlperf_log_trace.json")
    begin = samples[0]["at"]
    print("run", *case[:5], *(x * 10**6 for x in case[5:]), file=out)
    for i, f in enumerate(samples):
        first = tokens.get(f["sample_seq"], tokens.get(("at", f["at"])))
        at = f["at"] - begin
        print("sample", f["query_seq"], f["sample_idx"], at, at + f["issue_start_ns"], -1 if first is None else at + first, at + f["complete_ns"],
              counts[i] if case[1] else 0, file=out)
    for line in open(folder + "/mlperf_log_detail.txt"):
        if line.startswith(":::MLLOG"):
            m = json.loads(line[8:])
            if m["key"].startswith(("result_", "early_stopping_", "effective_min_", "effective_samples_per")):
                print("says", m["key"], str(m["value"]).replace("\n", " "), file=out)
    shutil.rmtree(folder)


if __name__ == "__main__":
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "mlperf_runs.txt"), "w") as file:
        for one in RUNS:
            run(file, one)
    sys.exit(0)
