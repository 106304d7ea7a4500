// Where a chart's view has been: back and forward, like a browser. Plain value.
#pragma once

#include <optional>
#include <vector>

#include "core/report/view_range.h"

namespace tokenmark {

class ZoomHistory {
 public:
  // `before`: the view that is being left by a new movement; what lay forward is forgotten.
  void leave(const ViewRange& before);
  // The view to go to, and `current` is kept for the way back; nothing at the end.
  std::optional<ViewRange> back(const ViewRange& current);
  std::optional<ViewRange> forward(const ViewRange& current);
  bool canGoBack() const { return !past_.empty(); }
  bool canGoForward() const { return !future_.empty(); }

 private:
  std::vector<ViewRange> past_, future_;
};

}  // namespace tokenmark
