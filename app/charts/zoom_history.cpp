#include "app/charts/zoom_history.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMostViews = 100;

std::optional<ViewRange> step(std::vector<ViewRange>& from, std::vector<ViewRange>& to, const ViewRange& current) {
  if (from.empty()) return std::nullopt;
  const ViewRange view = from.back();
  from.pop_back();
  to.push_back(current);
  return view;
}

}  // namespace

void ZoomHistory::leave(const ViewRange& before) {
  future_.clear();
  if (!past_.empty() && past_.back() == before) return;
  if (past_.size() == kMostViews) past_.erase(past_.begin());
  past_.push_back(before);
}

std::optional<ViewRange> ZoomHistory::back(const ViewRange& current) { return step(past_, future_, current); }

std::optional<ViewRange> ZoomHistory::forward(const ViewRange& current) { return step(future_, past_, current); }

}  // namespace tokenmark
