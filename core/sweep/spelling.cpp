#include "core/sweep/spelling.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

namespace tokenmark {
namespace {

// Levenshtein's distance, with a swap of neighbours counted as two.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  const std::string* nearest = nullptr;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  if (word.size() <= 64)
    for (const std::string& name : known)
      if (const std::size_t distance = edit_distance(word, name);
          distance < least && distance < name.size()) {
        least = distance;
        nearest = &name;
      }
  if (nearest != nullptr) return fmt::format(" (did you mean '{}'?)", *nearest);
  return known.empty() ? "" : fmt::format(" (known: {})", fmt::join(known, ", "));
}

}  // namespace tokenmark
