#include "core/report/distributions.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/metrics/figures.h"
#include "core/report/csv_cells.h"

namespace tokenmark {
namespace {

constexpr std::size_t kAllSteps = 2000;     // up to so many samples each has its step
constexpr std::size_t kMiddleSteps = 1000;  // above: even shares, …
constexpr std::size_t kTailSteps = 64;      // … and so many samples at either end, getting sparser towards the middle
constexpr double kLongTail = 20;   // largest sample ÷ p90: from there on a linear histogram shows little
constexpr double kFewestBins = 8, kMostBins = 160;
constexpr std::size_t kMostBootstrapped = 4'000'000;  // above, an interval is narrower than a line and takes many seconds

std::string joined(const std::vector<RunId>& ids) { return fmt::format("{}", fmt::join(ids, ", ")); }

// ---- one series

// Ranks whose steps are drawn: rising, the first and the last always among them.
std::vector<std::size_t> drawn_ranks(std::size_t n) {
  std::set<std::size_t> ranks;
  if (n <= kAllSteps) {
    for (std::size_t i = 0; i < n; ++i) ranks.insert(ranks.end(), i);
    return {ranks.begin(), ranks.end()};
  }
  for (std::size_t k = 0; k <= kMiddleSteps; ++k) ranks.insert((n - 1) * k / kMiddleSteps);
  for (std::size_t d = 0; d < n / kMiddleSteps || d < kTailSteps; d += d < kTailSteps ? 1 : std::max<std::size_t>(1, d / 32)) {
    ranks.insert(std::min(d, n - 1));
    ranks.insert(n - 1 - std::min(d, n - 1));
  }
  return {ranks.begin(), ranks.end()};
}

// `sorted`: the finite samples; `all`: with the failed ones.
std::vector<XY> cumulative(const std::vector<double>& sorted, std::size_t all) {
  std::vector<XY> steps;
  for (const std::size_t rank : drawn_ranks(sorted.size())) {
    const XY step{sorted[rank], static_cast<double>(rank + 1) / static_cast<double>(all)};
    if (!steps.empty() && steps.back().x == step.x) steps.back().y = step.y;   // one step for equal samples
    else steps.push_back(step);
  }
  // Equal samples beyond the last rank drawn belong to the same step.
  for (XY& step : steps)
    step.y = static_cast<double>(std::upper_bound(sorted.begin(), sorted.end(), step.x) - sorted.begin()) / static_cast<double>(all);
  return steps;
}

std::vector<DistributionMarker> markers(std::vector<double> samples, std::vector<std::string>& withheld) {
  std::vector<DistributionMarker> found;
  const auto take = [&](double p, const Percentile& percentile) {
    if (!percentile.value) withheld.push_back(percentile.why_absent);
    else if (std::isinf(*percentile.value)) withheld.push_back(fmt::format("p{:g} is infinite: too many failed", p * 100));
    else found.push_back({p, *percentile.value, percentile.interval});
  };
  constexpr double kShares[] = {0.5, 0.9, 0.99, 0.999};
  if (samples.size() > kMostBootstrapped) {
    std::sort(samples.begin(), samples.end());
    for (const double p : kShares) take(p, {interpolated(samples, p), {}, {}});
  } else {
    const Percentiles percentiles(std::move(samples));
    for (const double p : kShares) take(p, percentiles.at(p));
  }
  return found;
}

struct Prepared {
  DistributionSeries series;
  std::vector<double> sorted;         // finite samples
  std::vector<std::string> withheld;
};

Prepared prepare(const LoggedRun& run, LatencyFigure figure, std::optional<std::uint16_t> traffic_class) {
  Prepared made;
  std::vector<double> samples = latency_samples(*run.log, figure, traffic_class);
  DistributionSeries& series = made.series;
  series.run = run.row.id;
  series.samples = samples.size();
  made.sorted = samples;
  std::erase_if(made.sorted, [](double x) { return !std::isfinite(x); });
  std::sort(made.sorted.begin(), made.sorted.end());
  series.failed = samples.size() - made.sorted.size();
  series.cumulative = cumulative(made.sorted, samples.size());
  series.markers = markers(std::move(samples), made.withheld);
  return made;
}

// ---- bins that all series share

// Freedman and Diaconis: 2·IQR·n^(−1/3) (Z. Wahrscheinlichkeitstheorie 57, 453, 1981), on x or on its logarithm.
double bin_width(const std::vector<double>& sorted, bool log) {
  const auto at = [&](double p) { return log ? std::log(interpolated(sorted, p)) : interpolated(sorted, p); };
  return 2 * (at(0.75) - at(0.25)) / std::cbrt(static_cast<double>(sorted.size()));
}

std::vector<double> bin_edges(const std::vector<Prepared>& all, bool log) {
  double low = INFINITY, high = -INFINITY, width = INFINITY;
  for (const Prepared& one : all) {
    std::vector<double> placed = one.sorted;
    if (log) placed.erase(placed.begin(), std::upper_bound(placed.begin(), placed.end(), 0.0));
    if (placed.empty()) continue;
    low = std::min(low, placed.front());
    high = std::max(high, placed.back());
    if (const double own = bin_width(placed, log); own > 0) width = std::min(width, own);
  }
  if (low > high) return {};
  if (low == high) {   // all samples are equal: one bin around them
    const double room = low != 0 ? std::abs(low) * 0.05 : 1e-6;
    return {low - room, low + room};
  }
  const double from = log ? std::log(low) : low, to = log ? std::log(high) : high;
  const double wanted = std::isfinite(width) ? std::ceil((to - from) / width) : kFewestBins;
  const auto bins = static_cast<std::size_t>(std::clamp(wanted, kFewestBins, kMostBins));
  std::vector<double> edges;
  for (std::size_t i = 0; i <= bins; ++i) {
    const double at = from + (to - from) * static_cast<double>(i) / static_cast<double>(bins);
    edges.push_back(log ? std::exp(at) : at);
  }
  edges.front() = low;
  edges.back() = high;
  return edges;
}

// Bins hold their lower edge; the last one its upper edge too.
std::vector<double> bin_shares(const std::vector<double>& sorted, const std::vector<double>& edges, std::size_t all) {
  std::vector<double> shares;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const auto begin = std::lower_bound(sorted.begin(), sorted.end(), edges[i]);
    const auto end = i + 2 == edges.size() ? std::upper_bound(begin, sorted.end(), edges[i + 1])
                                           : std::lower_bound(begin, sorted.end(), edges[i + 1]);
    shares.push_back(static_cast<double>(end - begin) / static_cast<double>(all));
  }
  return shares;
}

// ---- words

std::string series_name(const RunRow& row, bool with_series) {
  std::string name = fmt::format("Run {}", row.id);
  if (with_series) name += ": " + row.series;
  if (row.concurrency > 0) name += fmt::format(", concurrency {}", row.concurrency);
  return name;
}

bool share_a_series(const std::vector<LoggedRun>& runs) {
  return std::all_of(runs.begin(), runs.end(), [&](const LoggedRun& r) { return r.row.series == runs.front().row.series; });
}

void add_notes(const Prepared& one, const LatencyMeaning& figure, DistributionChart& chart) {
  const DistributionSeries& series = one.series;
  if (series.samples == 0) {
    chart.notes.push_back(fmt::format("{}: no {} was measured.", series.name, figure.short_name));
    return;
  }
  if (series.failed > 0)
    chart.notes.push_back(fmt::format("{}: {} of {} samples are failed requests; they count as infinite, so the curve ends at {:.4g} %.",
                                      series.name, series.failed, series.samples,
                                      100.0 * static_cast<double>(series.samples - series.failed) / static_cast<double>(series.samples)));
  if (!one.withheld.empty())
    chart.notes.push_back(fmt::format("{}: withheld: {}.", series.name, fmt::join(one.withheld, "; ")));
  if (series.samples > kMostBootstrapped)
    chart.notes.push_back(fmt::format("{}: percentiles without intervals, there are {} samples.", series.name, series.samples));
  if (chart.histogram && !chart.log_x && !one.sorted.empty() && interpolated(one.sorted, 0.9) * kLongTail < one.sorted.back())
    chart.notes.push_back(fmt::format("{}: a few samples are far longer than the rest; a logarithmic axis shows both.", series.name));
  const auto unplaced = std::upper_bound(one.sorted.begin(), one.sorted.end(), 0.0) - one.sorted.begin();
  if (chart.log_x && unplaced > 0)
    chart.notes.push_back(fmt::format("{}: {} samples are 0 or less and have no place on a logarithmic axis.", series.name, unplaced));
}

std::vector<LimitLine> limit_lines(const std::vector<LoggedRun>& runs, LatencyFigure figure) {
  std::map<double, std::vector<RunId>> by_value;
  for (const LoggedRun& run : runs)
    if (const auto limit = limit_of(run.limits, figure)) by_value[*limit].push_back(run.row.id);
  std::vector<LimitLine> lines;
  for (const auto& [value, ids] : by_value)
    lines.push_back({value, runs.size() == ids.size() ? "limit" : fmt::format("limit of run{} {}", ids.size() > 1 ? "s" : "", joined(ids))});
  return lines;
}

// The run as a whole, then its traffic classes.
void add_run(const LoggedRun& run, const DistributionQuery& query, bool with_series, std::vector<Prepared>& all) {
  all.push_back(prepare(run, query.figure, std::nullopt));
  all.back().series.name = series_name(run.row, with_series);
  const std::vector<std::string>& classes = run.log->class_names;
  for (std::size_t c = 0; classes.size() > 1 && c < classes.size(); ++c) {
    Prepared part = prepare(run, query.figure, static_cast<std::uint16_t>(c));
    part.series.traffic_class = classes[c];
    part.series.name = series_name(run.row, with_series) + " · " + classes[c];
    all.push_back(std::move(part));
  }
}

}  // namespace

DistributionChart distribution_chart(const std::vector<LoggedRun>& runs, const DistributionQuery& query) {
  DistributionChart chart;
  chart.figure = query.figure;
  chart.histogram = query.histogram;
  chart.log_x = query.log_x;
  const LatencyMeaning& figure = meaning(query.figure);
  chart.title = fmt::format("{}: {}", figure.label, query.histogram ? "histogram" : "cumulative distribution");
  if (runs.empty()) return chart;
  const bool one_series = share_a_series(runs);
  if (one_series) chart.subtitle = runs.front().row.series;
  std::vector<Prepared> all;
  for (const LoggedRun& run : runs) add_run(run, query, !one_series, all);
  chart.bin_edges = bin_edges(all, query.log_x);
  chart.limits = limit_lines(runs, query.figure);
  for (Prepared& one : all) {
    if (one.series.samples > 0) one.series.bin_shares = bin_shares(one.sorted, chart.bin_edges, one.series.samples);
    add_notes(one, figure, chart);
    chart.series.push_back(std::move(one.series));
  }
  if (query.figure == LatencyFigure::itl && !chart.limits.empty())
    chart.notes.push_back("The limit holds for the largest inter-token latency of a request.");
  return chart;
}

double share_at(const DistributionSeries& series, double x) {
  const auto after = std::upper_bound(series.cumulative.begin(), series.cumulative.end(), x,
                                      [](double value, const XY& step) { return value < step.x; });
  return after == series.cumulative.begin() ? 0 : std::prev(after)->y;
}

std::string distribution_csv(const DistributionChart& chart) {
  const LatencyMeaning& figure = meaning(chart.figure);
  std::string csv = fmt::format("# {}\n# definitions: {}\n# {}: {} [s] = {}\n", csv_line(chart.title), kDefinitions, figure.key,
                                figure.label, figure.definition);
  csv += "# cumulative: share of the samples that are at most value_s; bin: share of the samples in low_s … high_s;\n"
         "# percentile: value_s at the share, with its 95 % interval; samples of failed requests count as infinite\n";
  for (const std::string& note : chart.notes) csv += "# note: " + csv_line(note) + "\n";
  csv += "series,run_id,class,samples,failed,kind,share,value_s,low_s,high_s\n";
  for (const LimitLine& limit : chart.limits) csv += fmt::format("{},,,,,limit,,{},,\n", csv_cell(limit.label), limit.value);
  for (const DistributionSeries& series : chart.series) {
    const std::string head = fmt::format("{},{},{},{},{}", csv_cell(series.name), series.run, csv_cell(series.traffic_class),
                                         series.samples, series.failed);
    for (const DistributionMarker& m : series.markers)
      csv += fmt::format("{},percentile,{},{},{}\n", head, m.p, m.value,
                         m.interval ? fmt::format("{},{}", m.interval->low, m.interval->high) : ",");
    for (const XY& step : series.cumulative) csv += fmt::format("{},cumulative,{},{},,\n", head, step.y, step.x);
    for (std::size_t i = 0; i < series.bin_shares.size(); ++i)
      csv += fmt::format("{},bin,{},,{},{}\n", head, series.bin_shares[i], chart.bin_edges[i], chart.bin_edges[i + 1]);
  }
  return csv;
}

}  // namespace tokenmark
