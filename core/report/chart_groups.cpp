#include "core/report/chart_groups.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
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
std::size_t mixed(std::size_t a, std::size_t b) { return a * 0x9E3779B97F4A7C15u ^ b; }
struct KeyHash {
  std::size_t operator()(const SeriesKey& key) const {
    const auto lengths = static_cast<std::size_t>(key.input) << 32 | static_cast<std::uint32_t>(key.output);
    return mixed(mixed(std::hash<std::string_view>()(key.name), lengths), key.sample);
  }
};

// Which point of its series a configuration is: a hash table in one piece, since there is an entry for nearly every run.
class PointIndex {
 public:
  explicit PointIndex(std::size_t runs) : slots_(std::bit_ceil(2 * runs + 1)) {}

  // The number it was given first.
  std::uint32_t number(std::size_t group, std::string_view configuration, std::uint32_t next) {
    const std::size_t hash = mixed(std::hash<std::string_view>()(configuration), group), mask = slots_.size() - 1;
    for (std::size_t i = (hash ^ hash >> 32) & mask;; i = (i + 1) & mask) {
      Slot& slot = slots_[i];
      if (slot.configuration.data() == nullptr) {
        slot = {configuration, static_cast<std::uint32_t>(group), next};
        return next;
      }
      if (slot.group == group && slot.configuration == configuration) return slot.point;
    }
  }

 private:
  struct Slot {
    std::string_view configuration;   // without data: free
    std::uint32_t group = 0, point = 0;
  };
  std::vector<Slot> slots_;           // twice as many as runs at least: one is always free
};

bool is_sample(const RunRow& run) { return run.source.starts_with("sample:"); }

// What stays the same while models and precisions are traded for speed.
std::string traded_series(const RunRow& run) {
  const std::string& hardware = run.hardware.empty() ? run.device : run.hardware;
  return run.framework.empty() ? hardware : hardware + " · " + run.framework;
}

class Grouping {
 public:
  Grouping(std::size_t runs, const FrontierQuery& query, LeftOutRuns& left_out)
      : query_(query), left_out_(left_out), y_(meaning(query.y).priced ? AxisFigure::total_tok_s_gpu : query.y),
        traded_(is_quality(query.x) || is_quality(query.y)),
        positive_y_(query.log_y || meaning(query.y).priced || is_metered_energy(query.y)), points_(runs) {}

  void add(const RunRow& run) {
    if (run.state == RunState::running) return;
    if (run.state != RunState::done) return left_out_.add(Why::unfinished);
    const auto x = figure_of(run, query_.x, query_.task), y = figure_of(run, y_, query_.task);
    if (!x) return left_out_.add(lacks_gpus(run, query_.x) ? Why::no_x_gpus : Why::no_x);
    if (!y) return left_out_.add(lacks_gpus(run, y_) ? Why::no_y_gpus : Why::no_y);
    if (!std::isfinite(*x)) return left_out_.add(Why::infinite_x);
    if (!std::isfinite(*y)) return left_out_.add(Why::infinite_y);
    if ((query_.log_x && *x <= 0) || (positive_y_ && *y <= 0)) return left_out_.add(Why::not_positive);
    if (!is_metered_energy(y_)) return place(run, *x, *y, 0);
    if (!run.power_w_gpu || !(*run.power_w_gpu > 0)) return left_out_.add(Why::no_power);
    place(run, *x, *run.power_w_gpu / *y, *run.power_w_gpu);
  }

  std::vector<ChartGroup> take() {
    std::vector<ChartGroup> groups;
    for (Growing& growing : groups_) groups.push_back(arranged(std::move(growing)));
    std::sort(groups.begin(), groups.end(), [](const ChartGroup& a, const ChartGroup& b) { return a.first_run < b.first_run; });
    return groups;
  }

 private:
  struct Growing {
    ChartGroup group;                       // its samples as they came
    std::vector<std::uint32_t> point;       // of each sample
    std::uint32_t points = 0;
  };

  static bool lacks_gpus(const RunRow& run, AxisFigure figure) { return run.gpus == 0 && meaning(figure).key.ends_with("_gpu"); }

  void place(const RunRow& run, double x, double base, double power) {
    const std::size_t at = group_of(run);
    Growing& growing = groups_[at];
    ChartGroup& group = growing.group;
    group.first_run = std::min(group.first_run, run.id);
    group.last_run = std::max(group.last_run, run.id);
    group.models.add(run.model);
    group.hardware.add(run.hardware);
    group.sources.add(run.source);
    group.random_weights = group.random_weights || run.random_weights;
    const bool counted = run.gpus > 1 || (run.gpus == 1 && run.device != "cpu");
    group.samples.push_back({&run, x, base, power, run.id, run.concurrency, run.repeat, counted ? run.gpus : 0});
    const std::uint32_t next = growing.points;   // without a configuration it is a point of its own
    const std::uint32_t point = run.configuration_key.empty() ? next : points_.number(at, run.configuration_key, next);
    growing.points += point == next ? 1 : 0;
    growing.point.push_back(point);
  }

  std::size_t group_of(const RunRow& run) {
    const std::string_view name = traded_ ? keep(traded_series(run)) : std::string_view(run.series);
    const SeriesKey wanted{name, run.input, run.output, is_sample(run)};
    const auto [entry, added] = series_.try_emplace(wanted, groups_.size());
    if (added) {
      ChartGroup& group = groups_.emplace_back().group;
      group.name = name;
      group.input = run.input;
      group.output = run.output;
      group.sample = wanted.sample;
      group.first_run = std::numeric_limits<RunId>::max();
      group.last_run = std::numeric_limits<RunId>::min();
    }
    return entry->second;
  }

  // Repeats beside each other, points and repeats in the order they came.
  static ChartGroup arranged(Growing growing) {
    ChartGroup& group = growing.group;
    group.ends.assign(growing.points, 0);
    for (const std::uint32_t point : growing.point) ++group.ends[point];
    std::inclusive_scan(group.ends.begin(), group.ends.end(), group.ends.begin());
    if (growing.points == group.samples.size()) return std::move(group);   // they are already
    std::vector<ChartSample> samples(group.samples.size());
    std::vector<std::size_t> from = group.ends;
    for (std::size_t i = samples.size(); i-- > 0;) samples[--from[growing.point[i]]] = group.samples[i];
    group.samples = std::move(samples);
    return std::move(group);
  }

  // Texts that keys refer to stay where they are.
  std::string_view keep(std::string name) { return *kept_.insert(std::move(name)).first; }

  const FrontierQuery& query_;
  LeftOutRuns& left_out_;
  AxisFigure y_;
  bool traded_, positive_y_;
  std::vector<Growing> groups_;
  std::unordered_map<SeriesKey, std::size_t, KeyHash> series_;
  PointIndex points_;
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
  std::map<std::string, std::size_t> all = others_;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i] > 0) all[reason(static_cast<Why>(i), x, y)] += counts_[i];
  std::vector<std::string> notes;
  for (const auto& [why, count] : all) notes.push_back(fmt::format("{} run{} left out: {}", count, count == 1 ? "" : "s", why));
  return notes;
}

std::vector<ChartGroup> chart_groups(const RowView& runs, const FrontierQuery& query, LeftOutRuns& left_out) {
  Grouping grouping(runs.size(), query, left_out);
  for (const RunRow& run : runs) grouping.add(run);
  return grouping.take();
}

}  // namespace tokenmark
