// Every format on a small document of its own, and out again.
#include <gmock/gmock.h>

#include "core/exchange/export.h"
#include "core/exchange/fields.h"
#include "core/exchange/gpu_metrics.h"
#include "core/exchange/inferencex_sweep.h"
#include "core/exchange/loadgen_tree.h"
#include "core/sweep/sweep.h"
#include "tests/core/exchange/samples.h"
#include "tests/core/store/store_fixture.h"

namespace tokenmark {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using nlohmann::json;

TEST(Import, every_sample_is_recognised_by_its_content) {
  for (const Sample& sample : samples()) {
    const auto runs = read(sample.text);
    EXPECT_EQ(runs.size(), sample.runs) << sample.format;
    EXPECT_EQ(runs[0].format, sample.format);
    EXPECT_EQ(runs[0].run.source, "import: " + sample.format);
    EXPECT_TRUE(figures_from_json(to_json(runs[0].figures))) << sample.format;
  }
}

TEST(Import, lists_of_an_inferencex_file_become_a_log_with_the_same_latencies) {
  const ImportedRun run = read(kInferenceXSample)[0];
  const Figures& f = run.figures;
  EXPECT_EQ(f.completed, 4);
  EXPECT_EQ(f.output_tok_s, 3.0);
  EXPECT_NEAR(*f.ttft_s.mean, 0.375, 1e-12);
  EXPECT_NEAR(*f.tpot_s.mean, 0.175, 1e-9);   // (0.1 + 0.2 + 0.2 + 0.2)/4
  EXPECT_NEAR(*f.tpot_s.p50.value, 0.2, 1e-9);
  EXPECT_NEAR(*f.itl_s.mean, 0.175, 1e-9);
  EXPECT_NEAR(*f.e2e_s.mean, 0.725, 1e-9);
  ASSERT_TRUE(run.log);
  EXPECT_EQ(run.log->requests.size(), 4u);
  EXPECT_EQ(run.log->messages.size(), 12u);
  EXPECT_FALSE(f.ttft_s.p99.value);           // four samples are too few
  EXPECT_EQ(run.started, "2026-06-11T06:01:07Z");
  EXPECT_TRUE(run.environment["import"].contains("notes"));  // the file has no start times
}

TEST(Import, a_rate_makes_an_open_loop_and_the_limits_goodput) {
  const ImportedRun run = read(kVllmSample)[0];
  EXPECT_EQ(run.concurrency, 0);
  EXPECT_EQ(run.run.point.load.arrivals, "gamma");
  EXPECT_EQ(run.run.point.load.rate, 2.5);
  EXPECT_EQ(run.figures.failed, 1);
  EXPECT_EQ(run.figures.goodput_req_s, 0.75);
  EXPECT_DOUBLE_EQ(*run.figures.ttft_s.p95.value, 0.49);
  EXPECT_DOUBLE_EQ(*run.figures.e2e_s.p999.value, 0.9755);
  EXPECT_DOUBLE_EQ(*run.figures.interactivity_p50.value, 5);
}

TEST(Import, hardware_is_never_guessed_and_can_be_set) {
  const ImportedRun unknown = read(kVllmSample)[0];
  EXPECT_EQ(unknown.run.gpus, 0);
  EXPECT_FALSE(unknown.figures.total_tok_s_gpu);
  EXPECT_THAT(to_json(unknown.figures)["withheld"]["total_tok_s_gpu"], HasSubstr("--set gpus=N"));
  const ImportedRun run = read(kVllmSample, *parse_settings({"gpus=8", "hw=h200", "precision=fp4", "input=1024"}))[0];
  EXPECT_EQ(run.figures.total_tok_s_gpu, 13.0 / 8);
  EXPECT_EQ(run.run.hardware, "h200");
  EXPECT_EQ(run.input, 1024);
  const ImportedRun told = read(kDashboardCsv, *parse_settings({"gpus=2", "hw=b200", "model=other"}))[0];
  EXPECT_EQ(told.run.gpus, 8);               // what the file says stays
  EXPECT_EQ(told.run.hardware, "h200");
  EXPECT_EQ(told.run.model, "other");
  EXPECT_FALSE(parse_settings({"gpu=8"}));
  EXPECT_FALSE(parse_settings({"gpus=none"}));
  EXPECT_FALSE(parse_settings({"gpus"}));
}

TEST(Import, steps_of_a_gpus_check_are_runs_of_a_model) {
  const auto runs = read(kGpuCheckSample);
  EXPECT_EQ(runs[0].run.hardware, "h200");
  EXPECT_EQ(runs[0].run.gpus, 1);
  EXPECT_EQ(runs[0].run.model, "shape:some:bf16");
  EXPECT_EQ(runs[0].started, "2026-11-28T21:43:46Z");
  EXPECT_EQ(runs[0].run.series, runs[1].run.series);
  EXPECT_EQ(runs[1].concurrency, 8);
  EXPECT_DOUBLE_EQ(*runs[1].figures.interactivity_p50.value, 100);
  EXPECT_DOUBLE_EQ(*runs[1].figures.output_tok_s_gpu, 800);
  EXPECT_THAT(runs[1].figures.ttft_s.p50.why_absent, HasSubstr("without requests"));
  EXPECT_NE(runs[2].run.series, runs[0].run.series);
  EXPECT_EQ(runs[2].input, 512);
  EXPECT_DOUBLE_EQ(*runs[2].figures.ttft_s.p50.value, 0.02);
  EXPECT_DOUBLE_EQ(*runs[2].figures.input_tok_s, 25600);
  EXPECT_EQ(runs[2].environment["import"]["gpu_check"]["ceilings"]["memory_gb_s"], 4000);
}

TEST(Import, a_gpus_check_with_an_impossible_time_is_refused) {
  for (const auto& [key, value] : {std::pair{"\"median_s\": 0.01", "\"median_s\": 0"}, std::pair{"\"batch\": 8", "\"batch\": -8"}, std::pair{"\"tokens\": 512", "\"tokens\": \"many\""}}) {
    std::string text = kGpuCheckSample;
    text.replace(text.find(key), std::string(key).size(), value);
    const auto runs = read_document(text, "sample", {});
    ASSERT_FALSE(runs) << value;
    EXPECT_THAT(runs.error().message, HasSubstr("sample: models[0]: ")) << runs.error().message;
  }
}

TEST(Import, disaggregated_throughput_has_a_denominator_for_each_role) {
  for (const ImportedRun& run : {read(kAggSample)[0], read(kDashboardCsv)[1]}) {
    EXPECT_EQ(run.run.gpus, 32);
    EXPECT_EQ(run.figures.total_tok_s, 32000.0);
    EXPECT_EQ(run.figures.output_tok_s, 150.0 * 24);
    EXPECT_EQ(run.figures.input_tok_s, 3550.0 * 8);
    EXPECT_EQ(run.figures.total_tok_s_gpu, 1000.0);
  }
  const Figures f = read(kAggSample)[0].figures;
  EXPECT_EQ(f.power_w_gpu, 800.0);
  EXPECT_EQ(f.joules_per_output_token, 7.1);
  EXPECT_THAT(f.power_source, HasSubstr("no MLPerf number"));
  const ImportedRun agentic = read(kAgenticSample)[0];
  EXPECT_EQ(agentic.figures.ttft_s.p50.value, 0.8);
  EXPECT_EQ(agentic.figures.total_tok_s_gpu, 1000.0);
  EXPECT_EQ(agentic.figures.request_s, 0.5);
}

TEST(Import, the_dashboards_ms_are_seconds) {
  const ImportedRun run = read(kDashboardCsv)[0];
  EXPECT_EQ(run.run.model, "some, model");
  EXPECT_EQ(run.figures.ttft_s.p50.value, 0.034);
  EXPECT_EQ(run.figures.interactivity_p50.value, 250.0);
  EXPECT_EQ(run.run.gpus, 8);
  EXPECT_EQ(run.started, "2026-06-05T00:00:00Z");
}

TEST(Import, guidellms_inter_token_latency_is_our_tpot) {
  const ImportedRun run = read(kGuideLlmSample)[0];
  EXPECT_DOUBLE_EQ(*run.figures.tpot_s.p50.value, 0.025);
  EXPECT_DOUBLE_EQ(*run.figures.ttft_s.p999.value, 0.1999);
  EXPECT_EQ(run.concurrency, 2);
  EXPECT_EQ(run.figures.failed, 1);
  ASSERT_TRUE(run.log);
  const Figures own = compute_figures(*run.log, {}, 0);
  EXPECT_EQ(own.completed, 2);
  EXPECT_EQ(own.failed, 1);
  EXPECT_NEAR(*own.e2e_s.maximum, 0.3, 1e-9);
}

TEST(Import, aiperfs_lines_are_a_log) {
  const ImportedRun run = read(kAiperfRecords)[0];
  EXPECT_EQ(run.figures.completed, 2);
  EXPECT_NEAR(*run.figures.ttft_s.mean, 0.2, 1e-9);
  EXPECT_NEAR(*run.figures.tpot_s.mean, (0.1 + 0.7 / 9) / 2, 1e-9);
  EXPECT_NEAR(*run.figures.output_tok_s, 10, 1e-6);  // 20 tokens in 2 s
}

TEST(Import, mlperf_counts_accelerators_by_their_name_first) {
  const auto rows = read(kMlperfCsv);
  EXPECT_EQ(rows[0].run.gpus, 87);  // neither 88 nor 11 · 8
  EXPECT_EQ(rows[0].run.hardware, "mi355x");
  EXPECT_EQ(rows[0].figures.output_tok_s, 785522.0);
  EXPECT_DOUBLE_EQ(*rows[1].figures.e2e_s.p99.value, 0.0045);
  const ImportedRun json = read(kMlperfJson)[0];
  EXPECT_EQ(json.run.gpus, 0);      // two nodes, and no total
  EXPECT_EQ(json.figures.power_w, 10000.0);
  EXPECT_THAT(json.figures.power_source, HasSubstr("wall power"));
}

TEST(Import, what_a_file_lacks_is_absent_with_a_reason_and_never_0) {
  const json figures = to_json(read(kDashboardCsv)[0].figures);
  for (const char* key : {"duration_s", "requests", "input_tokens", "output_tokens", "request_s", "goodput"}) {
    EXPECT_FALSE(figures.contains(key)) << key;
    EXPECT_TRUE(figures["withheld"].contains(key)) << key;
  }
  EXPECT_EQ(to_json(*figures_from_json(figures)), figures);
}

TEST(Import, wrong_values_name_file_and_key) {
  const auto broken = [](std::string text, const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
    const auto runs = read_document(text, "broken.json", {});
    return runs ? std::string("read") : runs.error().message;
  };
  EXPECT_THAT(broken(kVllmSample, "\"duration\": 4.0", "\"duration\": -4"), AllOf(HasSubstr("broken.json"), HasSubstr("'duration'")));
  EXPECT_THAT(broken(kVllmSample, "\"completed\": 4", "\"completed\": \"four\""), HasSubstr("'completed'"));
  EXPECT_THAT(broken(kInferenceXSample, "[0.1, 0.1]", "[0.1, null]"), HasSubstr("itls[0]"));
  EXPECT_THAT(broken(kInferenceXSample, "[0.5, 0.25, 0.5, 0.25]", "[0.5]"), HasSubstr("'ttfts' has 1 entries"));
  EXPECT_THAT(broken(kAiperfSample, "\"unit\": \"ms\"", "\"unit\": \"fortnights\""), HasSubstr("fortnights"));
  EXPECT_THAT(broken(kMlperfCsv, "785522.0", "fast"), AllOf(HasSubstr("row 2"), HasSubstr("'Result'")));
  EXPECT_THAT(broken(kGuideLlmSample, "\"duration\": 4.0", "\"duration\": []"), HasSubstr("benchmarks[0]"));
  EXPECT_THAT(broken(kSglangSample, "\"duration\": 10.0", "\"duration\": 1e999"), HasSubstr("broken.json"));
  EXPECT_THAT(broken(kVllmSample, "{", "{{"), HasSubstr("not JSON"));
}

class Exchange : public StoreTest {
 protected:
  std::vector<RunId> stored(Store& store, const std::string& text) {
    auto ids = store.add_imported(read(text));
    EXPECT_TRUE(ids) << ids.error().message;
    return ids ? *ids : std::vector<RunId>();
  }
  std::string exported(Store& store, const std::vector<RunId>& ids, const std::string& format, bool drop_document = false, bool detailed = false) {
    std::vector<StoredRun> runs;
    for (const RunId id : ids) {
      auto run = stored_run(store, id, detailed);
      EXPECT_TRUE(run) << run.error().message;
      if (drop_document) run->document->format = "none";
      runs.push_back(std::move(*run));
    }
    const auto text = export_runs(runs, format);
    EXPECT_TRUE(text) << text.error().message;
    return text ? *text : "";
  }
};

TEST_F(Exchange, imported_runs_are_runs_and_the_same_document_is_not_stored_twice) {
  const auto store = open();
  const auto ids = stored(*store, kInferenceXSample);
  const RunRow row = *store->run(ids[0]);
  EXPECT_EQ(row.state, RunState::done);
  EXPECT_EQ(row.concurrency, 2);
  EXPECT_EQ(row.input, 0);
  EXPECT_EQ(row.output_tok_s, 3.0);
  EXPECT_EQ(row.started, "2026-06-11T06:01:07Z");
  EXPECT_EQ(store->event_log(ids[0])->requests.size(), 4u);
  EXPECT_TRUE(store->point(ids[0]));
  EXPECT_EQ((*store->document(ids[0]))->text, kInferenceXSample);
  EXPECT_EQ(stored(*store, kInferenceXSample), std::vector<RunId>{0});
  EXPECT_EQ(store->runs()->size(), 1u);
  EXPECT_NE(store->add_imported(read(kInferenceXSample), true)->at(0), 0);
  EXPECT_EQ(store->runs("import inferencex")->size(), 2u);
}

TEST_F(Exchange, a_round_trip_through_its_own_format_loses_nothing) {
  for (const Sample& sample : samples()) {
    const auto& formats = export_formats();
    if (std::find(formats.begin(), formats.end(), sample.format) == formats.end()) continue;
    std::filesystem::remove(file);
    const auto store = open();
    std::vector<RunId> ids = stored(*store, sample.text);
    std::erase(ids, 0);
    const auto again = read(exported(*store, ids, sample.format)), first = read(sample.text);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      EXPECT_EQ(to_json(again[i].figures), to_json(first[i].figures)) << sample.format;
      const auto before = parse_json(first[i].document, "before"), after = parse_json(again[i].document, "after");
      ASSERT_TRUE(before && after) << sample.format;
      if (sample.format != "csv") {
        EXPECT_EQ(*before, *after) << sample.format;  // every key, also those that nobody knows
      }
    }
  }
}

// Keys of figures that all of these formats can hold.
json common(const Figures& figures, bool counts) {
  const json all = to_json(figures);
  json out;
  for (const char* key : {"output_tok_s", "total_tok_s", "request_s"})
    if (counts && all.contains(key)) out[key] = all[key];
  for (const char* latency : {"ttft_s", "tpot_s", "e2e_s"})
    for (const char* key : {"mean", "p50", "p99"})
      if (all[latency].contains(key)) out[std::string(latency) + key] = all[latency][key];
  return out;
}

TEST_F(Exchange, figures_pass_through_every_other_format) {
  const auto store = open();
  const std::vector<RunId> ids = stored(*store, kVllmSample);
  const json before = common(read(kVllmSample)[0].figures, true);
  for (const std::string& format : export_formats()) {
    const auto again = read(exported(*store, ids, format, true));
    EXPECT_EQ(again[0].format, format);
    json expected = before, found = common(again[0].figures, true);
    for (const auto& [key, value] : found.items()) EXPECT_NEAR(value.get<double>(), expected[key].get<double>(), 1e-12 * expected[key].get<double>()) << format << " " << key;
    const bool rates = format == "vllm" || format == "sglang" || format == "inferencex" || format == "guidellm" || format == "aiperf";
    if (rates) {
      EXPECT_EQ(found.size(), expected.size()) << format << found << expected;
    }
    EXPECT_TRUE(found.contains("tpot_sp50")) << format;
  }
}

TEST_F(Exchange, a_measured_run_goes_out_with_its_requests) {
  const auto store = open();
  const ImportedRun run = read(kInferenceXSample)[0];
  for (const char* format : {"vllm", "sglang", "inferencex", "guidellm"}) {
    const std::vector<RunId> ids = *store->add_imported({run}, true);
    const auto again = read(exported(*store, ids, format, true, true));
    ASSERT_TRUE(again[0].log) << format;
    const Figures before = compute_figures(*run.log, {}, 0), after = compute_figures(*again[0].log, {}, 0);
    EXPECT_EQ(after.completed, before.completed);
    EXPECT_NEAR(*after.ttft_s.mean, *before.ttft_s.mean, 1e-6);
    EXPECT_NEAR(*after.tpot_s.mean, *before.tpot_s.mean, 1e-6);
    EXPECT_NEAR(*after.e2e_s.mean, *before.e2e_s.mean, 1e-6) << format;
    EXPECT_NEAR(after.duration_s, before.duration_s, 1e-5) << format;
  }
}

TEST_F(Exchange, a_bad_run_among_good_ones_stores_nothing) {
  const auto store = open();
  const auto runs = read_document(one_line(kSglangSample) + "\n" + R"({"completed": -1, "duration": 1, "total_output_tokens": 5})" + "\n", "two.jsonl", {});
  ASSERT_FALSE(runs);
  EXPECT_THAT(runs.error().message, AllOf(HasSubstr("two.jsonl"), HasSubstr("line 2"), HasSubstr("completed")));
  EXPECT_TRUE(store->runs()->empty());
}

std::string metrics_csv(double step_s, double watts, int samples) {
  std::string text = "timestamp, index, power.draw [W], utilization.gpu [%]\n";
  for (int i = 0; i < samples; ++i)
    for (int gpu = 0; gpu < 2; ++gpu) {
      const double at = 50 + i * step_s;
      text += fmt::format("2026/06/11 {:02}:{:02}:{:06.3f}, {}, {:.2f} W, 0 %\n", 6 + static_cast<int>(at / 3600), static_cast<int>(at / 60) % 60, std::fmod(at, 60.0), gpu, watts + gpu * 100);
    }
  return text;
}

TEST(GpuMetrics, power_and_energy_are_those_between_start_and_end) {
  ImportedRun run = read(kInferenceXSample, *parse_settings({"gpus=2"}))[0];  // 06:01:07.478 to 06:01:11.478
  const auto table = parse_csv(metrics_csv(1, 300, 60), "gpu.csv");
  ASSERT_TRUE(table) << table.error().message;
  join_power(*read_gpu_metrics(*table, "gpu.csv"), run);
  EXPECT_NEAR(*run.figures.energy_j, (300 + 400) * 4, 1e-3);
  EXPECT_NEAR(*run.figures.power_w_gpu, 350, 1e-3);
  EXPECT_NEAR(*run.figures.joules_per_output_token, 2800.0 / 12, 1e-3);
  EXPECT_NEAR(*run.figures.joules_per_total_token, 2800.0 / 52, 1e-3);
}

TEST(GpuMetrics, gaps_and_missing_ends_make_it_invalid_with_a_reason) {
  for (const auto& [csv, why] : {std::pair{metrics_csv(4, 300, 60), "gap"}, std::pair{metrics_csv(1, 300, 5), "do not enclose"}}) {
    ImportedRun run = read(kInferenceXSample)[0];
    join_power(*read_gpu_metrics(*parse_csv(csv, "gpu.csv"), "gpu.csv"), run);
    EXPECT_FALSE(run.figures.energy_j);
    EXPECT_THAT(to_json(run.figures)["withheld"]["power"], HasSubstr(why));
  }
  ImportedRun fewer = read(kInferenceXSample, *parse_settings({"gpus=1"}))[0];
  join_power(*read_gpu_metrics(*parse_csv(metrics_csv(1, 300, 60), "gpu.csv"), "gpu.csv"), fewer);
  EXPECT_THAT(fewer.figures.lacking["power"], HasSubstr("2 GPUs"));
}

constexpr const char* kMaster = R"(gptoss-fp4-h200-vllm:
  image: vllm/vllm-openai:v0.11
  model: openai/gpt-oss-120b
  model-prefix: gptoss
  precision: fp4
  framework: vllm
  runner: h200
  multinode: false
  scenarios:
    fixed-seq-len:
    - {isl: 1024, osl: 1024, search-space: [{tp: 8, conc-start: 4, conc-end: 48}, {tp: 2, ep: 2, conc-list: [16, 4]}]}
old-fp8-b200-trt:
  model: some/model
  runner: b200-trt
  seq-len-configs:
  - isl: 8192
    osl: 1024
    search-space:
    - prefill: {num-worker: 2, tp: 4, ep: 4, dp-attn: true}
      decode: {num-worker: 1, tp: 8, ep: 8}
      conc-list: [64]
)";

TEST(InferenceXSweep, concurrency_doubles_and_includes_the_end) {
  const auto sweeps = convert_inferencex_sweeps(kMaster, "master.yaml", {.key = "gptoss-fp4-h200-vllm", .url = "http://127.0.0.1:8000"});
  ASSERT_TRUE(sweeps) << sweeps.error().message;
  ASSERT_EQ(sweeps->size(), 2u);
  const auto sweep = parse_sweep((*sweeps)[0].yaml, "x");
  ASSERT_TRUE(sweep) << sweep.error().message;
  std::vector<int> concurrency;
  for (const Point& point : sweep->points) concurrency.push_back(point.load.concurrency);
  EXPECT_THAT(concurrency, testing::ElementsAre(4, 8, 16, 32, 48));
  const auto& endpoint = std::get<EndpointTarget>(sweep->points[0].target);
  EXPECT_EQ(endpoint.gpus, 8);
  EXPECT_EQ(endpoint.hardware, "h200");
  EXPECT_EQ(endpoint.model, "openai/gpt-oss-120b");
  EXPECT_EQ(sweep->points[0].workload.range_ratio, 0.8);
  EXPECT_EQ((*sweeps)[1].name, "gptoss-fp4-h200-vllm-1024-1024-tp2-ep2");
}

TEST(InferenceXSweep, multi_node_groups_and_the_older_layout) {
  const auto sweeps = convert_inferencex_sweeps(kMaster, "master.yaml", {.key = "old-fp8-b200-trt", .url = "http://h:1"});
  ASSERT_TRUE(sweeps) << sweeps.error().message;
  EXPECT_EQ(std::get<EndpointTarget>(parse_sweep((*sweeps)[0].yaml, "x")->points[0].target).gpus, 16);
  const auto typo = convert_inferencex_sweeps(kMaster, "master.yaml", {.key = "gptoss-fp4-h200-vlm"});
  ASSERT_FALSE(typo);
  EXPECT_THAT(typo.error().message, HasSubstr("did you mean 'gptoss-fp4-h200-vllm'"));
}

}  // namespace
}  // namespace tokenmark
