#include <gtest/gtest.h>

#include <QTreeWidget>
#include <QtTest>

#include "app/desktop/inspector_dock.h"

namespace tokenmark {
namespace {

QString value_of(const QTreeWidget& tree, const QString& name) {
  const QList<QTreeWidgetItem*> found = tree.findItems(name, Qt::MatchExactly | Qt::MatchRecursive, 0);
  return found.isEmpty() ? QString() : found.first()->text(1);
}

TEST(Inspector, shows_figures_with_intervals_reasons_and_definitions_and_the_environment) {
  auto detail = std::make_shared<RunDetail>();
  detail->row.id = 5;
  detail->row.series = "a series";
  detail->row.state = RunState::done;
  detail->row.source = "measured";
  detail->has_figures = true;
  Figures& figures = detail->figures;
  figures.completed = 12;
  figures.ttft_s.samples = 12;
  figures.ttft_s.p50.value = 0.0314;
  figures.ttft_s.p50.interval = Interval{0.03, 0.033};
  figures.ttft_s.p99.why_absent = "p99 needs 100 samples, there are 12";
  figures.client_verdict = "the client was not the limit";
  detail->configuration = R"({"load": {"concurrency": 4}})";
  detail->environment = R"({"cpu": {"model": "a processor", "cores": 2}})";
  InspectorDock dock;
  dock.showRun(detail);
  const auto& tree = *dock.findChild<QTreeWidget*>("inspectorTree");
  EXPECT_EQ(value_of(tree, "TTFT, median"), "31.4 ms  (30 ms – 33 ms)");
  EXPECT_EQ(value_of(tree, "TTFT, p99"), "p99 needs 100 samples, there are 12");
  EXPECT_EQ(value_of(tree, "load · concurrency"), "4");
  EXPECT_EQ(value_of(tree, "cpu · model"), "a processor");
  EXPECT_EQ(value_of(tree, "Verdict"), "the client was not the limit");
  const auto item = tree.findItems("TTFT, median", Qt::MatchExactly | Qt::MatchRecursive, 0).first();
  EXPECT_TRUE(item->toolTip(0).contains("First message with a token"));
}

TEST(Inspector, power_stands_with_its_check_what_speaks_against_it_and_what_is_beside) {
  auto detail = std::make_shared<RunDetail>();
  detail->row.id = 7;
  detail->row.state = RunState::done;
  detail->has_figures = true;
  Figures& figures = detail->figures;
  figures.power_source = "energy counters of 2 accelerators (nvml)";
  figures.power_w = 300;
  figures.power_w_gpu = 150;
  figures.energy_j = 1200;
  figures.energy_check_j = 1400;
  figures.joules_per_output_token = 0.5;
  figures.joules_per_total_token = 0.25;
  figures.power_note = "16.7 % apart";
  figures.meters = {{.source = "powercap", .name = "CPU package-0", .kind = "cpu", .power_w = 60.0}};
  InspectorDock dock;
  dock.showRun(detail);
  const auto& tree = *dock.findChild<QTreeWidget*>("inspectorTree");
  for (const auto& [name, value] : {std::pair{"Power per GPU", "150 W"}, {"Energy", "1,200 J"}, {"Energy by the other way", "1,400 J"},
                                    {"Energy per output token", "0.5 J"}, {"Energy per token", "0.25 J"}, {"Power, caution", "16.7 % apart"},
                                    {"Beside: CPU package-0", "60 W"}})
    EXPECT_EQ(value_of(tree, name), value) << name;
  figures = {};
  figures.meters = {{.source = "nvml"}};
  figures.lacking["power"] = "a gap of 4 s";
  dock.showRun(std::make_shared<RunDetail>(*detail));
  EXPECT_EQ(value_of(tree, "No power"), "a gap of 4 s");
}

TEST(Inspector, a_sample_shows_what_its_row_tells) {
  auto detail = std::make_shared<RunDetail>();
  detail->row.id = -3;
  detail->row.source = "sample: somewhere";
  detail->row.interactivity = 120.5;
  detail->row.total_tok_s_gpu = 900;
  InspectorDock dock;
  dock.showRun(detail);
  const auto& tree = *dock.findChild<QTreeWidget*>("inspectorTree");
  EXPECT_EQ(value_of(tree, "Interactivity"), "120.5 tok/s/user");
  EXPECT_TRUE(tree.findItems("Self-check", Qt::MatchExactly, 0).isEmpty());
}

TEST(Inspector, quality_stands_beside_the_figures_and_a_failed_task_says_why) {
  auto detail = std::make_shared<RunDetail>();
  detail->row.id = 6;
  detail->row.state = RunState::done;
  detail->row.quality = {{"gpqa", "accuracy", 0.25, Interval{0.2, 0.3}, 40}};
  detail->row.quality_failures = {{"math", "math.jsonl: cannot be opened"}};
  detail->has_figures = true;
  InspectorDock dock;
  dock.showRun(detail);
  const auto& tree = *dock.findChild<QTreeWidget*>("inspectorTree");
  EXPECT_EQ(value_of(tree, "gpqa · accuracy"), "0.25  (0.2 – 0.3)");
  EXPECT_EQ(value_of(tree, "math · failed"), "math.jsonl: cannot be opened");
}

}  // namespace
}  // namespace tokenmark
