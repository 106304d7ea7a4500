#include "app/charts/text.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>
#include <algorithm>
#include <cmath>

#include "app/charts/core_text.h"

namespace tokenmark {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("Charts", text); }

// Digits as the program was told at its start (QLocale::setDefault), the same everywhere unless a person chose otherwise.
QLocale digits() {
  const QLocale chosen;
  return chosen.language() == QLocale::C ? QLocale(QLocale::English, QLocale::UnitedStates) : chosen;
}

QString plain(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }

// Cost depends on how the hardware is paid for; power does not.

QString range_text(const Interval& range) {
  return QStringLiteral("%1 – %2").arg(number_text(range.low), number_text(range.high));
}

}  // namespace

QString number_text(double value) {
  if (std::isnan(value)) return QStringLiteral("–");
  if (std::isinf(value)) return value > 0 ? QStringLiteral("∞") : QStringLiteral("−∞");
  const double size = std::abs(value);
  if (size == 0) return QStringLiteral("0");
  if (size >= 1e15 || size < 1e-6) return digits().toString(value, 'g', 4);
  const int whole = static_cast<int>(std::floor(std::log10(size))) + 1;
  QString text = digits().toString(value, 'f', std::clamp(4 - whole, 0, 10));
  if (text.contains('.')) {
    while (text.endsWith('0')) text.chop(1);
    if (text.endsWith('.')) text.chop(1);
  }
  return text;
}

QString tick_text(double value, double step) {
  struct Scale {
    double size;
    const char* letter;
  };
  static constexpr Scale kScales[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e5, "k"}};
  step = std::abs(step);
  if (std::abs(value) < step * 1e-9) return QStringLiteral("0");
  double unit = 1;
  const char* letter = "";
  for (const Scale& scale : kScales) {
    if (std::abs(value) < scale.size) continue;
    unit = scale.size == 1e5 ? 1e3 : scale.size;
    letter = scale.letter;
    break;
  }
  int decimals = std::clamp(static_cast<int>(-std::floor(std::log10(step / unit) + 1e-9)), 0, 9);
  // Steps of 2.5 and 0.25 need a digit more: 0.25 is not 0.3.
  const double in_last_digit = step / unit * std::pow(10.0, decimals);
  if (decimals < 9 && std::abs(in_last_digit - std::round(in_last_digit)) > 1e-6 * in_last_digit) ++decimals;
  if (*letter != 0 && decimals > 2) return digits().toString(value, 'f', 0);
  if (std::abs(value) < 1e-6) return digits().toString(value, 'g', 3);
  return digits().toString(value / unit, 'f', decimals) + QLatin1String(letter);
}

QString time_text(double seconds) {
  if (seconds == 0 || !std::isfinite(seconds)) return number_text(seconds) + QStringLiteral(" s");
  const TimeUnit unit = time_unit(seconds);
  return QStringLiteral("%1 %2").arg(number_text(seconds * unit.per_second), QString::fromUtf8(unit.name));
}

QString share_text(double share) {
  const double percent = share * 100;
  // Near both ends more digits, so that 99.995 % is not shown as all.
  const double to_end = std::min(percent, 100 - percent);
  const int decimals = to_end <= 0 ? 0 : std::clamp(static_cast<int>(1 - std::floor(std::log10(to_end))), 1, 6);
  QString text = digits().toString(percent, 'f', decimals);
  while (decimals > 1 && text.endsWith('0') && !text.endsWith(QLatin1String(".0"))) text.chop(1);
  return text + QStringLiteral(" %");
}

QString card_html(const QString& title, const QList<std::pair<QString, QString>>& rows) {
  QString html = QStringLiteral("<b>%1</b><table cellspacing=0 cellpadding=1>").arg(title.toHtmlEscaped());
  for (const auto& [name, value] : rows)
    html += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td align=right><b>%2</b></td></tr>")
                .arg(name.toHtmlEscaped(), value.toHtmlEscaped());
  return html + QStringLiteral("</table>");
}

QString card_text(const QString& html) {
  QString lines = html;
  lines.replace(QStringLiteral("&nbsp;&nbsp;</td>"), QStringLiteral("</td>"))
      .replace(QStringLiteral("</td><td"), QStringLiteral("\t<td"));
  lines.replace(QStringLiteral("</tr>"), QStringLiteral("\n")).replace(QStringLiteral("<table"), QStringLiteral("\n<table"));
  static const QRegularExpression tags(QStringLiteral("<[^>]*>"));
  lines.remove(tags).replace(QStringLiteral("&nbsp;"), QStringLiteral(" "));
  lines.replace(QStringLiteral("&lt;"), QStringLiteral("<")).replace(QStringLiteral("&gt;"), QStringLiteral(">"));
  return lines.replace(QStringLiteral("&quot;"), QStringLiteral("\""))
      .replace(QStringLiteral("&amp;"), QStringLiteral("&"))
      .trimmed();
}

QString figure_text(double value, AxisFigure figure) {
  const QString unit = plain(meaning(figure).unit);
  if (unit.isEmpty()) return number_text(value);
  if (unit.startsWith('$')) return QStringLiteral("$%1%2").arg(number_text(value), unit.mid(1));
  return number_text(value) + ' ' + unit;
}

QString axis_title(const Chart& chart, AxisFigure figure) {
  const AxisMeaning& axis = meaning(figure);
  QString title = plain(axis.label);
  if (!axis.unit.empty()) title += QStringLiteral(" (%1)").arg(plain(axis.unit));
  if (needs_tier(figure) && !chart.tier.empty()) title += QStringLiteral(", ") + plain(chart.tier);
  return title;
}

QList<PointFact> point_facts(const Chart& chart, const ChartSeries& series, const ChartPoint& point) {
  QList<PointFact> facts;
  facts.push_back({core_text(meaning(chart.x).label), figure_text(point.x, chart.x)});
  if (point.x_range) facts.push_back({tr("… over repeats"), range_text(*point.x_range)});
  facts.push_back({core_text(meaning(chart.y).label), figure_text(point.y, chart.y)});
  if (point.y_range) facts.push_back({tr("… over repeats"), range_text(*point.y_range)});
  if (point.concurrency > 0) facts.push_back({tr("Concurrency"), QString::number(point.concurrency)});
  if (point.runs.size() > 1) facts.push_back({tr("Repeats"), tr("median of %1").arg(point.runs.size())});
  facts.push_back({tr("Frontier"), point.optimal ? tr("on it") : tr("below it")});
  if (!run_ids_text(point.runs).isEmpty()) facts.push_back({tr("Runs"), run_ids_text(point.runs)});
  facts.push_back({tr("Origin"), series.sample ? tr("published sample") : tr("measured")});
  return facts;
}

QString hover_html(const Chart& chart, const ChartSeries& series, const ChartPoint& point) {
  QString html = QStringLiteral("<b>%1</b>").arg(plain(series.name).toHtmlEscaped());
  if (!point.label.empty()) html += QStringLiteral("<br>%1").arg(core_text(point.label).toHtmlEscaped());
  html += QStringLiteral("<table cellspacing=0 cellpadding=1>");
  for (const PointFact& fact : point_facts(chart, series, point))
    html += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td align=right><b>%2</b></td></tr>")
                .arg(fact.name.toHtmlEscaped(), fact.value.toHtmlEscaped());
  return html + QStringLiteral("</table>");
}

QString run_ids_text(std::vector<RunId> ids) {
  std::erase_if(ids, [](RunId id) { return id < 0; });   // samples are in no store
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  QStringList parts;
  for (std::size_t i = 0; i < ids.size();) {
    std::size_t end = i;
    while (end + 1 < ids.size() && ids[end + 1] == ids[end] + 1) ++end;
    parts << (end == i ? QString::number(ids[i]) : QStringLiteral("%1–%2").arg(ids[i]).arg(ids[end]));
    i = end + 1;
  }
  return parts.join(QStringLiteral(", "));
}

QStringList small_print(const Chart& chart) {
  std::vector<RunId> ids;
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& point : series.points) ids.insert(ids.end(), point.runs.begin(), point.runs.end());
  QStringList lines;
  QStringList facts;
  if (!run_ids_text(ids).isEmpty()) facts << tr("Runs %1").arg(run_ids_text(ids));
  facts << tr("definitions %1").arg(plain(kDefinitions));
  if (!chart.price_set.empty()) facts << tr("prices %1").arg(plain(prices_text(chart)));
  lines << facts.join(QStringLiteral(" · "));
  for (const std::string& note : chart.notes) lines << plain(note);
  for (const std::string& source : chart.sources) lines << tr("Source: %1").arg(plain(source));
  return lines;
}

}  // namespace tokenmark
