#include "core/report/chart_part.h"

#include <algorithm>

namespace tokenmark {
namespace {

bool within(double value, double low, double high) { return value >= low && value <= high; }

bool overlaps(double from, double to, const ViewRange& view) { return to >= view.x_low && from <= view.x_high; }

// Cells whose rectangle lies outside are emptied: a grid keeps its shape, and empty cells are in no file.
void cut(TimelineGrid& grid, const ViewRange& view) {
  if (grid.columns <= 0) return;
  const double width = (grid.time.to_s - grid.time.from_s) / grid.columns;
  for (std::size_t i = 0; i < grid.cells.size(); ++i) {
    const auto columns = static_cast<std::size_t>(grid.columns);
    const double from = grid.time.from_s + static_cast<double>(i % columns) * width;
    const double slot = grid.first_slot + static_cast<double>(i / columns) * grid.slots_per_row;
    if (!overlaps(from, from + width, view) || slot + grid.slots_per_row - 1 < view.y_low || slot > view.y_high)
      grid.cells[i] = {};
  }
}

}  // namespace

Chart cut_to(Chart chart, const ViewRange& view) {
  for (ChartSeries& series : chart.series)
    std::erase_if(series.points, [&](const ChartPoint& p) {
      return !within(p.x, view.x_low, view.x_high) || !within(p.y, view.y_low, view.y_high);
    });
  std::erase_if(chart.series, [](const ChartSeries& series) { return series.points.empty(); });
  return chart;
}

DistributionChart cut_to(DistributionChart chart, const ViewRange& view) {
  std::size_t first = 0, last = chart.bin_edges.empty() ? 0 : chart.bin_edges.size() - 1;
  while (first < last && chart.bin_edges[first + 1] < view.x_low) ++first;
  while (last > first && chart.bin_edges[last - 1] > view.x_high) --last;
  const auto at = [](auto& list, std::size_t n) {
    return list.begin() + static_cast<std::ptrdiff_t>(std::min(n, list.size()));
  };
  for (DistributionSeries& series : chart.series) {
    std::erase_if(series.cumulative, [&](const XY& step) { return !within(step.x, view.x_low, view.x_high); });
    std::erase_if(series.markers,
                  [&](const DistributionMarker& marker) { return !within(marker.value, view.x_low, view.x_high); });
    series.bin_shares.erase(at(series.bin_shares, last), series.bin_shares.end());
    series.bin_shares.erase(series.bin_shares.begin(), at(series.bin_shares, first));
  }
  if (!chart.bin_edges.empty()) chart.bin_edges = {at(chart.bin_edges, first), at(chart.bin_edges, last + 1)};
  return chart;
}

Timeline cut_to(Timeline timeline, const ViewRange& view) {
  std::erase_if(timeline.bars, [&](const TimelineBar& bar) {
    return !overlaps(bar.intended_s, bar.end_s, view) || !within(bar.slot, view.y_low - 0.5, view.y_high + 0.5);
  });
  if (timeline.grid) cut(*timeline.grid, view);
  std::erase_if(timeline.bins, [&](const TimelineBin& bin) { return !overlaps(bin.time.from_s, bin.time.to_s, view); });
  const auto beside = [&](const XY& at) { return !within(at.x, view.x_low, view.x_high); };
  std::erase_if(timeline.power_w, beside);
  for (TimelineCurve& meter : timeline.meters) std::erase_if(meter.values, beside);
  return timeline;
}

Trend cut_to(Trend trend, const ViewRange& view) {
  const auto seen = [&](std::size_t state) { return within(static_cast<double>(state), view.x_low, view.x_high); };
  for (TrendSeries& series : trend.series) {
    std::erase_if(series.points, [&](const TrendPoint& p) {
      return !seen(p.state) || (p.value && !within(*p.value, view.y_low, view.y_high));
    });
    std::erase_if(series.levels, [&](const TrendLevel& level) {
      return !overlaps(static_cast<double>(level.from), static_cast<double>(level.to), view);
    });
    std::erase_if(series.changes, [&](const TrendChange& change) { return !seen(change.before) && !seen(change.after); });
  }
  return trend;
}

}  // namespace tokenmark
