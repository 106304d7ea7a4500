#include "app/charts/line_values.h"

#include <QStringList>
#include <algorithm>
#include <cmath>

#include "app/charts/reading_line.h"
#include "app/charts/text.h"
#include "core/report/timeline_meters.h"

namespace tokenmark {
namespace {

constexpr qsizetype kMostRows = 14;
constexpr qsizetype kLongestName = 44;

QString shortened(const std::string& name) {
  const QString text = QString::fromStdString(name);
  if (text.size() <= kLongestName) return text;
  return text.left(kLongestName / 2) + QStringLiteral("…") + text.right(kLongestName / 2 - 1);
}

QString ratio_text(double ratio) { return QStringLiteral("×%1").arg(number_text(ratio)); }

bool is_hidden(const LineValues::Series& series, const SceneLook& look) {
  return look.visibility.hidden(QString::fromStdString(series.name));
}

// Of the series where its values are compared; curves of different figures have none.
QColor colour_of(const LineValues& values, const SceneLook& look, std::size_t series) {
  if (!values.comparable) return {};
  SeriesStyles styles = look.styles;
  return look.theme.series[styles.indexOf(QString::fromStdString(values.series[series].name)) % look.theme.series.size()];
}

std::optional<std::size_t> named(const LineValues& values, const std::string& name) {
  if (name.empty()) return std::nullopt;
  const auto find = [&](const auto& is_it) -> std::optional<std::size_t> {
    const auto found = std::find_if(values.series.begin(), values.series.end(), is_it);
    return found == values.series.end() ? std::nullopt
                                        : std::optional(static_cast<std::size_t>(found - values.series.begin()));
  };
  if (const auto same = find([&](const auto& series) { return series.name == name; })) return same;
  return find([&](const auto& series) { return series.name.starts_with(name + " ("); });  // with the lengths of its workload
}

struct Value {
  std::size_t series;
  double value;
};

std::vector<Value> values_there(const LineValues& values, const SceneLook& look, double x) {
  std::vector<Value> there;
  for (std::size_t i = 0; i < values.series.size(); ++i)
    if (!is_hidden(values.series[i], look))
      if (const auto value = values.series[i].value(x)) there.push_back({i, *value});
  return there;
}

}  // namespace

LineValues line_values(const Chart& chart) {
  LineValues values;
  for (const ChartSeries& series : chart.series)
    values.series.push_back({series.name, [reading = SeriesReading(chart, series)](double x) { return reading.value(x); },
                             [](double value) { return number_text(value); }});
  values.place = [&chart](double x) { return figure_text(x, chart.x); };
  values.higher_first = meaning(chart.y).better == Better::higher;
  return values;
}

LineValues line_values(const DistributionChart& chart) {
  LineValues values;
  for (const DistributionSeries& series : chart.series)
    values.series.push_back({series.name, [&series](double x) { return std::optional(share_at(series, x)); },
                             [](double share) { return share_text(share); }});
  values.place = [](double x) { return ReadingLine::tr("at most %1").arg(time_text(x)); };
  return values;
}

LineValues line_values(const Timeline& timeline) {
  LineValues values;
  values.comparable = false;
  values.place = [](double x) { return time_text(x); };
  const auto in_bin = [&](const QString& name, double TimelineBin::*figure, const QString& unit) {
    values.series.push_back({name.toStdString(), [&timeline, figure](double x) -> std::optional<double> {
      for (const TimelineBin& bin : timeline.bins)
        if (x >= bin.time.from_s && x <= bin.time.to_s) return bin.*figure;
      return std::nullopt;
    }, [unit](double value) { return unit.arg(number_text(value)); }});
  };
  const auto curve = [&](const QString& name, const std::vector<XY>& points, const QString& unit, double scale) {
    if (points.empty()) return;
    values.series.push_back({name.toStdString(), [&points](double x) { return value_at(points, x); },
                             [unit, scale](double value) { return unit.arg(number_text(value * scale)); }});
  };
  in_bin(ReadingLine::tr("In flight"), &TimelineBin::in_flight, QStringLiteral("%1"));
  in_bin(ReadingLine::tr("Tokens"), &TimelineBin::tok_s, QStringLiteral("%1 tok/s"));
  in_bin(ReadingLine::tr("Arrivals"), &TimelineBin::arrivals_s, QStringLiteral("%1 req/s"));
  curve(ReadingLine::tr("Power"), timeline.power_w, QStringLiteral("%1 W"), 1);
  for (const TimelineCurve& meter : timeline.meters) {
    if (meter.key == "busy_share") curve(ReadingLine::tr("Devices busy"), meter.values, QStringLiteral("%1 %"), 100);
    if (meter.key == "core_mhz") curve(ReadingLine::tr("Clock"), meter.values, QStringLiteral("%1 MHz"), 1);
    if (meter.key == "temperature_c") curve(ReadingLine::tr("Hottest"), meter.values, QStringLiteral("%1 °C"), 1);
  }
  return values;
}

LineValues line_values(const Trend& trend) {
  LineValues values;
  const auto nearest = [&trend](double x) {
    return std::clamp(std::round(x), 0.0, std::max(0.0, static_cast<double>(trend.states.size()) - 1));
  };
  for (const TrendSeries& series : trend.series)
    values.series.push_back({series.name, [&series, nearest](double x) -> std::optional<double> {
      for (const TrendPoint& point : series.points)
        if (static_cast<double>(point.state) == nearest(x)) return point.value;
      return std::nullopt;
    }, [](double value) { return number_text(value); }});
  values.snap = nearest;
  values.measured = false;
  values.place = [&trend, nearest](double x) {
    return trend.states.empty() ? QString()
                                : QString::fromStdString(trend.states[static_cast<std::size_t>(nearest(x))].name);
  };
  values.higher_first = meaning(trend.figure).better == Better::higher;
  return values;
}

QString ReadingPart::html() const {
  QString made = QStringLiteral("<b>%1</b>%2<table cellspacing=0 cellpadding=1>")
                     .arg(head.toHtmlEscaped(), more.isEmpty() ? more : QStringLiteral(" · ") + more);
  for (const Row& row : rows) {
    const QString square =
        row.colour.isValid() ? QStringLiteral("<font color=\"%1\">■</font> ").arg(row.colour.name()) : QString();
    const QString words = shortened(row.name).toHtmlEscaped();
    made += QStringLiteral("<tr><td>%1%2&nbsp;&nbsp;</td>")
                .arg(square, row.strong ? QStringLiteral("<b>%1</b>").arg(words) : words);
    for (const QString& cell : row.cells) made += QStringLiteral("<td align=right>&nbsp;%1</td>").arg(cell.toHtmlEscaped());
    made += QStringLiteral("</tr>");
  }
  return made + QStringLiteral("</table>") + last;
}

QString ReadingPart::words() const {
  QStringList said;
  for (const Row& row : rows) {
    QStringList cells = row.cells;
    cells.removeAll(QString());
    said << QString::fromStdString(row.name) + ' ' + cells.join(QStringLiteral(", "));
  }
  if (!last.isEmpty()) said << last;
  return QStringLiteral("%1%2: %3")
      .arg(head, more.isEmpty() ? more : QStringLiteral(", ") + more, said.join(QStringLiteral("; ")));
}

// The best value first; the baseline in bold, ratios to it.
ReadingPart line_part(const LineValues& values, const SceneLook& look, double x, const std::string& baseline, bool pinned) {
  std::vector<Value> there = values_there(values, look, x);
  std::optional<Value> base;
  const std::optional<std::size_t> known = named(values, baseline);
  for (const Value& v : there)
    if (!base && (!known || known == v.series)) base = v;
  const auto better = [&](const Value& a, const Value& b) {
    return values.higher_first ? a.value > b.value : a.value < b.value;
  };
  if (values.comparable) std::stable_sort(there.begin(), there.end(), better);
  ReadingPart part{.head = values.place(x), .more = pinned ? ReadingLine::tr("pinned") : QString(), .last = {}, .rows = {}};
  for (const Value& v : there) {
    if (part.rows.size() == kMostRows) break;
    const bool is_base = values.comparable && base && base->series == v.series;
    QStringList cells{values.series[v.series].text(v.value)};
    if (is_base) cells << ReadingLine::tr("baseline");
    else if (values.comparable) cells << (base && base->value != 0 ? ratio_text(v.value / base->value) : QString());
    part.rows.push_back({values.series[v.series].name, colour_of(values, look, v.series), cells, is_base});
  }
  if (static_cast<qsizetype>(there.size()) > kMostRows)
    part.last = ReadingLine::tr("… and %1 more").arg(static_cast<qsizetype>(there.size()) - kMostRows);
  if (there.empty()) part.last = ReadingLine::tr("no series was measured here");
  return part;
}

ReadingPart cursors_part(const LineValues& values, const SceneLook& look, double a, double b) {
  ReadingPart part;
  part.head = ReadingLine::tr("A %1 → B %2 (%3)")
                  .arg(values.place(a), values.place(b), a != 0 && values.measured ? ratio_text(b / a) : QString());
  part.head.remove(QStringLiteral(" ()"));
  for (std::size_t i = 0; i < values.series.size() && part.rows.size() < kMostRows; ++i) {
    const LineValues::Series& series = values.series[i];
    if (is_hidden(series, look)) continue;
    const auto from = series.value(a), to = series.value(b);
    if (!from || !to || *from == 0) continue;
    part.rows.push_back(
        {series.name, colour_of(values, look, i), {series.text(*from), series.text(*to), ratio_text(*to / *from)}});
  }
  if (part.rows.isEmpty()) part.last = ReadingLine::tr("no series was measured at both");
  return part;
}

QList<ReadingPart> reading_parts(const LineValues& values, const SceneLook& look, const Readings& readings,
                                 const std::string& baseline, bool pinned) {
  QList<ReadingPart> parts;
  if (values.series.empty()) return parts;
  if (readings.line) parts << line_part(values, look, *readings.line, baseline, pinned);
  if (readings.cursor_a && readings.cursor_b) parts << cursors_part(values, look, *readings.cursor_a, *readings.cursor_b);
  return parts;
}

QString parts_html(const QList<ReadingPart>& parts) {
  QStringList html;
  for (const ReadingPart& part : parts) html << part.html();
  return html.join(QStringLiteral("<hr>"));
}

}  // namespace tokenmark
