#include "core/report/run_difference.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/report/chart.h"
#include "core/report/report.h"
#include "core/report/ticks.h"
#include "core/workload/point_json.h"

namespace tokenmark {
namespace {

constexpr const char* kNone = "–";

// Rows in the order in which their names first appear.
class Section {
 public:
  Section(std::string title, std::size_t runs) : runs_(runs) { made_.title = std::move(title); }

  void set(std::size_t run, const std::string& name, const std::string& value, std::string_view definition = {}) {
    const auto [at, is_new] = index_.try_emplace(name, made_.rows.size());
    if (is_new) made_.rows.push_back({name, std::string(definition), std::vector<std::string>(runs_, kNone), false});
    made_.rows[at->second].values[run] = value.empty() ? kNone : value;
  }

  void finish(std::vector<DifferenceSection>& sections) {
    std::erase_if(made_.rows, [](const DifferenceRow& row) { return std::all_of(row.values.begin(), row.values.end(), [](const std::string& v) { return v == kNone; }); });
    for (DifferenceRow& row : made_.rows)
      row.equal = std::all_of(row.values.begin(), row.values.end(), [&](const std::string& v) { return v == row.values.front(); });
    if (!made_.rows.empty()) sections.push_back(std::move(made_));
  }

 private:
  std::size_t runs_;
  DifferenceSection made_;
  std::map<std::string, std::size_t> index_;
};

void add_identity(Section& section, std::size_t i, const RunRow& row) {
  const std::pair<const char*, std::string> facts[] = {
      {"series", row.series}, {"state", std::string(run_state_name(row.state))}, {"error", row.error}, {"started", row.started}, {"sweep", row.sweep_name},
      {"model", row.model}, {"precision", row.precision}, {"framework", row.framework}, {"hardware", row.hardware}, {"device", row.device},
      {"accelerators", row.gpus > 0 ? std::to_string(row.gpus) : ""}, {"node", row.node}, {"origin", row.source}, {"repeat", std::to_string(row.repeat + 1)},
      {"tags", fmt::format("{}", fmt::join(row.tags, ", "))}};
  for (const auto& [name, value] : facts) section.set(i, name, value);
}

void add_figures(Section& section, std::size_t i, const RunRow& row) {
  for (const AxisMeaning& axis : axis_meanings()) {
    if (is_quality(axis.figure) || axis.neutral) continue;
    const auto value = figure_of(row, axis.figure);
    section.set(i, fmt::format("{} ({})", axis.label, axis.unit), value ? number_text(*value) : "", axis.definition);
  }
  const std::pair<const char*, std::optional<double>> more[] = {{"TTFT p99 (s)", row.ttft_p99_s}, {"TPOT p50 (s)", row.tpot_p50_s}, {"TPOT p99 (s)", row.tpot_p99_s},
                                                               {"Goodput (req/s)", row.goodput_req_s}, {"Duration (s)", row.duration_s}, {"Power per GPU (W)", row.power_w_gpu}};
  for (const auto& [name, value] : more) section.set(i, name, value ? number_text(*value) : "");
  section.set(i, "Completed requests", row.completed > 0 ? std::to_string(row.completed) : "");
  section.set(i, "Failed requests", row.completed + row.failed > 0 ? std::to_string(row.failed) : "");
}

}  // namespace

Result<RunDifference> run_difference(Store* store, const std::vector<RunRow>& rows) {
  RunDifference made;
  made.runs = rows;
  Section identity("Run", rows.size()), figures("Figures", rows.size()), quality("Quality", rows.size()), configuration("Configuration", rows.size()),
      environment("Environment", rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    add_identity(identity, i, rows[i]);
    add_figures(figures, i, rows[i]);
    for (const QualityFigure& q : rows[i].quality) quality.set(i, q.task + " " + q.metric, number_text(q.value));
    if (rows[i].id < 0 || store == nullptr) continue;
    TOKENMARK_TRY(const Point point, store->point(rows[i].id));
    for (const auto& [path, value] : flatten(to_json(point))) configuration.set(i, path, value);
    if (rows[i].state != RunState::done) continue;
    if (const auto known = store->environment(rows[i].id))
      for (const auto& [path, value] : flatten(*known)) environment.set(i, path, value);
  }
  for (Section* section : {&identity, &figures, &quality, &configuration, &environment}) section->finish(made.sections);
  return made;
}

}  // namespace tokenmark
