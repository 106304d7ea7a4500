#!/usr/bin/env python3
"""How late MLPerf LoadGen issues queries: its Server scenario against a system that answers at once, run with the Python
of build/peers (packaging/peers mlcommons-loadgen). Prints one JSON line. Both times of a query, when it was scheduled
and when it was issued, are LoadGen's own, from its trace.
"""
import argparse
import array
import json
import os
import re
import tempfile

import mlperf_loadgen as lg


def run(rate, count, folder):
    responses = array.array("B", [0])
    address, size = responses.buffer_info()

    def issue(samples):
        lg.QuerySamplesComplete([lg.QuerySampleResponse(sample.id, address, size) for sample in samples])

    settings = lg.TestSettings()
    settings.scenario = lg.TestScenario.Server
    settings.mode = lg.TestMode.PerformanceOnly
    settings.server_target_qps = rate
    settings.server_target_latency_ns = 100_000_000
    settings.min_query_count = count
    settings.max_query_count = count
    settings.min_duration_ms = 0
    output = lg.LogOutputSettings()
    output.outdir = folder
    output.copy_summary_to_stdout = False
    log = lg.LogSettings()
    log.log_output = output
    log.enable_trace = True
    system = lg.ConstructSUT(issue, lambda: None)
    library = lg.ConstructQSL(1024, 1024, lambda samples: None, lambda samples: None)
    lg.StartTestWithLogSettings(system, library, settings, log)
    lg.DestroyQSL(library)
    lg.DestroySUT(system)


def lags_us(trace):
    """From scheduled to issued, of each query, in order of size."""
    with open(trace, encoding="utf-8") as file:
        return sorted(int(ns) / 1000 for ns in re.findall(r'"issue_delay":(-?\d+)', file.read()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--requests", type=int, default=5000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(options.rate, options.requests, folder)
        lags = lags_us(os.path.join(folder, "mlperf_log_trace.json"))
        with open(os.path.join(folder, "mlperf_log_detail.txt"), encoding="utf-8") as file:
            realised = re.search(r'"result_scheduled_samples_per_sec", "value": ([\d.]+)', file.read())
    print(json.dumps({"count": len(lags), "rate": float(realised[1]) if realised else None, "lag_p50_us": lags[len(lags) // 2],
                      "lag_p99_us": lags[len(lags) * 99 // 100], "lag_max_us": lags[-1]}))


if __name__ == "__main__":
    main()
