// The real files under shared/data: every one imports, and its figures are those of the file's own arithmetic.
#include <gmock/gmock.h>

#include <iostream>

#include "core/exchange/csv_table.h"
#include "core/exchange/fields.h"
#include "core/exchange/gpu_metrics.h"
#include "core/exchange/import.h"
#include "tests/core/exchange/samples.h"
#include "tests/core/store/store_fixture.h"

namespace tokenmark {
namespace {

using nlohmann::json;

class SharedFiles : public StoreTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kShared / "inferencex")) GTEST_SKIP() << kShared << " is not there";
  }
  std::vector<ImportedRun> runs(const std::string& path, const ImportOptions& options = {}) {
    auto out = read_runs(kShared / path, options);
    EXPECT_TRUE(out) << out.error().message;
    return out ? std::move(*out) : std::vector<ImportedRun>(1);
  }
};

void near(const std::optional<double>& found, double expected, const std::string& what) {
  ASSERT_TRUE(found) << what;
  EXPECT_NEAR(*found, expected, 1e-9 * std::abs(expected)) << what;
}

TEST_F(SharedFiles, every_inferencex_result_has_the_files_figures) {
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kShared / "inferencex")) {
    if (entry.path().extension() != ".json") continue;
    const std::string name = entry.path().filename().string(), text = file_text(entry.path());
    const json said = json::parse(text);
    const auto found = read_document(text, name, {{"gpus", "8"}});
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 1u);
    const ImportedRun& run = found->front();
    const Figures& f = run.figures;
    EXPECT_EQ(run.format, "inferencex") << name;
    EXPECT_EQ(f.completed, said["completed"]) << name;
    EXPECT_EQ(f.input_tokens, said["total_input_tokens"]);
    EXPECT_EQ(f.output_tokens, said["total_output_tokens"]);
    EXPECT_EQ(run.concurrency, said["max_concurrency"]);
    // The file's own arithmetic: rates are counts over its duration.
    const double duration = said["duration"];
    near(f.request_s, f.completed / duration, name);
    near(f.output_tok_s, static_cast<double>(f.output_tokens) / duration, name);
    near(f.total_tok_s, static_cast<double>(f.input_tokens + f.output_tokens) / duration, name);
    near(f.total_tok_s_gpu, *f.total_tok_s / 8, name);
    for (const auto& [metric, d] : {std::pair{"ttft_ms", &f.ttft_s}, std::pair{"tpot_ms", &f.tpot_s}, std::pair{"itl_ms", &f.itl_s}, std::pair{"e2el_ms", &f.e2e_s}})
      for (const auto& [statistic, value] : {std::pair{"mean_", d->mean}, std::pair{"median_", d->p50.value}, std::pair{"p90_", d->p90.value}, std::pair{"p99_", d->p99.value}})
        if (const auto at = said.find(std::string(statistic) + metric); at != said.end()) near(value, at->get<double>() / 1e3, name + " " + statistic + metric);
    near(f.interactivity_p50.value, 1e3 / said["median_tpot_ms"].get<double>(), name);
    ++files;
  }
  EXPECT_EQ(files, 25);
}

// The statistics as they follow from the lists, by the plainest arithmetic; then as the import has them.
TEST_F(SharedFiles, the_detailed_file_is_recomputed_from_its_lists) {
  const json said = json::parse(file_text(kShared / "inferencex/sweep_with_repeats/gt_c4_detailed.json"));
  const ImportedRun run = runs("inferencex/sweep_with_repeats/gt_c4_detailed.json")[0];
  const Distribution& d = run.figures.ttft_s;
  std::vector<double> ttfts = said["ttfts"];
  double sum = 0, squares = 0, input = 0, output = 0;
  for (const double t : ttfts) sum += t;
  const auto n = static_cast<double>(ttfts.size());
  for (const double t : ttfts) squares += (t - sum / n) * (t - sum / n);
  for (const json& tokens : said["input_lens"]) input += tokens.get<double>();
  for (const json& tokens : said["output_lens"]) output += tokens.get<double>();
  std::sort(ttfts.begin(), ttfts.end());
  near(sum / n * 1e3, said["mean_ttft_ms"], "mean");
  near(std::sqrt(squares / n) * 1e3, said["std_ttft_ms"], "std");
  near(d.mean, said["mean_ttft_ms"].get<double>() / 1e3, "mean");
  near(*d.deviation * std::sqrt((n - 1) / n), said["std_ttft_ms"].get<double>() / 1e3, "std");
  near(d.p50.value, said["p50_ttft_ms"].get<double>() / 1e3, "p50");
  near(d.p90.value, said["p90_ttft_ms"].get<double>() / 1e3, "p90");
  near(d.p95.value, said["p95_ttft_ms"].get<double>() / 1e3, "p95");
  near(interpolated(ttfts, 0.95), said["p95_ttft_ms"].get<double>() / 1e3, "p95 of the list");
  near(d.p99.value, said["p99_ttft_ms"].get<double>() / 1e3, "p99");
  EXPECT_TRUE(d.p50.interval);               // from the list, not from the file's percentile
  EXPECT_EQ(input, said["total_input_tokens"]);
  EXPECT_EQ(output, said["total_output_tokens"]);
  near(run.figures.output_tok_s, output / said["duration"].get<double>(), "output tok/s");
}

TEST_F(SharedFiles, the_dashboards_rows_are_consistent) {
  const auto rows = runs("inferencex/InferenceX_gpt-oss-120b_interactivity.csv");
  ASSERT_EQ(rows.size(), 16u);
  for (const ImportedRun& run : rows) {
    const Figures& f = run.figures;
    EXPECT_EQ(run.run.hardware, "h200");
    near(f.interactivity_p50.value, 1 / *f.tpot_s.p50.value, "interactivity");
    EXPECT_LT(*f.ttft_s.p50.value, 10);      // seconds, whatever the header says
    near(*f.input_tok_s_gpu + *f.output_tok_s_gpu, *f.total_tok_s_gpu, "throughput");
    EXPECT_THAT(run.environment["import"]["attribution"].dump(), testing::HasSubstr("SemiAnalysis"));
  }
}

TEST_F(SharedFiles, gpu_metrics_join_their_run) {
  ImportOptions options{{{"gpus", "8"}}, kShared / "inferencex/gptoss_fp4_h200_tp8_conc16.gpu_metrics.csv"};
  const ImportedRun run = runs("inferencex/gptoss_fp4_h200_tp8_conc16_isl1024_osl1024.json", options)[0];
  const Figures& f = run.figures;
  ASSERT_TRUE(f.power_w_gpu) << to_json(f)["withheld"];
  // Means of the samples inside of the run are near to it, by another way: no trapezoid, no ends.
  const auto table = parse_csv(file_text(options.gpu_metrics), "gpu");
  const auto metrics = read_gpu_metrics(*table, "gpu");
  double watts = 0, samples = 0;
  for (const auto& [gpu, list] : metrics->by_gpu)
    for (const auto& sample : list)
      if (sample.at_s >= run.start_unix_s && sample.at_s <= run.end_unix_s) watts += sample.watts, ++samples;
  EXPECT_EQ(metrics->by_gpu.size(), 8u);
  EXPECT_NEAR(*f.power_w_gpu, watts / samples, 0.01 * watts / samples);
  EXPECT_NEAR(*f.energy_j, *f.power_w * f.duration_s, 1);
  EXPECT_NEAR(*f.joules_per_output_token, *f.energy_j / 146543, 1e-9);
  std::cout << "measured: " << *f.power_w_gpu << " W/GPU, " << *f.joules_per_output_token << " J/output token\n";
  const ImportedRun other = runs("inferencex/gptoss_fp4_h200_tp2_conc64_isl1024_osl1024.json", {{}, options.gpu_metrics})[0];
  EXPECT_FALSE(other.figures.power_w);       // measured at another time
}

TEST_F(SharedFiles, every_mlperf_result_is_there) {
  const auto csv = runs("mlperf/v6.0_results.csv"), summary = runs("mlperf/v5.1_summary_results.json");
  EXPECT_EQ(csv.size(), 520u);
  EXPECT_EQ(summary.size(), 1448u);
  const json said = json::parse(file_text(kShared / "mlperf/v5.1_summary_results.json"));
  int powered = 0;
  for (std::size_t i = 0; i < summary.size(); ++i) {
    const Figures& f = summary[i].figures;
    const double value = said[i]["Performance_Result"];
    const std::string units = said[i]["Performance_Units"];
    const Percentile& latency = f.e2e_s.p90.value ? f.e2e_s.p90 : f.e2e_s.p99;
    const std::optional<double> found = units == "Tokens/s" ? f.output_tok_s : units == "Latency (ms)" ? latency.value : f.request_s;
    ASSERT_TRUE(found) << units;
    EXPECT_DOUBLE_EQ(*found, units == "Latency (ms)" ? value / 1e3 : value);
    powered += f.power_w.has_value();
    if (said[i]["Nodes"] == 1 && said[i]["a#"].is_number()) {
      EXPECT_EQ(summary[i].run.gpus, said[i]["a#"]);
    }
  }
  EXPECT_EQ(powered, 16);
  const auto store = open();
  const auto ids = store->add_imported(summary);
  ASSERT_TRUE(ids) << ids.error().message;
  EXPECT_EQ(std::count(ids->begin(), ids->end(), 0), 0);
  EXPECT_EQ(store->runs()->size(), 1448u);
}

TEST_F(SharedFiles, loadgen_logs_give_their_published_results) {
  const auto logs = runs("mlperf/logs");
  ASSERT_EQ(logs.size(), 4u);
  const double results[] = {8840.42, 27803.9, 24593.8};
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(*logs[static_cast<std::size_t>(i)].figures.output_tok_s, results[i], 1e-5 * results[i]);
  EXPECT_NEAR(*logs[3].figures.power_w, 7636.4895833333, 1e-6);
  EXPECT_THAT(logs[3].figures.power_source, testing::HasSubstr("wall power"));
  EXPECT_NEAR(*logs[2].figures.ttft_s.p99.value, 1.914647645, 1e-12);
}

}  // namespace
}  // namespace tokenmark
