// A chart as an SVG picture that stands alone: axes, ticks, legend, points with shapes as well as colours, curves,
// bands, tooltips. Colours follow prefers-color-scheme. Any text is escaped. Pure function, any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/report/chart.h"
#include "core/report/distributions.h"
#include "core/report/timeline.h"
#include "core/report/trend.h"
#include "core/report/view_range.h"

namespace tokenmark {

struct SvgStyle {
  int width = 960, height = 560;  // of the picture; the legend and sources add to the height
  bool dark_too = true;           // follow the reader's colour scheme; false: always light
  std::optional<ViewRange> view;  // absent: all of it
};
std::string chart_svg(const Chart& chart, const SvgStyle& style = {});
std::string chart_svg(const DistributionChart& chart, const SvgStyle& style = {});  // the cumulative curves
std::string chart_svg(const Timeline& timeline, const SvgStyle& style = {});        // the height follows from its panels
std::string chart_svg(const Trend& trend, const SvgStyle& style = {});

// Text for HTML and XML: the five special characters, and U+FFFD for what XML forbids or is not UTF-8.
std::string escape_markup(std::string_view text);

}  // namespace tokenmark
