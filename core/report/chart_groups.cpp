#include "core/report/chart_groups.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <unordered_map>
#include <unordered_set>

namespace tokenmark {
namespace {

using Why = LeftOutRuns::Why;

struct SeriesKey {
  std::string_view name;
  std::int32_t input, output;
  bool sample;
  bool operator==(const SeriesKey&) const = default;
};
struct PointKey {
  std::size_t group;
  std::string_view configuration;
  bool operator==(const PointKey&) const = default;
};
std::size_t mixed(std::size_t a, std::size_t b) { return a * 0x9E3779B97F4A7C15u ^ b; }
struct KeyHash {
  std::size_t operator()(const SeriesKey& key) const {
    const auto lengths = static_cast<std::size_t>(key.input) << 32 | static_cast<std::uint32_t>(key.output);
    return mixed(mixed(std::hash<std::string_view>()(key.name), lengths), key.sample);
  }
  std::size_t operator()(const PointKey& key) const {
    return mixed(std::hash<std::string_view>()(key.configuration), key.group);
  }
};

bool is_sample(const RunRow& run) { return run.source.starts_with("sample:"); }

// What stays the same while models and precisions are traded for speed.
std::string traded_series(const RunRow& run) {
  const std::string& hardware = run.hardware.empty() ? run.device : run.hardware;
  return run.framework.empty() ? hardware : hardware + " · " + run.framework;
}

class Grouping {
 public:
  Grouping(const FrontierQuery& query, LeftOutRuns& left_out)
      : query_(query), left_out_(left_out), y_(meaning(query.y).priced ? AxisFigure::total_tok_s_gpu : query.y),
        traded_(is_quality(query.x) || is_quality(query.y)),
        positive_y_(query.log_y || meaning(query.y).priced || is_metered_energy(query.y)) {}

  void add(const RunRow& run) {
    if (run.state == RunState::running) return;
    if (run.state != RunState::done) return left_out_.add(Why::unfinished);
    const auto x = figure_of(run, query_.x, query_.task), y = figure_of(run, y_, query_.task);
    if (!x) return left_out_.add(lacks_gpus(run, query_.x) ? Why::no_x_gpus : Why::no_x);
    if (!y) return left_out_.add(lacks_gpus(run, y_) ? Why::no_y_gpus : Why::no_y);
    if (!std::isfinite(*x)) return left_out_.add(Why::infinite_x);
    if (!std::isfinite(*y)) return left_out_.add(Why::infinite_y);
    if ((query_.log_x && *x <= 0) || (positive_y_ && *y <= 0)) return left_out_.add(Why::not_positive);
    if (!is_metered_energy(y_)) return place(run, {&run, *x, *y, 0});
    if (!run.power_w_gpu || !(*run.power_w_gpu > 0)) return left_out_.add(Why::no_power);
    place(run, {&run, *x, *run.power_w_gpu / *y, *run.power_w_gpu});
  }

  std::vector<ChartGroup> take() {
    std::sort(groups_.begin(), groups_.end(), [](const ChartGroup& a, const ChartGroup& b) { return a.first_run < b.first_run; });
    return std::move(groups_);
  }

 private:
  static bool lacks_gpus(const RunRow& run, AxisFigure figure) { return run.gpus == 0 && meaning(figure).key.ends_with("_gpu"); }

  void place(const RunRow& run, const ChartSample& sample) {
    const std::size_t at = group_of(run);
    ChartGroup& group = groups_[at];
    group.first_run = std::min(group.first_run, run.id);
    group.last_run = std::max(group.last_run, run.id);
    if (!run.configuration_key.empty()) {   // without one it is a point of its own
      const auto [entry, added] = points_.try_emplace({at, run.configuration_key.str()}, group.points.size());
      if (!added) return group.points[entry->second].push_back(sample);
    }
    group.points.push_back({sample});
  }

  std::size_t group_of(const RunRow& run) {
    const std::string_view name = traded_ ? keep(traded_series(run)) : std::string_view(run.series.str());
    const SeriesKey wanted{name, run.input, run.output, is_sample(run)};
    const auto [entry, added] = series_.try_emplace(wanted, groups_.size());
    if (added)
      groups_.push_back({std::string(name), run.input, run.output, wanted.sample, {}, std::numeric_limits<RunId>::max(), std::numeric_limits<RunId>::min()});
    return entry->second;
  }

  // Texts that keys refer to stay where they are.
  std::string_view keep(std::string name) { return *kept_.insert(std::move(name)).first; }

  const FrontierQuery& query_;
  LeftOutRuns& left_out_;
  AxisFigure y_;
  bool traded_, positive_y_;
  std::vector<ChartGroup> groups_;
  std::unordered_map<SeriesKey, std::size_t, KeyHash> series_;
  std::unordered_map<PointKey, std::size_t, KeyHash> points_;
  std::unordered_set<std::string> kept_;
};

std::string reason(Why why, const AxisMeaning& x, const AxisMeaning& y) {
  switch (why) {
    case Why::unfinished: return "failed, cancelled or interrupted";
    case Why::no_x: return fmt::format("no {} measured", x.key);
    case Why::no_y: return fmt::format("no {} measured", y.key);
    case Why::no_x_gpus: return fmt::format("no {} (number of accelerators unknown)", x.key);
    case Why::no_y_gpus: return fmt::format("no {} (number of accelerators unknown)", y.key);
    case Why::no_power: return "no power of an accelerator measured";
    case Why::infinite_x: return fmt::format("{} is not finite (too many failed requests)", x.key);
    case Why::infinite_y: return fmt::format("{} is not finite (too many failed requests)", y.key);
    case Why::not_positive:
    case Why::count: break;
  }
  return "a value that is not above 0 has no place on this axis";
}

}  // namespace

std::vector<std::string> LeftOutRuns::notes(const AxisMeaning& x, const AxisMeaning& y) const {
  std::vector<std::pair<std::string, std::size_t>> all = others_;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i] > 0) all.push_back({reason(static_cast<Why>(i), x, y), counts_[i]});
  std::sort(all.begin(), all.end());
  std::vector<std::string> notes;
  for (const auto& [why, count] : all) notes.push_back(fmt::format("{} run{} left out: {}", count, count == 1 ? "" : "s", why));
  return notes;
}

std::vector<ChartGroup> chart_groups(const RowView& runs, const FrontierQuery& query, LeftOutRuns& left_out) {
  Grouping grouping(query, left_out);
  for (const RunRow& run : runs) grouping.add(run);
  return grouping.take();
}

}  // namespace tokenmark
