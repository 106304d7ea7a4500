// A whole submission tree at once.
#include <chrono>
#include <iostream>

#include "core/exchange/import.h"
#include "tests/core/exchange/samples.h"
#include "tests/core/store/store_fixture.h"

namespace tokenmark {
namespace {

using SubmissionTree = StoreTest;

TEST_F(SubmissionTree, one_log_stands_for_its_folder) {
  namespace fs = std::filesystem;
  const fs::path logs = folder / "run_1";
  fs::create_directories(logs);
  std::ofstream detail(logs / "mlperf_log_detail.txt");
  for (const auto& [key, value] : {std::pair{"effective_scenario", "\"Offline\""}, std::pair{"result_validity", "\"VALID\""},
                                   std::pair{"result_samples_per_second", "12.5"}})
    detail << ":::MLLOG {\"key\": \"" << key << "\", \"value\": " << value
           << ", \"time_ms\": 0.1, \"metadata\": {\"is_error\": false, \"is_warning\": false}}\n";
  detail.close();
  fs::copy_file(logs / "mlperf_log_detail.txt", folder / "renamed.txt");
  const auto alone = read_runs(logs / "mlperf_log_detail.txt", {}), whole = read_runs(logs, {});
  ASSERT_TRUE(alone) << alone.error().message;
  ASSERT_TRUE(whole) << whole.error().message;
  ASSERT_EQ(alone->size(), 1u);
  EXPECT_EQ(alone->front().document, whole->front().document);
  EXPECT_EQ(alone->front().figures.request_s, 12.5);
  const auto renamed = read_runs(folder / "renamed.txt", {});
  ASSERT_FALSE(renamed);
  EXPECT_NE(renamed.error().message.find("must be called mlperf_log_detail.txt"), std::string::npos)
      << renamed.error().message;
}

TEST_F(SubmissionTree, a_summary_alone_stands_for_its_folder) {
  if (!std::filesystem::exists(kShared / "mlperf/logs")) GTEST_SKIP() << kShared << " is not there";
  const auto found = read_runs(kShared / "mlperf/logs/llama2-70b-99_8xMI300X_Server/mlperf_log_summary.txt", {});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->size(), 1u);
}

// 1,400 folders of a submission tree, linked from the real logs; the time is printed, not asserted.
TEST_F(SubmissionTree, of_1400_logs_imports_in_one_go) {
  if (!std::filesystem::exists(kShared / "mlperf/logs")) GTEST_SKIP() << kShared << " is not there";
  namespace fs = std::filesystem;
  const char* logs[] = {"llama2-70b-99_8xMI300X_Server", "llama2-70b-99_8xMI300X_Offline"};
  const fs::path division = folder / "tree" / "closed" / "Somebody";
  fs::create_directories(division / "systems");
  for (int i = 0; i < 700; ++i) {
    const std::string system = fmt::format("box{}", i);
    std::ofstream(division / "systems" / (system + ".json")) << R"({"accelerator_model_name": "AMD Instinct MI300X 192GB HBM3", "accelerators_per_node": 8, "number_of_nodes": 1, "framework": "vLLM 0.9", "system_name": "Box"})";
    for (int s = 0; s < 2; ++s) {
      const fs::path at = division / "results" / system / "llama2-70b-99" / (s == 0 ? "Server" : "Offline") / "performance" / "run_1";
      fs::create_directories(at);
      for (const char* name : {"mlperf_log_detail.txt", "mlperf_log_summary.txt"}) fs::create_symlink(kShared / "mlperf/logs" / logs[s] / name, at / name);
    }
  }
  const auto began = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
  const auto found = read_runs(folder / "tree", {});
  ASSERT_TRUE(found) << found.error().message;
  const double read_s = seconds();
  ASSERT_EQ(found->size(), 1400u);
  const auto ids = open()->add_imported(*found);
  ASSERT_TRUE(ids) << ids.error().message;
  std::cout << "1,400 logs: read in " << read_s << " s, stored after " << seconds() << " s\n";
  EXPECT_EQ(std::count(ids->begin(), ids->end(), 0), 0);
  EXPECT_EQ(found->front().run.gpus, 8);
  EXPECT_EQ(found->front().run.hardware, "mi300x");
  EXPECT_EQ(found->front().run.model, "llama2-70b-99");
}

}  // namespace
}  // namespace tokenmark
