// A page that shows what one chart definition says: the charts and the comparison. Saved, opened and undone alike.
#pragma once

#include "core/report/chart_definition.h"

namespace tokenmark {

class ChartDocument {
 public:
  virtual ~ChartDocument() = default;
  virtual std::string chartKind() const = 0;
  // What is chosen. `with_runs`: the runs that are shown now too, as a file keeps them.
  virtual ChartDefinition definition(bool with_runs = false) const = 0;
  virtual void change(const ChartDefinition& definition) = 0;   // of the page's kind; as one step of undo
};

}  // namespace tokenmark
