#include "core/report/run_comparison.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/metrics/figure_meanings.h"
#include "core/report/run_sides.h"
#include "core/statistics/ratio.h"

namespace tokenmark {
namespace {

// One row of the comparison: a point with its repeats.
struct Side {
  RunSide rows;
  std::vector<RunId> chosen;            // by the reader; the first names it
  std::vector<ComparedRun> logs;        // empty: there are none
  std::string why_no_logs;
  std::optional<double> dollars_per_hour;

  RunId id() const { return chosen.front(); }
  bool sample() const { return id() < 0; }
  const RunRow& row() const {
    return *std::find_if(rows.begin(), rows.end(), [&](const RunRow& r) { return r.id == id(); });
  }
  std::string name() const { return run_name(row()) + (rows.size() > 1 ? fmt::format(" ({} repeats)", rows.size()) : ""); }
};

// What a row of the list says of the figure; absent: nothing.
std::optional<double> stored_figure(std::string_view key, const RunRow& row, const std::optional<double>& dollars_per_hour) {
  static const std::map<std::string_view, std::optional<double> RunRow::*> members = {
      {"ttft_s_p50", &RunRow::ttft_p50_s},
      {"ttft_s_p99", &RunRow::ttft_p99_s},
      {"tpot_s_p50", &RunRow::tpot_p50_s},
      {"tpot_s_p99", &RunRow::tpot_p99_s},
      {"e2e_s_p50", &RunRow::e2e_p50_s},
      {"interactivity_tok_s_p50", &RunRow::interactivity},
      {"output_tok_s", &RunRow::output_tok_s},
      {"total_tok_s_gpu", &RunRow::total_tok_s_gpu},
      {"joules_per_total_token", &RunRow::joules_per_total_token},
      {"goodput_req_s", &RunRow::goodput_req_s}};
  if (key == "dollars_per_mtok") {
    if (!row.total_tok_s_gpu || !(*row.total_tok_s_gpu > 0) || !dollars_per_hour) return std::nullopt;
    return dollars_per_million_tokens(*row.total_tok_s_gpu, *dollars_per_hour);
  }
  const auto member = members.find(key);
  return member == members.end() ? std::nullopt : row.*member->second;
}

// Of each run of a side; none where one has none.
std::vector<double> stored_figures(std::string_view key, const Side& side) {
  std::vector<double> values;
  for (const RunRow& row : side.rows) {
    const auto value = stored_figure(key, row, side.dollars_per_hour);
    if (!value || !(*value > 0) || !std::isfinite(*value)) return {};
    values.push_back(*value);
  }
  return values;
}

std::optional<double> geometric_mean(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const double value : values) sum += std::log(value);
  return std::exp(sum / static_cast<double>(values.size()));
}

ComparisonRow empty_row(const ComparableFigure& figure, const Side& side) {
  return {.series = side.name(), .run = side.id(), .sample = side.sample(),
          .figure = {figure.key, figure.name, figure.unit, figure_definition(figure.meaning), figure.better}};
}

// Of stored figures alone; nothing where neither side has one.
std::optional<ComparisonRow> stored_row(const ComparableFigure& figure, const Side& side, const Side& base,
                                        const std::string& why) {
  const std::vector<double> own = stored_figures(figure.key, side), of_base = stored_figures(figure.key, base);
  ComparisonRow row = empty_row(figure, side);
  row.value = geometric_mean(own);
  row.baseline = geometric_mean(of_base);
  if (!row.value && !row.baseline) return std::nullopt;
  row.why = !row.value ? "not measured" : !row.baseline ? "not measured of the baseline" : why;
  if (!row.value || !row.baseline) return row;
  row.change = *row.value / *row.baseline - 1;
  if (const auto ratio = interval_of_ratio(own, of_base)) {
    row.interval = Interval{ratio->low - 1, ratio->high - 1};
    row.verdict = judged(*row.interval, figure.better);
    row.why.clear();
  }
  return row;
}

ComparisonRow logged_row(const ComparableFigure& figure, const Side& side, const FigureComparison& compared) {
  ComparisonRow row = empty_row(figure, side);
  row.value = compared.a;
  row.baseline = compared.b;
  row.change = compared.change;
  row.interval = compared.interval;
  const bool better = (compared.change > 0) == (figure.better == Better::higher);
  row.verdict = !compared.differs ? ChangeVerdict::noise : better ? ChangeVerdict::better : ChangeVerdict::worse;
  return row;
}

// The chosen runs sorted into points. `alone`: every run is one.
std::vector<Side> sorted_into_points(const std::vector<RunRow>& runs, bool alone) {
  std::vector<Side> sides;
  std::map<std::pair<SweepId, std::string>, std::size_t> known;
  for (const RunRow& row : runs) {
    const bool has_point = !alone && row.id > 0 && row.sweep != 0;
    const auto [at, is_new] =
        has_point ? known.try_emplace({row.sweep, row.configuration_key.str()}, sides.size()) : std::pair(known.end(), true);
    if (is_new) sides.push_back({.rows = {row}, .chosen = {row.id}});
    else sides[at->second].rows.push_back(row), sides[at->second].chosen.push_back(row.id);
  }
  return sides;
}

void read_logs(Store* store, Side& side) {
  if (side.sample() || store == nullptr) {
    side.why_no_logs = "a published figure has no requests to judge by";
    return;
  }
  Result<std::vector<ComparedRun>> logs = compared_runs(*store, side.rows);
  if (!logs) {
    side.why_no_logs = fmt::format("no requests to judge by: {}", logs.error().message);
    return;
  }
  side.logs = *std::move(logs);
  for (ComparedRun& run : side.logs) run.dollars_per_hour = side.dollars_per_hour;
}

class Making {
 public:
  Making(Store* store, const RunComparisonQuery& query, std::stop_token stop)
      : store_(store), query_(query), stop_(std::move(stop)) {}

  Result<ComparisonTable> table(const std::vector<RunRow>& runs) {
    table_.of_runs = true;
    TOKENMARK_CHECK(choose(runs));
    if (sides_.size() > 1) TOKENMARK_CHECK(compare());
    arrange(table_, query_.only_significant);
    return std::move(table_);
  }

 private:
  Status choose(const std::vector<RunRow>& runs) {
    std::vector<RunRow> done;
    for (const RunRow& row : runs) {
      if (std::any_of(done.begin(), done.end(), [&](const RunRow& other) { return other.id == row.id; })) continue;
      if (row.state == RunState::done) done.push_back(row);
      else table_.notes.push_back(fmt::format("Run {} is {} and has nothing to compare", row.id, run_state_name(row.state)));
    }
    bool alone = query_.only_these;
    sides_ = sorted_into_points(done, alone);
    if (!alone && sides_.size() == 1 && done.size() > 1) {
      alone = true;
      sides_ = sorted_into_points(done, true);
      table_.notes.push_back("The runs are repeats of one point: each stands alone here");
    }
    if (sides_.empty()) return {};
    TOKENMARK_TRY(const PriceSet prices, find_price_set(query_.price_set));
    TOKENMARK_TRY(const std::string tier, find_price_tier(query_.tier));
    for (Side& side : sides_) {
      side.dollars_per_hour = prices.dollars_per_hour(side.row().hardware, tier);
      if (side.dollars_per_hour) std::tie(table_.price_set, table_.tier) = std::pair(prices.name, tier);
      if (alone || side.sample() || store_ == nullptr) continue;
      TOKENMARK_TRY(side.rows, run_side(*store_, side.chosen, false));
    }
    choose_baseline();
    return {};
  }

  void choose_baseline() {
    for (const Side& side : sides_) {
      table_.series.push_back(side.name());
      table_.runs.push_back(side.id());
    }
    const auto holds = [&](const Side& side) {
      return std::any_of(side.rows.begin(), side.rows.end(), [&](const RunRow& r) { return r.id == query_.baseline; });
    };
    const auto found = std::find_if(sides_.begin(), sides_.end(), holds);
    if (found != sides_.end()) baseline_ = static_cast<std::size_t>(found - sides_.begin());
    else if (query_.baseline != 0)
      table_.notes.push_back(
          fmt::format("The baseline, run {}, is not among these; {} takes its place", query_.baseline, sides_[0].name()));
    table_.baseline = sides_[baseline_].name();
  }

  Status compare() {
    for (Side& side : sides_) {
      if (stop_.stop_requested()) return fail(ErrorKind::cancelled, "the comparison was cancelled");
      read_logs(store_, side);
    }
    const Side& base = sides_[baseline_];
    std::vector<std::optional<Comparison>> made(sides_.size());
    std::vector<std::string> why(sides_.size());
    std::vector<Comparison*> all;
    for (std::size_t s = 0; s < sides_.size(); ++s) {
      if (stop_.stop_requested()) return fail(ErrorKind::cancelled, "the comparison was cancelled");
      why[s] = !base.why_no_logs.empty() ? base.why_no_logs : sides_[s].why_no_logs;
      if (s == baseline_ || !why[s].empty()) continue;
      if (auto compared = compare_runs(sides_[s].logs, base.logs)) all.push_back(&made[s].emplace(*std::move(compared)));
      else why[s] = compared.error().message;
    }
    correct_together(all);
    for (std::size_t s = 0; s < sides_.size(); ++s)
      if (s != baseline_) add_rows(sides_[s], base, made[s], why[s]);
    describe(all);
    return {};
  }

  void add_rows(const Side& side, const Side& base, const std::optional<Comparison>& compared, const std::string& why) {
    for (std::size_t k = 0; k < comparable_figures().size(); ++k) {
      const ComparableFigure& figure = comparable_figures()[k];
      const FigureComparison* one = compared ? &compared->figures[k] : nullptr;
      if (one && one->compared) table_.rows.push_back(logged_row(figure, side, *one));
      else if (auto row = stored_row(figure, side, base, one ? one->verdict : why)) table_.rows.push_back(*std::move(row));
    }
  }

  // Which methods were used, and what they do not cover: each once.
  void describe(const std::vector<Comparison*>& all) {
    std::vector<std::string> methods;
    const auto once = [](std::vector<std::string>& list, const std::string& text) {
      if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
    };
    for (const Comparison* comparison : all) {
      once(methods, comparison->method);
      for (const std::string& note : comparison->notes) once(table_.notes, note);
    }
    if (all.size() + 1 < sides_.size()) once(methods, "Welch's t over stored figures");
    table_.method = fmt::format("its 95 % interval by {}; noise: Holm's p over all figures of the table is 0.05 or more",
                                fmt::join(methods, " or "));
  }

  Store* store_;
  const RunComparisonQuery& query_;
  std::stop_token stop_;
  ComparisonTable table_;
  std::vector<Side> sides_;
  std::size_t baseline_ = 0;
};

}  // namespace

Result<ComparisonTable> run_comparison(Store* store, const std::vector<RunRow>& runs, const RunComparisonQuery& query,
                                       std::stop_token stop) {
  return Making(store, query, std::move(stop)).table(runs);
}

std::string run_name(const RunRow& row) {
  std::string name = row.id < 0 ? std::string("sample") : fmt::format("run {}", row.id);
  if (!row.series.empty()) name += fmt::format(" · {}", row.series.str());
  if (row.concurrency > 0) name += fmt::format(" · concurrency {}", row.concurrency);
  return name;
}

}  // namespace tokenmark
