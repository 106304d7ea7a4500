// What every SVG picture of a chart is drawn with: its style, texts, marks, axes and legend. Coordinates are the
// picture's, y downwards. Any text is escaped. Pure, any thread; not for callers outside this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/report/ticks.h"

namespace tokenmark {

// The area between two axes.
struct SvgPanel {
  double left = 0, right = 0, top = 0, bottom = 0;
  AxisScale x, y;
  double px(double value) const;
  double py(double value) const;   // values a little outside stay near the edge
};

struct SvgLegendEntry {
  std::string name;
  bool dashed = false, marked = true;   // its line; a mark on it
};

class SvgCanvas {
 public:
  static constexpr std::size_t kSeriesColours = 8;

  SvgCanvas(double width, std::string title, std::string subtitle);

  void text(double x, double y, const char* anchor, const char* classes, std::string_view words, const std::string& more = {});
  void line(double x1, double y1, double x2, double y2, const std::string& classes);
  void rect(double x, double y, double width, double height, const std::string& classes, double opacity = 1);
  // Through points of the picture; fewer than two draw nothing. `shape`: closed and filled.
  void path(const std::vector<std::pair<double, double>>& points, const std::string& classes, bool shape = false, bool dashed = false);
  // The shape of a series, centred; `tip` is shown when it is pointed at.
  void mark(std::size_t series, double x, double y, bool filled, std::string_view tip);
  // Grid, ticks with their numbers, titles; empty `x_title` and `numbers` false: another panel below says x.
  void panel(const SvgPanel& panel, const std::string& x_title, const std::string& y_title, bool numbers = true);
  // What is drawn between these does not reach out of the axes.
  void begin_inside(const SvgPanel& panel);
  void end_inside();
  void legend(double left, double right, double& y, const std::vector<SvgLegendEntry>& entries);
  // Small and dim, in lines that end before `right`; y goes below them.
  void small_print(double left, double right, double& y, std::string_view words);
  std::string finish(double height, bool dark_too) const;

 private:
  double width_;
  std::string title_, body_;
};

std::string series_class(char kind, std::size_t series);   // "s3" for lines, "f3" for areas

}  // namespace tokenmark
