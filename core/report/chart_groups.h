// Runs sorted into the series and points of a chart: the first step of frontier_chart. Called for every change of a list
// of 100,000 runs, so each row is visited once, keys are hashed where they lie and nothing is copied but numbers. Refers to
// the runs. Pure function, any thread.
#pragma once

#include <array>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/chart.h"

namespace tokenmark {

// One run with its coordinates, and what a point says of it. `base` is what is interpolated: the figure itself, the
// throughput on priced axes, power ÷ energy on metered ones, where `power` is in W.
struct ChartSample {
  const RunRow* run = nullptr;
  double x = 0, base = 0, power = 0;
  RunId id = 0;
  std::int32_t concurrency = 0, repeat = 0;
  std::int32_t gpus = 0;                  // as a point's label counts them; 0: it says nothing of them
};

// The different ones among many texts of which most are equal.
class TextsSeen {
 public:
  void add(const SharedText& text) {
    if (last_ && *last_ == text) return;
    last_ = &text;
    seen_.insert(text.str());
  }
  const std::set<std::string_view>& all() const { return seen_; }

 private:
  const SharedText* last_ = nullptr;
  std::set<std::string_view> seen_;
};

struct ChartGroup {                       // a series
  std::string name;
  std::int32_t input = 0, output = 0;
  bool sample = false;
  std::vector<ChartSample> samples;       // repeats of one configuration beside each other
  std::vector<std::size_t> ends;          // where those of each point end
  RunId first_run = 0, last_run = 0;
  TextsSeen models, hardware, sources;
  bool random_weights = false;            // in one of them

  std::span<ChartSample> point(std::size_t index) {
    const std::size_t begin = index > 0 ? ends[index - 1] : 0;
    return {samples.data() + begin, ends[index] - begin};
  }
};

// Reasons why runs are missing, with how many: one note each.
class LeftOutRuns {
 public:
  enum class Why : std::uint8_t { unfinished, no_x, no_y, no_x_gpus, no_y_gpus, no_power, infinite_x, infinite_y, not_positive, count };
  void add(Why why) { ++counts_[static_cast<std::size_t>(why)]; }
  void add(const std::string& reason, std::size_t runs) { others_[reason] += runs; }
  std::vector<std::string> notes(const AxisMeaning& x, const AxisMeaning& y) const;   // y: of what is interpolated

 private:
  std::array<std::size_t, static_cast<std::size_t>(Why::count)> counts_{};
  std::map<std::string, std::size_t> others_;
};

// Oldest run first, samples (negative ids) before all.
std::vector<ChartGroup> chart_groups(const RowView& runs, const FrontierQuery& query, LeftOutRuns& left_out);

}  // namespace tokenmark
