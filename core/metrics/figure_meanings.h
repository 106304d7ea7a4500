// What the figures of a run mean, a phrase each, for people: the one place that axes of charts, reports, comparisons and the
// window take it from. How they are computed is in figures.h, steady.h and power.h. Immutable; any thread.
#pragma once

#include <string_view>
#include <vector>

namespace tokenmark {

struct FigureMeaning {
  std::string_view key;         // as in to_json(Figures): "ttft_s", "goodput"
  std::string_view label, unit; // "Time to first token (TTFT)", "s"
  std::string_view definition;
};
const std::vector<FigureMeaning>& figure_meanings();
const FigureMeaning* figure_meaning(std::string_view key);  // null: no such figure
std::string_view figure_definition(std::string_view key);   // empty: no such figure

}  // namespace tokenmark
