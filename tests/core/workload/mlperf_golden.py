#!/usr/bin/env python3
"""Writes mlperf_golden.txt: what MLPerf LoadGen itself issues for given settings (pip install mlcommons-loadgen==6.0.17).

A line: round scenario mode equal_issue total_samples performance_samples qps duration_ms min_queries accuracy_override |
queries generated, samples a query, LoadGen's generated_query_duration | the first 12 issued sample indices |
sum of all issued indices weighted by position, modulo 2^32 | Server: the first 7 arrival times in ns.
"""
import json
import os
import re
import shutil
import sys
import tempfile

import mlperf_loadgen as lg

SEEDS = {
    "v5.1": (1780908523862526354, 14771362308971278857, 18209322760996052031),
    "v6.0": (2465351861681999779, 14276810075590677512, 3936089224930324775),
    "v6.1": (2085463073848966840, 2747215439041700203, 16159082839903944936),
}
CASES = [  # scenario, mode, equal issue, total, performance, qps, duration ms, min queries, accuracy override
    ("SingleStream", "PerformanceOnly", 0, 64, 64, 100, 500, 20, 0),
    ("SingleStream", "PerformanceOnly", 1, 64, 64, 100, 500, 20, 0),
    ("SingleStream", "PerformanceOnly", 1, 100, 61, 1000, 300, 150, 0),
    ("Server", "PerformanceOnly", 0, 64, 64, 100, 500, 20, 0),
    ("Server", "PerformanceOnly", 1, 64, 64, 100, 500, 20, 0),
    ("Server", "PerformanceOnly", 1, 100, 61, 2000, 500, 100, 0),
    ("Server", "PerformanceOnly", 0, 100, 61, 2000, 100, 500, 0),
    ("Offline", "PerformanceOnly", 0, 64, 64, 100, 500, 20, 0),
    ("Offline", "PerformanceOnly", 1, 64, 64, 100, 500, 20, 0),
    ("Offline", "PerformanceOnly", 1, 100, 61, 1000, 500, 20, 0),
    ("Offline", "PerformanceOnly", 0, 100, 61, 1000, 500, 20, 0),
    ("MultiStream", "PerformanceOnly", 0, 64, 64, 100, 500, 20, 0),
    ("MultiStream", "PerformanceOnly", 0, 100, 61, 50, 100, 30, 0),
    ("SingleStream", "AccuracyOnly", 0, 100, 61, 100, 500, 20, 0),
    ("SingleStream", "AccuracyOnly", 1, 100, 61, 100, 500, 20, 0),
    ("Server", "AccuracyOnly", 1, 100, 100, 1000, 500, 20, 0),
    ("Server", "AccuracyOnly", 1, 100, 100, 1000, 500, 20, 70),
    ("Offline", "AccuracyOnly", 0, 100, 61, 100, 500, 20, 0),
    ("Offline", "AccuracyOnly", 1, 100, 100, 100, 500, 20, 0),
    ("MultiStream", "AccuracyOnly", 0, 100, 61, 100, 500, 20, 0),
]


def settings(seeds, scenario, mode, equal, performance, qps, duration_ms, min_queries, override):
    s = lg.TestSettings()
    s.scenario, s.mode = getattr(lg.TestScenario, scenario), getattr(lg.TestMode, mode)
    s.qsl_rng_seed, s.sample_index_rng_seed, s.schedule_rng_seed = seeds
    s.min_duration_ms, s.min_query_count = duration_ms, min_queries
    s.server_target_qps = s.offline_expected_qps = qps
    s.server_target_latency_ns = 10**9
    s.single_stream_expected_latency_ns = s.multi_stream_expected_latency_ns = int(1e9 / qps)
    s.multi_stream_samples_per_query = 8
    s.sample_concatenate_permutation = bool(equal)
    s.performance_sample_count_override = performance
    s.accuracy_sample_count_override = override
    return s


def arrivals_ns(path):
    begin = []
    for line in open(path):
        if '"name":"Sample"' in line and '"ph":"b"' in line:
            begin.append((int(re.search(r'"query_seq":(\d+)', line)[1]), float(re.search(r'"ts":([-0-9.]+)', line)[1])))
    begin.sort()
    return [round((at - begin[0][1]) * 1000) for _, at in begin]


def run(seeds, scenario, mode, equal, total, performance, qps, duration_ms, min_queries, override):
    folder, issued = tempfile.mkdtemp(), []

    def issue(queries):
        issued.extend(q.index for q in queries)
        lg.QuerySamplesComplete([lg.QuerySampleResponse(q.id, 0, 0) for q in queries])

    log = lg.LogSettings()
    log.log_output.outdir, log.log_output.copy_summary_to_stdout, log.enable_trace = folder, False, True
    sut = lg.ConstructSUT(issue, lambda: None)
    qsl = lg.ConstructQSL(total, performance, lambda s: None, lambda s: None)
    lg.StartTestWithLogSettings(sut, qsl, settings(seeds, scenario, mode, equal, performance, qps, duration_ms, min_queries, override), log, "")
    lg.DestroyQSL(qsl)
    lg.DestroySUT(sut)
    said = {}
    for line in open(folder + "/mlperf_log_detail.txt"):
        if line.startswith(":::MLLOG"):
            message = json.loads(line[8:])
            said.setdefault(message["key"], message["value"])
    timed = scenario == "Server" and mode == "PerformanceOnly"
    at = arrivals_ns(folder + "/mlperf_log_trace.json") if timed else []
    shutil.rmtree(folder)
    return issued, said, at


def main():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "mlperf_golden.txt"), "w") as out:
        for name, seeds in SEEDS.items():
            for case in CASES:
                issued, said, at = run(seeds, *case)
                weighted = sum((i + 1) * index for i, index in enumerate(issued)) % 2**32
                parts = [f"{name} " + " ".join(map(str, case)),
                         f"{said['generated_query_count']} {said['generated_samples_per_query']} {said['generated_query_duration']} {len(issued)}",
                         " ".join(map(str, issued[:12])), str(weighted), " ".join(map(str, at[:7]))]
                print(" | ".join(parts).rstrip(), file=out, flush=True)


if __name__ == "__main__":
    sys.exit(main())
