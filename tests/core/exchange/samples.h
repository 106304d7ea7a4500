// Small documents of every format, made up here: a few keys each, the numbers easy to check by hand.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/exchange/import.h"

namespace tokenmark {

inline const std::string kInferenceXSample = R"({"date": "20260611-060111", "backend": "vllm", "model_id": "some/model", "tokenizer_id": "some/model",
 "best_of": 1, "num_prompts": 4, "request_rate": "inf", "burstiness": 1.0, "max_concurrency": 2, "duration": 4.0,
 "benchmark_start_time_unix": 1781157667.478, "benchmark_end_time_unix": 1781157671.478, "completed": 4, "total_input_tokens": 40,
 "total_output_tokens": 12, "request_throughput": 1.0, "request_goodput:": null, "output_throughput": 3.0, "total_token_throughput": 13.0,
 "input_lens": [10, 10, 10, 10], "output_lens": [3, 3, 3, 3], "ttfts": [0.5, 0.25, 0.5, 0.25],
 "itls": [[0.1, 0.1], [0.2, 0.2], [0.1, 0.3], [0.2, 0.2]], "generated_texts": ["a [[[", "b", "c", "d"], "errors": ["", "", "", ""],
 "mean_ttft_ms": 375.0, "median_ttft_ms": 375.0, "std_ttft_ms": 125.0, "p99_ttft_ms": 500.0, "mean_tpot_ms": 175.0, "median_tpot_ms": 200.0,
 "std_tpot_ms": 43.0, "p99_tpot_ms": 200.0, "mean_itl_ms": 175.0, "median_itl_ms": 200.0, "p99_itl_ms": 298.0, "mean_e2el_ms": 725.0, "median_e2el_ms": 675.0})";

inline const std::string kVllmSample = R"({"date": "20260611-060111", "endpoint_type": "openai", "backend": "vllm", "label": null, "model_id": "some/model",
 "num_prompts": 5, "request_rate": 2.5, "burstiness": 0.5, "max_concurrency": null, "duration": 4.0, "completed": 4, "failed": 1, "total_input_tokens": 40,
 "total_output_tokens": 12, "request_throughput": 1.0, "request_goodput": 0.75, "output_throughput": 3.0, "total_token_throughput": 13.0,
 "mean_ttft_ms": 375.0, "median_ttft_ms": 370.0, "std_ttft_ms": 125.0, "p25_ttft_ms": 250.0, "p95_ttft_ms": 490.0, "p99_ttft_ms": 500.0,
 "mean_tpot_ms": 175.0, "median_tpot_ms": 200.0, "p99_tpot_ms": 220.0, "mean_itl_ms": 175.0, "median_itl_ms": 200.0, "mean_e2el_ms": 725.0, "p99.9_e2el_ms": 975.5})";

inline const std::string kSglangSample = R"({"tag": null, "backend": "sglang", "dataset_name": "random", "request_rate": Infinity, "max_concurrency": 8,
 "random_input_len": 1024, "random_output_len": 128, "random_range_ratio": 0.5, "duration": 10.0, "completed": 20, "total_input_tokens": 20480,
 "total_output_tokens": 2560, "total_output_tokens_retokenized": 2558, "request_throughput": 2.0, "input_throughput": 2048.0, "output_throughput": 256.0,
 "total_throughput": 2304.0, "mean_e2e_latency_ms": 3900.5, "median_e2e_latency_ms": 3800.25, "mean_ttft_ms": 200.5, "median_ttft_ms": 180.0,
 "std_ttft_ms": 20.0, "p99_ttft_ms": 400.0, "mean_tpot_ms": 29.0, "median_tpot_ms": 28.5, "p99_tpot_ms": 40.0, "mean_itl_ms": 29.1, "median_itl_ms": 28.0,
 "p95_itl_ms": 39.0, "p99_itl_ms": 60.0, "concurrency": 7.8})";

inline const std::string kGpuCheckSample = R"({"format": "tokenmark-gpu-check-1", "tokenmark": {"version": "0.1.0", "commit": "c"}, "started": "2026-11-28T21:43:46Z",
 "device": {"id": "cuda:0", "name": "NVIDIA H200", "memory_bytes": 141000000000}, "cases": {"run": 2, "passed": 2},
 "ceilings": {"memory_gb_s": 4000, "matrix_bf16_gflop_s": 700000}, "kernels": [{"kernel": "product", "rows": 1, "memory_share": 0.9}],
 "models": [{"model": "shape:some:bf16", "format": "bf16", "kv_format": "bf16", "weight_bytes": 16000000000,
  "decode": [{"batch": 1, "context": 1024, "steps": 48, "step_s": {"median_s": 0.005, "least_s": 0.004, "most_s": 0.006, "repeats": 5}},
   {"batch": 8, "context": 1024, "steps": 48, "step_s": {"median_s": 0.01, "least_s": 0.01, "most_s": 0.01, "repeats": 5}}],
  "prefill": [{"tokens": 512, "step_s": {"median_s": 0.02, "least_s": 0.02, "most_s": 0.021, "repeats": 5}}]}]})";

inline const std::string kAggSample = R"({"hw": "gb200", "conc": 64, "image": "a#b", "model": "some/model", "infmax_model_prefix": "m", "framework": "dynamo-trt",
 "precision": "fp4", "spec_decoding": "mtp", "disagg": true, "isl": 8192, "osl": 1024, "is_multinode": true, "prefill_tp": 4, "prefill_pp": 1, "prefill_ep": 4,
 "prefill_dp_attention": "true", "prefill_num_workers": 2, "decode_tp": 8, "decode_ep": 8, "decode_dp_attention": "false", "decode_num_workers": 3,
 "num_prefill_gpu": 8, "num_decode_gpu": 24, "tput_per_gpu": 1000.0, "output_tput_per_gpu": 150.0, "input_tput_per_gpu": 3550.0, "mean_ttft": 0.5,
 "median_ttft": 0.4, "p99_ttft": 1.5, "mean_tpot": 0.01, "median_tpot": 0.008, "p99_tpot": 0.02, "median_intvty": 125.0, "mean_e2el": 9.0, "median_e2el": 8.5,
 "power_metric_schema_version": 2, "power_valid": true, "avg_power_w": 800.0, "avg_total_gpu_power_w": 25600.0, "total_gpu_energy_j": 2560000.0,
 "joules_per_output_token": 7.1, "joules_per_total_token": 0.8})";

inline const std::string kAgenticSample = R"([{"hw": "b200", "conc": 16, "model": "some/model", "framework": "sglang", "precision": "fp8", "spec_decoding": "none",
 "disagg": false, "is_multinode": false, "tp": 8, "dp_attention": "false", "scenario_type": "agentic-coding", "request_metrics": {"qps": 0.5,
 "latency": {"ttft": {"mean": 0.9, "p50": 0.8, "p99": 3.0}, "tpot": {"p50": 0.02}, "e2el": {"mean": 30.0}}, "throughput": {"total": 8000.0,
 "per_gpu": {"total": 1000.0, "output": 20.0}}}, "server_metrics": {"cache_hit_rate": 0.9}}])";

inline const std::string kGuideLlmSample = R"({"metadata": {"version": 2, "guidellm_version": "0.5.0"}, "config": {"model": "some/model"}, "benchmarks": [
 {"type_": "generative_benchmark", "config": {"strategy": {"type_": "concurrent", "streams": 2}, "backend": {"model": "some/model"}}, "start_time": 1781157667.5,
 "end_time": 1781157671.5, "duration": 4.0, "metrics": {"request_totals": {"successful": 2, "errored": 1, "incomplete": 0, "total": 3},
 "requests_per_second": {"successful": {"mean": 0.5}}, "output_tokens_per_second": {"successful": {"mean": 2.5}}, "tokens_per_second": {"successful": {"mean": 7.5}},
 "prompt_token_count": {"successful": {"total_sum": 20.0}}, "output_token_count": {"successful": {"total_sum": 10.0}},
 "time_to_first_token_ms": {"successful": {"count": 2, "mean": 150.0, "median": 150.0, "std_dev": 50.0, "min": 100.0, "max": 200.0,
 "percentiles": {"p50": 150.0, "p90": 190.0, "p95": 195.0, "p99": 199.0, "p999": 199.9}}}, "inter_token_latency_ms": {"successful": {"count": 2, "mean": 25.0,
 "percentiles": {"p50": 25.0}}}, "request_latency": {"successful": {"count": 2, "mean": 0.25, "percentiles": {"p50": 0.25}}}},
 "requests": {"successful": [{"request_start_time": 1781157667.5, "request_end_time": 1781157667.75, "time_to_first_token_ms": 100.0, "inter_token_latency_ms": 25.0,
 "prompt_tokens": 10, "output_tokens": 5}, {"request_start_time": 1781157668.5, "request_end_time": 1781157668.85, "time_to_first_token_ms": 200.0,
 "inter_token_latency_ms": 25.0, "prompt_tokens": 10, "output_tokens": 5}], "incomplete": [], "errored": [{"request_start_time": 1781157669.0}]}}]})";

inline const std::string kAiperfSample = R"({"schema_version": "1.1", "aiperf_version": "0.4.0", "start_time": "2026-06-11T05:58:59.250000", "input_config": {"endpoint":
 {"model_names": ["some/model"]}, "loadgen": {"concurrency": 4}}, "request_latency": {"unit": "ms", "avg": 900.0, "min": 700.0, "max": 1200.0, "p25": 800.0, "p50": 850.0,
 "p75": 950.0, "p90": 1000.0, "p95": 1100.0, "p99": 1150.0, "std": 90.0, "count": 100}, "time_to_first_token": {"unit": "ms", "avg": 60.0, "p50": 55.0, "p99": 90.0, "count": 100},
 "inter_token_latency": {"unit": "ms", "avg": 10.0, "p50": 9.5, "p99": 12.5}, "inter_chunk_latency": {"unit": "ms", "avg": 10.5, "p50": 9.0},
 "output_sequence_length": {"unit": "tokens", "avg": 90.0, "sum": 9000}, "input_sequence_length": {"unit": "tokens", "avg": 500.0, "sum": 50000},
 "request_throughput": {"unit": "requests/sec", "avg": 4.0}, "output_token_throughput": {"unit": "tokens/sec", "avg": 360.0},
 "total_token_throughput": {"unit": "tokens/sec", "avg": 2360.0}, "request_count": {"unit": "requests", "avg": 100.0}, "benchmark_duration": {"unit": "sec", "avg": 25.0}})";

inline const std::string kAiperfRecords =
    R"({"metadata": {"x_request_id": "a", "request_start_ns": 1781157667500000000, "request_end_ns": 1781157668500000000, "benchmark_phase": "profiling"}, "metrics": {"request_latency": {"value": 1000.0, "unit": "ms"}, "time_to_first_token": {"value": 100.0, "unit": "ms"}, "output_sequence_length": {"value": 10, "unit": "tokens"}, "input_sequence_length": {"value": 50, "unit": "tokens"}}, "error": null}
{"metadata": {"x_request_id": "b", "request_start_ns": 1781157668500000000, "request_end_ns": 1781157669500000000, "benchmark_phase": "profiling"}, "metrics": {"request_latency": {"value": 1000.0, "unit": "ms"}, "time_to_first_token": {"value": 300.0, "unit": "ms"}, "output_sequence_length": {"value": 10, "unit": "tokens"}, "input_sequence_length": {"value": 50, "unit": "tokens"}}, "error": null}
)";

inline const std::string kAiperfCsv = "Metric,avg,min,max,p50,p99,std\nTime to First Token (ms),60.0,50.0,95.0,55.0,90.0,5.0\nRequest Latency (ms),900.00,700.00,1200.00,850.00,1150.00,90.00\n"
                                      "\nMetric,Value\nRequest Count,100\nOutput Token Throughput (tokens/sec),360.0\n";

inline const std::string kDashboardCsv = "# Attribution is required.\nModel,ISL,OSL,Hardware,Framework,Precision,TP,Concurrency,Date,Throughput/GPU (tok/s),Output Throughput/GPU (tok/s),"
                                         "Input Throughput/GPU (tok/s),Mean TTFT (ms),Median TTFT (ms),Median TPOT (ms),P99 TPOT (ms),Disaggregated,Num Prefill GPUs,Num Decode GPUs,Spec Decoding\n"
                                         "\"some, model\",1024,1024,h200,vllm,fp4,8,4,2026-06-05,260.5,129.5,131,0.04,0.034,0.004,0.005,false,,,none\n"
                                         "some-model,1024,1024,gb200,trt,fp4,,64,2026-06-05,1000,150,3550,0.5,0.4,0.008,0.02,true,8,24,mtp\n";

inline const std::string kMlperfCsv = "\"Organization\",\"Division\",\"SystemName\",\"MlperfModel\",\"Scenario\",\"Result\",\"number_of_nodes\",\"accelerator_model_name\",\"accelerators_per_node\","
                                      "\"total_accelerators\",\"framework\",\"version\",\"Units\",\"weight_data_types\"\n"
                                      "\"A\",\"closed\",\"Cluster\",\"llama2-70b-99\",\"Server\",\"785522.0\",\"11\",\"AMD Instinct MI355X 288GB HBM3e (x87)\",\"8\",\"88\",\"PyTorch 2.9, ROCm 7\",\"v6.0\",\"Tokens/s\",\"fp4\"\n"
                                      "\"B\",\"closed\",\"Box\",\"resnet\",\"multistream\",\"4.5\",\"1\",\"NVIDIA GB10\",\"1\",\"1\",\"\",\"v6.0\",\"Latency (ms)\",\"\"\n";

inline const std::string kMlperfJson = R"([{"ID": "5.1-1", "Submitter": "A", "Category": "closed", "Suite": "datacenter", "System": "Two", "Model": "llama2-70b-99", "Scenario": "Offline",
 "Nodes": 2, "Accelerator": "NVIDIA H200-SXM-141GB", "a#": 8, "Software": "TensorRT 10.11, CUDA 12.9", "version": "v5.1", "weight_data_types": "fp8", "Performance_Result": 1000.5,
 "Performance_Units": "Tokens/s", "Power_Result": 10000.0, "Power_Units": "Watts"}])";

inline std::string one_line(std::string text) {
  std::erase(text, '\n');
  return text;
}

struct Sample {
  std::string format;   // that the first run says
  std::string text;
  std::size_t runs;
};

inline std::vector<Sample> samples() {
  return {{"inferencex", kInferenceXSample, 1}, {"vllm", kVllmSample, 1}, {"sglang", one_line(kSglangSample) + "\n" + one_line(kSglangSample) + "\n", 2},
          {"inferencex-agg", kAggSample, 1}, {"inferencex-agg", kAgenticSample, 1}, {"guidellm", kGuideLlmSample, 1}, {"aiperf", kAiperfSample, 1},
          {"aiperf-records", kAiperfRecords, 1}, {"aiperf-csv", kAiperfCsv, 1}, {"csv", kDashboardCsv, 2}, {"mlperf-csv", kMlperfCsv, 2}, {"mlperf-results", kMlperfJson, 1},
          {"tokenmark-gpu-check-1", kGpuCheckSample, 3}};
}

inline std::vector<ImportedRun> read(const std::string& text, const ImportSettings& settings = {}) {
  auto runs = read_document(text, "sample", settings);
  EXPECT_TRUE(runs) << runs.error().message << "\n" << text.substr(0, 300);
  return runs ? std::move(*runs) : std::vector<ImportedRun>(1);
}

inline const std::filesystem::path kShared = TOKENMARK_SHARED_DATA;

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace tokenmark
