#include "app/charts/trend_scene.h"

#include <algorithm>
#include <cmath>

#include "app/charts/core_text.h"
#include "app/charts/export.h"
#include "app/charts/legend.h"
#include "app/charts/plot_style.h"
#include "app/charts/text.h"
#include "app/charts/ticker.h"

namespace tokenmark {
namespace {

constexpr int kLongestName = 18, kLabelRows = 5;

QString tr(const char* text) { return QCoreApplication::translate("Charts", text); }
QString plain(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }
QString name_of(const TrendSeries& series) { return QString::fromStdString(series.name); }

// States at whole numbers, as many as have room for their names.
class StateTicker : public QCPAxisTicker {
 public:
  StateTicker(const Trend& trend, const QFont& font, int width) {
    const QFontMetrics metrics(font);
    int longest = 1;
    for (const TrendState& state : trend.states) {
      QString name = QString::fromStdString(state.name);
      if (name.size() > kLongestName) name = name.left(kLongestName - 1) + QStringLiteral("…");
      longest = std::max(longest, metrics.horizontalAdvance(name));
      names_ << name;
    }
    most_ = std::max(1, width / (longest + 14));
  }

 protected:
  double getTickStep(const QCPRange& range) override {
    const double wanted = range.size() / most_;
    for (double step = 1;; step *= 10)
      for (const double factor : {1.0, 2.0, 5.0})
        if (step * factor >= wanted) return step * factor;
  }
  int getSubTickCount(double) override { return 0; }
  QVector<double> createTickVector(double step, const QCPRange& range) override {
    QVector<double> ticks;
    const auto last = static_cast<double>(names_.size() - 1);
    for (double tick = std::max(0.0, std::ceil(range.lower / step) * step); tick <= std::min(range.upper, last); tick += step) ticks << tick;
    return ticks;
  }
  QString getTickLabel(double tick, const QLocale&, QChar, int) override { return names_.value(static_cast<int>(std::lround(tick))); }

 private:
  QStringList names_;
  int most_ = 1;
};

struct SeriesLook {
  QColor color;
  QPen line;
  QCPScatterStyle mark;
};

SeriesLook series_look(const SceneLook& look, int index) {
  static constexpr QCPScatterStyle::ScatterShape kShapes[] = {QCPScatterStyle::ssCircle, QCPScatterStyle::ssSquare, QCPScatterStyle::ssTriangle,
                                                             QCPScatterStyle::ssDiamond, QCPScatterStyle::ssTriangleInverted};
  SeriesLook made;
  made.color = look.theme.series[index % look.theme.series.size()];
  made.line = QPen(made.color, 2.2);
  if (index >= look.theme.series.size()) made.line.setDashPattern({5, 2.5});
  made.mark = QCPScatterStyle(kShapes[index % 5], QPen(look.theme.base, 1), QBrush(made.color), 8);
  return made;
}

void draw_points(QCustomPlot& plot, const TrendSeries& series, const SeriesLook& style) {
  QVector<double> keys, values, minus, plus;
  bool any_range = false;
  for (const TrendPoint& point : series.points) {
    if (!point.value) continue;
    keys << static_cast<double>(point.state);
    values << *point.value;
    minus << (point.range ? std::max(0.0, *point.value - point.range->low) : 0);
    plus << (point.range ? std::max(0.0, point.range->high - *point.value) : 0);
    any_range = any_range || point.range;
  }
  QCPGraph* thread = add_graph(plot, "bands");   // which point comes after which
  thread->setPen(QPen(with_alpha(style.color, 0.3), 1));
  thread->setData(keys, values, true);
  QCPGraph* graph = add_graph(plot, "marks");
  graph->setLineStyle(QCPGraph::lsNone);
  graph->setScatterStyle(style.mark);
  graph->setAdaptiveSampling(false);
  graph->setData(keys, values, true);
  if (!any_range) return;
  auto* bars = new QCPErrorBars(plot.xAxis, plot.yAxis);
  bars->removeFromLegend();
  bars->setLayer(QStringLiteral("bands"));
  bars->setSelectable(QCP::stNone);
  bars->setErrorType(QCPErrorBars::etValueError);
  bars->setDataPlottable(graph);
  bars->setPen(QPen(with_alpha(style.color, 0.75), 1.3));
  bars->setWhiskerWidth(7);
  bars->setSymbolGap(0);
  bars->setData(minus, plus);
}

void draw_levels(QCustomPlot& plot, const TrendSeries& series, const SeriesLook& style) {
  QVector<double> keys, values;
  for (std::size_t i = 0; i < series.levels.size(); ++i) {
    const TrendLevel& level = series.levels[i];
    const auto middle = [](std::size_t a, std::size_t b) { return (static_cast<double>(a) + static_cast<double>(b)) / 2; };
    keys << (i == 0 ? static_cast<double>(level.from) - 0.3 : middle(series.levels[i - 1].to, level.from));
    keys << (i + 1 == series.levels.size() ? static_cast<double>(level.to) + 0.3 : middle(level.to, series.levels[i + 1].from));
    values << level.value << level.value;
  }
  QCPGraph* graph = add_graph(plot, "curves");
  graph->setPen(style.line);
  graph->setAdaptiveSampling(false);
  graph->setData(keys, values, true);
}

// A line from bottom to top, and the change's size at the top: neighbours in rows of their own.
void draw_change(QCustomPlot& plot, const TrendSeries& series, std::size_t index, const SeriesLook& style, const SceneLook& look, int row) {
  const TrendChange& change = series.changes[index];
  const QColor color = change.better ? look.theme.good : look.theme.error;
  const ChangeMark mark = mark_of(series, index);
  auto* line = new QCPItemStraightLine(&plot);
  line->setLayer(QStringLiteral("bands"));
  line->setSelectable(false);
  line->setPen(QPen(with_alpha(color, 0.8), 1.2, Qt::DashLine));
  line->point1->setCoords(mark.x, 0);
  line->point2->setCoords(mark.x, 1);
  auto* label = new QCPItemText(&plot);
  label->setLayer(QStringLiteral("marks"));
  label->setSelectable(false);
  label->setText(QStringLiteral("%1, %2").arg(change_text(change), change.better ? tr("better") : tr("worse")));
  QFont bold = look.font;
  bold.setBold(true);
  label->setFont(bold);
  label->setColor(color);
  label->setBrush(with_alpha(look.theme.base, 0.85));
  label->setPen(QPen(style.color, 1.5));   // whose change it is
  label->setPadding(QMargins(4, 1, 4, 1));
  label->setClipToAxisRect(true);
  label->setClipAxisRect(plot.axisRect());
  label->setPositionAlignment(Qt::AlignTop | Qt::AlignHCenter);
  label->position->setTypeX(QCPItemPosition::ptPlotCoords);
  label->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
  label->position->setAxisRect(plot.axisRect());
  label->position->setCoords(mark.x, 0.012 + 0.052 * row);
}

QString value_title(const Trend& trend) {
  const AxisMeaning& figure = meaning(trend.figure);
  QString title = plain(figure.label);
  if (!figure.unit.empty()) title += QStringLiteral(" (%1)").arg(plain(figure.unit));
  if (!trend.tier.empty() && needs_tier(trend.figure)) title += QStringLiteral(", ") + QString::fromStdString(trend.tier);
  return title;
}

}  // namespace

QString change_text(const TrendChange& change) {
  return QStringLiteral("%1%2 %").arg(change.change < 0 ? QStringLiteral("−") : QStringLiteral("+"), QString::number(std::abs(change.change) * 100, 'f', 1));
}

ChangeMark mark_of(const TrendSeries& series, std::size_t change) {
  const TrendChange& at = series.changes[change];
  ChangeMark mark{(static_cast<double>(at.before) + static_cast<double>(at.after)) / 2, 0};
  if (change + 1 < series.levels.size()) mark.y = (series.levels[change].value + series.levels[change + 1].value) / 2;
  return mark;
}

void draw_scene(QCustomPlot& plot, const Trend& trend, SceneLook& look) {
  clear_scene(plot);
  plot.setBackground(QBrush(look.theme.base));
  plot.xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new StateTicker(trend, look.font, plot.viewport().width() - 110)));
  plot.yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new LinearTicker));
  style_axis(*plot.xAxis, trend.by == TrendBy::date ? tr("Day of the measurement") : tr("%1, by the time of its first measurement").arg(look.translated ? core_text(trend_axis(trend.by).label) : plain(trend_axis(trend.by).label)), false, look);
  plot.xAxis->grid()->setZeroLinePen(plot.xAxis->grid()->pen());   // the first state is like any other
  style_axis(*plot.yAxis, value_title(trend), false, look);
  QStringList names;
  for (const TrendSeries& series : trend.series) names << name_of(series);
  look.styles.keepOnly(names);
  int row = 0;
  for (const TrendSeries& series : trend.series) {
    const SeriesLook style = series_look(look, look.styles.indexOf(name_of(series)));
    if (!look.visibility.hidden(name_of(series))) {
      draw_levels(plot, series, style);
      draw_points(plot, series, style);
      for (std::size_t i = 0; i < series.changes.size(); ++i) draw_change(plot, series, i, style, look, row++ % kLabelRows);
    }
    add_legend_item(plot, name_of(series), style.line, style.mark, look);
  }
  plot.legend->setVisible(!trend.series.empty());
  wrap_legend(*plot.legend, plot.viewport().width() - 70);
}

ViewRange full_view(const Trend& trend, const SceneLook& look) {
  double low = INFINITY, high = -INFINITY, first = INFINITY, last = -INFINITY;
  for (const TrendSeries& series : trend.series) {
    if (look.visibility.hidden(name_of(series))) continue;
    for (const TrendPoint& point : series.points) {
      if (!point.value) continue;
      first = std::min(first, static_cast<double>(point.state));
      last = std::max(last, static_cast<double>(point.state));
      low = std::min({low, *point.value, point.range ? point.range->low : *point.value});
      high = std::max({high, *point.value, point.range ? point.range->high : *point.value});
    }
  }
  if (low > high) return {-0.5, 0.5, 0, 1};
  // The labels of changes want room above. Levels are compared, so the axis need not begin at 0.
  const double room = high > low ? high - low : std::max(std::abs(high) * 0.2, 1e-9);
  return {first - 0.5, last + 0.5, low >= 0 ? std::max(0.0, low - 0.15 * room) : low - 0.15 * room, high + 0.3 * room};
}

Trend visible_part(const Trend& trend, const SceneLook& look) {
  Trend visible = trend;
  std::erase_if(visible.series, [&](const TrendSeries& series) { return look.visibility.hidden(name_of(series)); });
  return visible;
}

QStringList small_print(const Trend& trend) {
  std::vector<RunId> ids;
  for (const TrendSeries& series : trend.series)
    for (const TrendPoint& point : series.points) ids.insert(ids.end(), point.runs.begin(), point.runs.end());
  const AxisMeaning &figure = meaning(trend.figure), &x = meaning(trend.x);
  QStringList lines{tr("Runs %1 · definitions %2 · %3 = %4; read from each state's frontier at %5 = %6 %7")
                        .arg(run_ids_text(ids), plain(kDefinitions), plain(figure.key), plain(figure.definition), plain(x.key), number_text(trend.at), plain(x.unit))};
  if (!trend.price_set.empty()) lines << tr("Price set %1, %2").arg(QString::fromStdString(dated_name(trend.price_set, trend.price_date)), QString::fromStdString(trend.tier));
  for (const TrendSeries& series : trend.series)
    for (const TrendChange& change : series.changes)
      lines << (trend.series.size() > 1 ? name_of(series) + QStringLiteral(": ") : QString()) + QString::fromStdString(change_sentence(trend, change));
  for (const std::string& note : trend.notes) lines << QString::fromStdString(note);
  return lines;
}

Drawing drawing_of(const Trend& trend, const PictureOptions& options) { return series_drawing(trend, small_print(trend), options, trend_csv); }

}  // namespace tokenmark
