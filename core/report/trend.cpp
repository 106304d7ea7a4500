#include "core/report/trend.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "core/report/newest.h"
#include "core/report/software.h"
#include "core/report/ticks.h"
#include "core/statistics/change_points.h"

namespace tokenmark {
namespace {

struct StateKey {
  std::string framework, name;
  auto operator<=>(const StateKey&) const = default;
};
struct SeriesKey {
  std::string name;
  std::int32_t input = 0, output = 0;
  bool sample = false;
  auto operator<=>(const SeriesKey&) const = default;
};

// The runs of one series in one state.
struct Cell {
  std::vector<RunRow> rows;
  std::set<const SoftwareFacts*> facts;
  Chart chart;                       // of these runs alone: no series where none of them has the figures
  const ChartSeries* frontier() const { return chart.series.empty() ? nullptr : &chart.series.front(); }
};

RunId last_run(const std::map<StateKey, Cell>& states) {
  RunId last = std::numeric_limits<RunId>::min();
  for (const auto& [state, cell] : states)
    for (const RunRow& run : cell.rows) last = std::max(last, run.id);
  return last;
}

struct State {
  std::string first, last;
  RunId first_run = 0;
};

bool is_sample(const RunRow& run) { return run.source.starts_with("sample:"); }

// The facts of runs; equal environments are read once.
class Known {
 public:
  explicit Known(const Environments& environments) : environments_(environments) {}
  const SoftwareFacts* of(const RunRow& run) {
    const auto found = environments_.find(run.id);
    const std::string* text = found == environments_.end() ? nullptr : found->second.get();
    SoftwareFacts row;
    add_row_facts(run, row);
    const auto [entry, added] = facts_.try_emplace({text, row}, row);
    if (added && text != nullptr) {
      if (auto read = facts_of(*text)) {
        add_row_facts(run, *read);
        entry->second = *std::move(read);
      } else {
        broken_.insert(text);
      }
    }
    if (broken_.contains(text)) ++unread;
    return &entry->second;
  }
  std::size_t unread = 0;            // runs whose environment cannot be read

 private:
  const Environments& environments_;
  std::map<std::pair<const std::string*, SoftwareFacts>, SoftwareFacts> facts_;
  std::set<const std::string*> broken_;
};

class Maker {
 public:
  Maker(const Environments& environments, const TrendQuery& query) : query_(query), known_(environments) {
    frontier_ = {.x = query.x, .y = query.figure, .price_set = query.price_set, .tier = query.tier, .task = query.task};
  }

  Result<Trend> make(const RowView& runs) {
    if (query_.at && !std::isfinite(*query_.at)) return fail(ErrorKind::invalid_input, "the x at which figures are read must be a number, it is {}", *query_.at);
    std::vector<RunRow> rows;
    for (const RunRow& run : runs)
      if (run.state != RunState::running) rows.push_back(same_software_series(run));
    TOKENMARK_TRY(const Chart all, frontier_chart(rows, frontier_));   // checks the query, counts what is left out
    for (const RunRow& run : rows)
      if (run.state == RunState::done) add(run);
    const std::size_t too_many = keep_newest(series_, query_.most_series, [](const auto& one) { return last_run(one.second); });
    for (auto& [key, cells] : series_)
      for (auto& [state, cell] : cells) {
        TOKENMARK_TRY(cell.chart, frontier_chart(cell.rows, frontier_));
      }
    trend_ = {.subtitle = all.subtitle, .figure = query_.figure, .x = query_.x, .at = query_.at.value_or(0), .by = query_.by,
              .price_set = all.price_set, .price_date = all.price_date, .tier = all.tier, .unpriced = all.unpriced};
    if (!query_.at) trend_.at = middle();
    trend_.title = trend_title(trend_);
    number_states();
    for (const auto& [key, cells] : series_) add_series(key, cells);
    add_notes(all);
    if (too_many > 0) trend_.notes.push_back(left_out_text(too_many, query_.most_series));
    return std::move(trend_);
  }

 private:
  // The series' name without the version of the framework.
  static RunRow same_software_series(RunRow run) {
    const std::string name = split_framework(run.framework).name;
    std::string series = run.series;
    if (const std::size_t at = run.framework.empty() ? std::string::npos : series.find(run.framework.str()); at != std::string::npos)
      run.series = series.replace(at, run.framework.size(), name);
    return run;
  }

  void add(const RunRow& run) {
    const SoftwareFacts* facts = known_.of(run);
    std::string state = software_state(run, *facts, query_.by);
    if (state.empty() && query_.by != TrendBy::date) {
      state = software_state(run, *facts, TrendBy::date);
      ++(state.empty() ? nowhere_ : by_day_);
    } else if (state.empty()) {
      ++nowhere_;
    }
    if (state.empty()) return;
    const bool of_framework = query_.by == TrendBy::version || query_.by == TrendBy::commit;
    const StateKey key{of_framework ? split_framework(run.framework).name : std::string(), state};
    State& known = states_.try_emplace(key, State{run.started, run.started, run.id}).first->second;
    known.first = std::min(known.first, run.started);
    known.last = std::max(known.last, run.started);
    known.first_run = std::min(known.first_run, run.id);
    Cell& cell = series_[{run.series, run.input, run.output, is_sample(run)}][key];
    cell.facts.insert(facts);
    cell.rows.push_back(run);
    cell.rows.back().framework = split_framework(run.framework).name;   // quality's series are made of it
  }

  void number_states() {
    std::vector<std::tuple<std::string, RunId, StateKey>> order;
    std::set<std::string> frameworks;
    for (const auto& [key, state] : states_) {
      order.emplace_back(state.first, state.first_run, key);
      frameworks.insert(key.framework);
    }
    std::sort(order.begin(), order.end());
    for (const auto& [first, run, key] : order) {
      const State& state = states_.at(key);
      numbers_[key] = trend_.states.size();
      const bool prefixed = frameworks.size() > 1 && !key.framework.empty();
      trend_.states.push_back({prefixed ? key.framework + " " + key.name : key.name, state.first, state.last});
    }
  }

  // The middle of the x that most frontiers reach, rounded where that stays inside; of concurrencies, one that was measured.
  double middle() const {
    std::map<double, std::int64_t> edges;   // frontiers that begin, less those that have ended just before
    std::vector<double> knots;
    for (const auto& [key, cells] : series_)
      for (const auto& [state, cell] : cells)
        if (const ChartSeries* frontier = cell.frontier(); frontier != nullptr && !frontier->knots.empty()) {
          ++edges[frontier->knots.front().x];
          --edges[std::nextafter(frontier->knots.back().x, INFINITY)];
          for (const XY& knot : frontier->knots) knots.push_back(knot.x);
        }
    std::int64_t open = 0, most = 0;
    double low = 0, high = 0;
    for (auto edge = edges.begin(); edge != edges.end(); ++edge) {
      open += edge->second;
      if (open <= most || std::next(edge) == edges.end()) continue;
      most = open;
      low = edge->first;
      high = std::nextafter(std::next(edge)->first, -INFINITY);
    }
    const double centre = low + (high - low) / 2;
    if (meaning(query_.x).neutral) {
      double nearest = low;
      for (const double x : knots)
        if (x >= low && x <= high && std::abs(x - centre) < std::abs(nearest - centre)) nearest = x;
      return nearest;
    }
    const double step = std::pow(10, std::floor(std::log10(std::max(centre, 1e-9))) - 1), rounded = std::round(centre / step) * step;
    return rounded >= low && rounded <= high ? rounded : centre;
  }

  static std::vector<const SoftwareFacts*> facts(const Cell& cell) { return {cell.facts.begin(), cell.facts.end()}; }

  void add_series(const SeriesKey& key, const std::map<StateKey, Cell>& cells) {
    std::map<std::size_t, const Cell*> by_state;
    for (const auto& [state, cell] : cells) by_state[numbers_.at(state)] = &cell;
    TrendSeries series{.name = key.name};
    const Cell* earlier = nullptr;
    std::size_t beyond = 0, valued = 0;
    for (const auto& [state, cell] : by_state) {
      TrendPoint point{.state = state};
      const ChartSeries* frontier = cell->frontier();
      if (frontier == nullptr) continue;   // no run with these figures: counted by the frontier's notes
      point.value = value_at(cell->chart, *frontier, trend_.at);
      point.range = range_at(cell->chart, *frontier, trend_.at);
      for (const RunRow& run : cell->rows) point.runs.push_back(run.id);
      if (earlier != nullptr) point.differs = difference(facts(*earlier), facts(*cell));
      earlier = cell;
      ++(point.value ? valued : beyond);
      series.points.push_back(std::move(point));
    }
    if (series.points.empty()) return;
    if (lengths_differ()) series.name += key.input > 0 ? fmt::format(" ({} in, {} out)", key.input, key.output) : " (lengths unknown)";
    if (beyond > 0)
      trend_.notes.push_back(fmt::format("{}: {} of {} states not measured at {} = {}", series.name, beyond, series.points.size(),
                                         meaning(trend_.x).key, number_text(trend_.at)));
    if (valued > 1 && valued < kFewestForChanges) ++short_series_;
    add_levels(series, by_state);
    trend_.series.push_back(std::move(series));
  }

  bool lengths_differ() const {
    std::set<std::pair<std::int32_t, std::int32_t>> lengths;
    for (const auto& [key, cells] : series_) lengths.insert({key.input, key.output});
    return lengths.size() > 1;
  }

  void add_levels(TrendSeries& series, const std::map<std::size_t, const Cell*>& by_state) {
    std::vector<double> values;
    std::vector<std::size_t> states;
    for (const TrendPoint& point : series.points)
      if (point.value) {
        values.push_back(*point.value);
        states.push_back(point.state);
      }
    const auto found = find_levels(values);
    if (!found) {
      trend_.notes.push_back(fmt::format("{}: changes are not looked for: a value is not above 0", series.name));
      return;
    }
    for (const Level& level : found->levels) series.levels.push_back({states[level.from], states[level.to - 1], level.value});
    const bool higher = meaning(query_.figure).better == Better::higher;
    for (const ChangePoint& change : found->changes) {
      const std::size_t before = states[change.at - 1], after = states[change.at];
      series.changes.push_back({before, after, change.change, change.interval, change.p, (change.change > 0) == higher,
                                difference(facts(*by_state.at(before)), facts(*by_state.at(after)))});
    }
  }

  void add_notes(const Chart& all) {
    const auto runs = [](std::size_t count) { return fmt::format("{} run{}", count, count == 1 ? "" : "s"); };
    if (short_series_ > 0)
      trend_.notes.push_back(fmt::format("{} series with fewer than {} states: changes of level are not looked for", short_series_, kFewestForChanges));
    if (by_day_ > 0)
      trend_.notes.push_back(fmt::format("{} named no {}: they stand at the day of their measurement", runs(by_day_), trend_axis(query_.by).key));
    if (nowhere_ > 0) trend_.notes.push_back(fmt::format("{} left out: no {} and no date", runs(nowhere_), trend_axis(query_.by).key));
    if (known_.unread > 0) trend_.notes.push_back(fmt::format("The stored environment of {} cannot be read", runs(known_.unread)));
    trend_.notes.insert(trend_.notes.end(), all.notes.begin(), all.notes.end());
  }

  TrendQuery query_;
  FrontierQuery frontier_;
  Known known_;
  Trend trend_;
  std::map<SeriesKey, std::map<StateKey, Cell>> series_;
  std::map<StateKey, State> states_;
  std::map<StateKey, std::size_t> numbers_;
  std::size_t by_day_ = 0, nowhere_ = 0, short_series_ = 0;
};

}  // namespace

const std::vector<TrendAxis>& trend_axes() {
  static const std::vector<TrendAxis> axes = {
      {TrendBy::version, "version", "Version", "the framework's version"},
      {TrendBy::commit, "commit", "Commit", "the commit that the engine was built from"},
      {TrendBy::driver, "driver", "Driver", "the device's driver"},
      {TrendBy::image, "image", "Image", "the container image that the framework came in"},
      {TrendBy::date, "date", "Date", "the day of the measurement, UTC"}};
  return axes;
}

const TrendAxis& trend_axis(TrendBy by) { return trend_axes().at(static_cast<std::size_t>(by)); }

Result<TrendBy> trend_by_from_key(std::string_view key) {
  std::string known;
  for (const TrendAxis& axis : trend_axes()) {
    if (axis.key == key) return axis.by;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", axis.key);
  }
  return fail(ErrorKind::invalid_input, "there is no history by '{}'; there are: {}", key, known);
}

Result<Trend> trend(const RowView& runs, const Environments& environments, const TrendQuery& query) {
  return Maker(environments, query).make(runs);
}

}  // namespace tokenmark
