// The part of a chart that a view shows, as data: what "the data that is seen" means in exported files. Curves, definitions,
// notes and sources stay. Pure functions, any thread.
#pragma once

#include "core/report/chart.h"
#include "core/report/distributions.h"
#include "core/report/timeline.h"
#include "core/report/trend.h"
#include "core/report/view_range.h"

namespace tokenmark {

// What a file of data holds: what is not hidden, cut to the view; or all that the chart is made of.
enum class DataPart : std::uint8_t { seen, all };

Chart cut_to(Chart chart, const ViewRange& view);                            // points inside
DistributionChart cut_to(DistributionChart chart, const ViewRange& view);    // steps, bins and percentiles by their times
Timeline cut_to(Timeline timeline, const ViewRange& view);  // what overlaps the time; bars also by their slots
Trend cut_to(Trend trend, const ViewRange& view);                            // states inside, with the changes between them

}  // namespace tokenmark
