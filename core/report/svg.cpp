#include "core/report/svg.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/report/ticks.h"

namespace tokenmark {
namespace {

// Colours that the colour-blind can tell apart (after Okabe and Ito), and their brighter sisters for dark pages.
struct SeriesColour {
  const char *light, *dark;
};
constexpr std::array<SeriesColour, 8> kColours = {{{"#0072b2", "#56a8e6"}, {"#d55e00", "#ff8f45"}, {"#009e73", "#35c79c"},
                                                   {"#b5528e", "#e39bc6"}, {"#7a5fc0", "#ab97e8"}, {"#b58900", "#f0c445"},
                                                   {"#2a9ab8", "#7fd6ec"}, {"#666666", "#b8b8b8"}}};
constexpr double kLeft = 84, kRight = 24, kTop = 62, kBottom = 62, kLegendRow = 22;

std::string stylesheet(bool dark_too) {
  std::string light =
      ".tmk{font-family:system-ui,'Segoe UI','Noto Sans','DejaVu Sans',sans-serif;font-size:13px}"
      ".tmk .bg{fill:#fff}.tmk text{fill:#333}.tmk .title{font-size:18px;font-weight:600;fill:#111}"
      ".tmk .dim{fill:#666}.tmk .small{font-size:11px}.tmk .grid{stroke:#e6e6e6;stroke-width:1}"
      ".tmk .frame{stroke:#999;stroke-width:1;fill:none}.tmk .curve{fill:none;stroke-width:2.2;stroke-linejoin:round}"
      ".tmk .bar{stroke-width:1.3}.tmk .band{stroke:none;fill-opacity:.16}.tmk .mark{stroke-width:1.6}"
      ".tmk .open{fill:#fff;stroke-opacity:.6}";
  std::string dark = ".tmk .bg{fill:#16181d}.tmk text{fill:#d4d4d4}.tmk .title{fill:#f2f2f2}.tmk .dim{fill:#9a9a9a}"
                     ".tmk .grid{stroke:#2c3038}.tmk .frame{stroke:#666}";
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

class Picture {
 public:
  Picture(const Chart& chart, const SvgStyle& style) : chart_(chart), width_(style.width), height_(style.height) {
    std::vector<double> xs, ys;
    for (const ChartSeries& series : chart.series)
      for (const ChartPoint& point : series.points) {
        xs.push_back(point.x);
        for (const double y : {point.y, point.y_range ? point.y_range->low : point.y, point.y_range ? point.y_range->high : point.y})
          ys.push_back(y);
      }
    x_ = axis_scale(xs, chart.log_x);
    y_ = axis_scale(ys, chart.log_y);
  }

  std::string draw(bool dark_too) {
    std::string body;
    title(body);
    axes(body);
    for (std::size_t i = 0; i < chart_.series.size(); ++i) curve(body, i);
    for (std::size_t i = 0; i < chart_.series.size(); ++i) points(body, i);
    if (chart_.series.empty()) text(body, (left() + right()) / 2, (top() + bottom()) / 2, "middle", "dim", "No points to show");
    double y = height_ + 4;
    legend(body, y);
    sources(body, y);
    return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tmk\" viewBox=\"0 0 {0} {1:.0f}\" width=\"{0}\" "
                       "height=\"{1:.0f}\" role=\"img\" aria-label=\"{2}\">{3}<rect class=\"bg\" width=\"100%\" height=\"100%\"/>"
                       "{4}</svg>\n",
                       width_, y + 8, escape_markup(chart_.title), stylesheet(dark_too), body);
  }

 private:
  double left() const { return kLeft; }
  double right() const { return width_ - kRight; }
  double top() const { return kTop; }
  double bottom() const { return height_ - kBottom; }
  double px(double x) const { return left() + x_.share(x) * (right() - left()); }
  double py(double y) const { return bottom() - std::clamp(y_.share(y), -0.02, 1.02) * (bottom() - top()); }

  static void text(std::string& out, double x, double y, const char* anchor, const char* classes, std::string_view words,
                   const char* more = "") {
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" class=\"{}\"{}>{}</text>", x, y, anchor, classes, more,
                       escape_markup(words));
  }
  static void line(std::string& out, double x1, double y1, double x2, double y2, const std::string& classes) {
    out += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>", x1, y1, x2, y2, classes);
  }

  void title(std::string& out) const {
    text(out, left(), 26, "start", "title", shortened(chart_.title, 90));
    std::string below = chart_.subtitle;
    if (!chart_.price_set.empty()) {
      if (!below.empty()) below += " · ";
      below += "prices " + prices_text(chart_);
    }
    text(out, left(), 46, "start", "dim", shortened(below, 130));
  }

  void axes(std::string& out) const {
    for (const double tick : x_.ticks) {
      line(out, px(tick), top(), px(tick), bottom(), "grid");
      text(out, px(tick), bottom() + 19, "middle", "", tick_text(tick, x_));
    }
    for (const double tick : y_.ticks) {
      line(out, left(), py(tick), right(), py(tick), "grid");
      text(out, left() - 9, py(tick) + 4.5, "end", "", tick_text(tick, y_));
    }
    out += fmt::format("<path class=\"frame\" d=\"M{0:.1f} {1:.1f}V{2:.1f}H{3:.1f}\"/>", left(), top(), bottom(), right());
    text(out, (left() + right()) / 2, bottom() + 44, "middle", "", axis_title(chart_.x));
    const double middle = (top() + bottom()) / 2;
    text(out, 20, middle, "middle", "", axis_title(chart_.y), fmt::format(" transform=\"rotate(-90 20 {:.1f})\"", middle).c_str());
  }

  static std::string axis_title(AxisFigure figure) {
    const AxisMeaning& axis = meaning(figure);
    const char* arrow = axis.neutral ? "" : axis.better == Better::higher ? ", higher is better" : ", lower is better";
    return fmt::format("{} ({}{})", axis.label, axis.unit, arrow);
  }

  void curve(std::string& out, std::size_t index) const {
    const ChartSeries& series = chart_.series[index];
    const std::size_t colour = index % kColours.size();
    if (series.band.size() > 1) {
      std::string path = "M";
      for (const BandPoint& p : series.band) path += fmt::format("{:.1f} {:.1f} ", px(p.x), py(p.high));
      for (auto p = series.band.rbegin(); p != series.band.rend(); ++p) path += fmt::format("{:.1f} {:.1f} ", px(p->x), py(p->low));
      out += fmt::format("<path class=\"band f{}\" d=\"{}z\"/>", colour, path);
    }
    if (series.curve.size() < 2) return;
    std::string path = "M";
    for (const XY& p : series.curve) path += fmt::format("{:.1f} {:.1f} ", px(p.x), py(p.y));
    path.pop_back();
    out += fmt::format("<path class=\"curve s{}\"{} d=\"{}\"/>", colour, series.sample ? " stroke-dasharray=\"7 4\"" : "", path);
  }

  void points(std::string& out, std::size_t index) const {
    const ChartSeries& series = chart_.series[index];
    const std::size_t colour = index % kColours.size();
    const AxisMeaning &x = meaning(chart_.x), &y = meaning(chart_.y);
    // Points that are not optimal first: those on the frontier lie above them.
    for (const bool optimal : {false, true})
      for (const ChartPoint& p : series.points) {
        if (p.optimal != optimal) continue;
        if (p.y_range && p.y_range->low < p.y_range->high)
          line(out, px(p.x), py(p.y_range->low), px(p.x), py(p.y_range->high), fmt::format("bar s{}", colour));
        const std::string tip = fmt::format("<title>{}\n{}\n{} {}\n{} {}{}</title>", escape_markup(series.name), escape_markup(p.label),
                                            number_text(p.x), x.unit, number_text(p.y), y.unit, optimal ? "\non the frontier" : "");
        const std::string classes = optimal ? fmt::format("mark s{0} f{0}", colour) : fmt::format("mark open s{}", colour);
        out += mark(index, px(p.x), py(p.y), classes, tip);
      }
  }

  void legend(std::string& out, double& y) const {
    double x = left();
    for (std::size_t i = 0; i < chart_.series.size(); ++i) {
      const ChartSeries& series = chart_.series[i];
      const std::string name = shortened(series.name, 100) + (series.sample ? " (published sample)" : "");
      const double width = 40 + text_width(name) + 18;
      if (x > left() && x + width > right()) {
        x = left();
        y += kLegendRow;
      }
      const std::size_t colour = i % kColours.size();
      out += fmt::format("<path class=\"curve s{}\"{} d=\"M{:.1f} {:.1f}h28\"/>", colour,
                         series.sample ? " stroke-dasharray=\"7 4\"" : "", x, y);
      out += mark(i, x + 14, y, fmt::format("mark s{0} f{0}", colour), "");
      text(out, x + 36, y + 4.5, "start", "", name);
      x += width;
    }
    if (!chart_.series.empty()) y += kLegendRow;
  }

  void sources(std::string& out, double& y) const {
    for (const std::string& source : chart_.sources) {
      text(out, left(), y + 4, "start", "dim small", shortened("Source: " + source, 138));
      y += 16;
    }
  }

  const Chart& chart_;
  int width_, height_;
  AxisScale x_, y_;
};

}  // namespace

std::string chart_svg(const Chart& chart, const SvgStyle& style) { return Picture(chart, style).draw(style.dark_too); }

}  // namespace tokenmark
