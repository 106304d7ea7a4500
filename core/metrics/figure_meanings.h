// What the figures of a run mean, a sentence each: for reports and everything else that explains them. The definitions
// themselves are those of figures.h, steady.h and power.h. Immutable; any thread.
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

}  // namespace tokenmark
