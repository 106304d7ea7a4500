#include "core/report/svg_canvas.h"

#include <algorithm>
#include <array>

#include "core/report/svg.h"

namespace tokenmark {
namespace {

// Colours that the colour-blind can tell apart (after Okabe and Ito), and their brighter sisters for dark pages.
struct SeriesColour {
  const char *light, *dark;
};
constexpr std::array<SeriesColour, 8> kColours = {{{"#0072b2", "#56a8e6"}, {"#d55e00", "#ff8f45"}, {"#009e73", "#35c79c"},
                                                   {"#b5528e", "#e39bc6"}, {"#7a5fc0", "#ab97e8"}, {"#b58900", "#f0c445"},
                                                   {"#2a9ab8", "#7fd6ec"}, {"#666666", "#b8b8b8"}}};
static_assert(kColours.size() == SvgCanvas::kSeriesColours);
constexpr double kLegendRow = 22, kTextLeft = 84, kSmallRow = 16, kSmallShare = 11.0 / 13;   // of the usual size

std::string stylesheet(bool dark_too) {
  std::string light =
      ".tmk{font-family:system-ui,'Segoe UI','Noto Sans','DejaVu Sans',sans-serif;font-size:13px}"
      ".tmk .bg{fill:#fff}.tmk text{fill:#333}.tmk .title{font-size:18px;font-weight:600;fill:#111}"
      ".tmk .dim{fill:#666}.tmk .small{font-size:11px}.tmk .grid{stroke:#e6e6e6;stroke-width:1}"
      ".tmk .frame{stroke:#999;stroke-width:1;fill:none}.tmk .curve{fill:none;stroke-width:2.2;stroke-linejoin:round}"
      ".tmk .bar{stroke-width:1.3}.tmk .band{stroke:none;fill-opacity:.16}.tmk .mark{stroke-width:1.6}"
      ".tmk .open{fill:#fff;stroke-opacity:.6}.tmk .thin{fill:none;stroke-width:1.2}.tmk .limit{stroke:#b3261e;stroke-width:1.4}"
      ".tmk .failed{fill:#b3261e}.tmk .waiting{fill:#c3c8cf}.tmk .steady{fill:#0072b2;fill-opacity:.07}";
  std::string dark = ".tmk .bg{fill:#16181d}.tmk text{fill:#d4d4d4}.tmk .title{fill:#f2f2f2}.tmk .dim{fill:#9a9a9a}"
                     ".tmk .grid{stroke:#2c3038}.tmk .frame{stroke:#666}.tmk .limit{stroke:#ff8a80}.tmk .failed{fill:#ff8a80}.tmk .waiting{fill:#565c66}";
  for (std::size_t i = 0; i < kColours.size(); ++i) {
    const char* rule = ".tmk .s{0}{{stroke:{1}}}.tmk .f{0}{{fill:{1}}}";
    light += fmt::format(fmt::runtime(rule), i, kColours[i].light);
    dark += fmt::format(fmt::runtime(rule), i, kColours[i].dark);
  }
  light += ".tmk .open{fill:#fff}";
  dark += ".tmk .open{fill:#16181d}";
  return "<style>" + light + (dark_too ? "@media(prefers-color-scheme:dark){" + dark + "}" : "") + "</style>";
}

// One shape a series, so that series differ without colour; about 9 px wide, centred on x, y.
std::string mark(std::size_t series, double x, double y, const std::string& classes, const std::string& inside) {
  static constexpr std::array<const char*, 8> kShapes = {
      "",                                              // circle
      "m-4.2-4.2h8.4v8.4h-8.4z",                       // square
      "m0-5.4 5 9h-10z",                               // triangle
      "m0-5.8 5.2 5.8-5.2 5.8-5.2-5.8z",               // diamond
      "m0 5.4 5-9h-10z",                               // triangle, down
      "m-1.8-5.2h3.6v3.4h3.4v3.6h-3.4v3.4h-3.6v-3.4h-3.4v-3.6h3.4z",  // plus
      "m0-5.4 5.1 3.7-1.9 6h-6.4l-1.9-6z",             // pentagon
      "m-2.6-4.6h5.2l2.6 4.6-2.6 4.6h-5.2l-2.6-4.6z",  // hexagon
  };
  const char* shape = kShapes[series % kShapes.size()];
  const std::string end = inside.empty() ? "/>" : ">" + inside;
  if (*shape == 0)
    return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" class=\"{}\"{}{}", x, y, classes, end,
                       inside.empty() ? "" : "</circle>");
  return fmt::format("<path d=\"M{:.1f} {:.1f}{}\" class=\"{}\"{}{}", x, y, shape, classes, end, inside.empty() ? "" : "</path>");
}

// Rough width of a text in 13 px, to break the legend into rows.
double text_width(std::string_view text) {
  double width = 0;
  for (const char c : text)
    if ((c & 0xC0) != 0x80) width += c == ' ' || c == 'i' || c == 'l' || c == '.' ? 4.5 : 7.4;
  return width;
}

std::string shortened(std::string text, std::size_t characters) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] & 0xC0) != 0x80 && ++seen > characters) return text.substr(0, i) + "…";
  return text;
}

}  // namespace

std::string series_class(char kind, std::size_t series) { return fmt::format("{}{}", kind, series % kColours.size()); }

double SvgPanel::px(double value) const { return left + x.share(value) * (right - left); }
double SvgPanel::py(double value) const { return bottom - std::clamp(y.share(value), -0.02, 1.02) * (bottom - top); }

SvgCanvas::SvgCanvas(double width, std::string title, std::string subtitle) : width_(width), title_(std::move(title)) {
  text(kTextLeft, 26, "start", "title", shortened(title_, 90));
  text(kTextLeft, 46, "start", "dim", shortened(std::move(subtitle), 130));
}

void SvgCanvas::text(double x, double y, const char* anchor, const char* classes, std::string_view words, const std::string& more) {
  body_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" class=\"{}\"{}>{}</text>", x, y, anchor, classes, more,
                       escape_markup(words));
}

void SvgCanvas::line(double x1, double y1, double x2, double y2, const std::string& classes) {
  body_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>", x1, y1, x2, y2, classes);
}

void SvgCanvas::rect(double x, double y, double width, double height, const std::string& classes, double opacity) {
  body_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"{}\"{}/>", x, y, std::max(width, 0.3),
                       std::max(height, 0.3), classes, opacity < 1 ? fmt::format(" opacity=\"{:.2f}\"", opacity) : "");
}

void SvgCanvas::path(const std::vector<std::pair<double, double>>& points, const std::string& classes, bool shape, bool dashed) {
  if (points.size() < 2) return;
  std::string text = "M";
  for (const auto& [x, y] : points) text += fmt::format("{:.1f} {:.1f} ", x, y);
  text.back() = shape ? 'z' : ' ';
  body_ += fmt::format("<path class=\"{}\"{} d=\"{}\"/>", classes, dashed ? " stroke-dasharray=\"7 4\"" : "", text);
}

void SvgCanvas::mark(std::size_t series, double x, double y, bool filled, std::string_view tip) {
  const std::size_t colour = series % kColours.size();
  body_ += tokenmark::mark(series, x, y, filled ? fmt::format("mark s{0} f{0}", colour) : fmt::format("mark open s{}", colour),
                           tip.empty() ? "" : "<title>" + escape_markup(tip) + "</title>");
}

void SvgCanvas::panel(const SvgPanel& p, const std::string& x_title, const std::string& y_title, bool numbers) {
  for (const double tick : p.x.ticks) {
    line(p.px(tick), p.top, p.px(tick), p.bottom, "grid");
    if (numbers) text(p.px(tick), p.bottom + 19, "middle", "", tick_text(tick, p.x));
  }
  for (const double tick : p.y.ticks) {
    line(p.left, p.py(tick), p.right, p.py(tick), "grid");
    text(p.left - 9, p.py(tick) + 4.5, "end", "", tick_text(tick, p.y));
  }
  body_ += fmt::format("<path class=\"frame\" d=\"M{0:.1f} {1:.1f}V{2:.1f}H{3:.1f}\"/>", p.left, p.top, p.bottom, p.right);
  if (!x_title.empty()) text((p.left + p.right) / 2, p.bottom + 44, "middle", "", x_title);
  const double middle = (p.top + p.bottom) / 2;
  text(20, middle, "middle", "", y_title, fmt::format(" transform=\"rotate(-90 20 {:.1f})\"", middle));
}

void SvgCanvas::begin_inside(const SvgPanel& panel) {
  constexpr double kMark = 8;   // marks on the axes are whole
  body_ += fmt::format("<svg x=\"{0:.1f}\" y=\"{1:.1f}\" width=\"{2:.1f}\" height=\"{3:.1f}\" viewBox=\"{0:.1f} {1:.1f} {2:.1f} {3:.1f}\">",
                       panel.left - kMark, panel.top - kMark, panel.right - panel.left + 2 * kMark, panel.bottom - panel.top + 2 * kMark);
}

void SvgCanvas::end_inside() { body_ += "</svg>"; }

void SvgCanvas::legend(double left, double right, double& y, const std::vector<SvgLegendEntry>& entries) {
  double x = left;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string name = shortened(entries[i].name, 100);
    const double width = 40 + text_width(name) + 18;
    if (x > left && x + width > right) {
      x = left;
      y += kLegendRow;
    }
    path({{x, y}, {x + 28, y}}, "curve " + series_class('s', i), false, entries[i].dashed);
    if (entries[i].marked) mark(i, x + 14, y, true, {});
    text(x + 36, y + 4.5, "start", "", name);
    x += width;
  }
  if (!entries.empty()) y += kLegendRow;
}

void SvgCanvas::small_print(double left, double right, double& y, std::string_view words) {
  const auto put = [&](const std::string& line) {
    text(left, y + 4, "start", "dim small", line);
    y += kSmallRow;
  };
  std::string line;
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    const std::string longer = line.empty() ? std::string(word) : fmt::format("{} {}", line, word);
    if (!line.empty() && text_width(longer) * kSmallShare > right - left) {
      put(line);
      line = word;
    } else {
      line = longer;
    }
  }
  if (!line.empty()) put(line);
}

std::string SvgCanvas::finish(double height, bool dark_too) const {
  return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tmk\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
                     "height=\"{1:.0f}\" role=\"img\" aria-label=\"{2}\">{3}<rect class=\"bg\" width=\"100%\" height=\"100%\"/>{4}</svg>\n",
                     width_, height, escape_markup(title_), stylesheet(dark_too), body_);
}

}  // namespace tokenmark
