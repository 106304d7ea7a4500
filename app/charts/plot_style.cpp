#include "app/charts/plot_style.h"

#include <cstdlib>

#include "app/charts/core_text.h"
#include "app/charts/legend.h"

namespace tokenmark {
namespace {

constexpr int kTitleOver = 16;   // pixels that a title may be longer than its axis

// In two lines that are as even as they can be, each cut if it still has to be.
QString fitted(const QString& title, const QFontMetrics& metrics, int length) {
  if (metrics.horizontalAdvance(title) <= length) return title;
  qsizetype middle = title.size();
  for (qsizetype space = title.indexOf(' '); space >= 0; space = title.indexOf(' ', space + 1))
    if (std::abs(2 * space - title.size()) < std::abs(2 * middle - title.size())) middle = space;
  const QString first = metrics.elidedText(title.left(middle), Qt::ElideRight, length);
  if (middle == title.size()) return first;
  return first + '\n' + metrics.elidedText(title.mid(middle + 1), Qt::ElideRight, length);
}

}  // namespace

QColor with_alpha(QColor color, double alpha) {
  color.setAlphaF(static_cast<float>(alpha));
  return color;
}

void prepare_plot(QCustomPlot& plot) {
  plot.setPlottingHints(QCP::phFastPolylines | QCP::phCacheLabels);
  plot.setAntialiasedElements(QCP::aeAll);
  plot.setNotAntialiasedElements(QCP::aeAxes | QCP::aeGrid);
  plot.setNoAntialiasingOnDrag(false);
  for (const char* layer : {"bands", "curves", "marks"})
    plot.addLayer(QString::fromLatin1(layer), plot.layer(QStringLiteral("main")));
  plot.moveLayer(plot.layer(QStringLiteral("bands")), plot.layer(QStringLiteral("main")));
  plot.moveLayer(plot.layer(QStringLiteral("curves")), plot.layer(QStringLiteral("bands")));
  plot.moveLayer(plot.layer(QStringLiteral("marks")), plot.layer(QStringLiteral("curves")));
  plot.axisRect()->setMinimumMargins(QMargins(8, 8, 14, 8));
  plot.axisRect()->insetLayout()->take(plot.legend);
  plot.plotLayout()->addElement(1, 0, plot.legend);
  plot.plotLayout()->setRowStretchFactor(1, 0.001);
  plot.plotLayout()->setRowSpacing(4);
  plot.plotLayout()->setMargins(QMargins(8, 6, 8, 8));
  plot.legend->setVisible(true);
  plot.legend->setBorderPen(Qt::NoPen);
  plot.legend->setBrush(Qt::NoBrush);
  plot.legend->setMargins(QMargins(60, 0, 10, 6));
  plot.legend->setMaximumSize(QWIDGETSIZE_MAX / 2, QWIDGETSIZE_MAX);   // else an empty one, and the chart above, is as narrow as its margins
  plot.legend->setRowSpacing(0);
  plot.legend->setColumnSpacing(14);
}

void clear_scene(QCustomPlot& plot) {
  plot.clearPlottables();
  plot.legend->clearItems();
  plot.clearItems();
}

void style_axis(QCPAxis& axis, const QString& title, bool log, const SceneLook& look) {
  const Theme& theme = look.theme;
  axis.setScaleType(log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  axis.ticker()->setTickCount(axis.orientation() == Qt::Horizontal ? 8 : 6);
  axis.setLabel(look.translated ? core_text(title.toStdString()) : title);
  axis.setLabelFont(look.font);
  axis.setLabelColor(theme.text);
  axis.setLabelPadding(7);
  axis.setTickLabelFont(look.font);
  axis.setTickLabelColor(theme.muted);
  axis.setTickLabelPadding(5);
  axis.setBasePen(QPen(theme.axis, 1));
  axis.setTickPen(QPen(theme.axis, 1));
  axis.setSubTickPen(QPen(theme.axis, 1));
  axis.setTickLength(0, 5);
  axis.setSubTickLength(0, 3);
  axis.grid()->setPen(QPen(theme.grid, 1));
  axis.grid()->setSubGridPen(QPen(theme.grid_minor, 1));
  axis.setSubTicks(log);
  axis.grid()->setSubGridVisible(log);
  axis.grid()->setZeroLinePen(QPen(theme.axis, 1));
}

void fit_axis_titles(QCustomPlot& plot) {
  for (const auto phase : {QCPLayoutElement::upPreparation, QCPLayoutElement::upMargins, QCPLayoutElement::upLayout})
    plot.plotLayout()->update(phase);
  for (const QCPAxisRect* rect : plot.axisRects())
    for (QCPAxis* axis : rect->axes()) {
      const int length = (axis->orientation() == Qt::Horizontal ? rect->width() : rect->height()) + kTitleOver;
      axis->setLabel(fitted(axis->label(), QFontMetrics(axis->labelFont()), length));
    }
}

void add_legend_item(QCustomPlot& plot, const QString& name, QPen line, QCPScatterStyle mark, const SceneLook& look) {
  const bool hidden = look.visibility.hidden(name);
  if (hidden) {
    const QColor grey = with_alpha(look.theme.muted, 0.45);
    line.setColor(grey);
    mark.setPen(QPen(grey, 1.2));
    mark.setBrush(Qt::NoBrush);
  }
  const QColor color = hidden ? with_alpha(look.theme.muted, 0.6) : look.theme.text;
  plot.legend->addItem(new SeriesLegendItem(plot.legend, name, line, mark, look.font, color));
}

QCPGraph* add_graph(QCustomPlot& plot, const char* layer, QCPAxis* x, QCPAxis* y) {
  QCPGraph* graph = plot.addGraph(x, y);
  graph->removeFromLegend();
  graph->setLayer(QString::fromLatin1(layer));
  graph->setSelectable(QCP::stNone);
  graph->setAdaptiveSampling(true);
  return graph;
}

void set_view(QCustomPlot& plot, const ViewRange& view) {
  plot.xAxis->setRange(view.x_low, view.x_high);
  plot.yAxis->setRange(view.y_low, view.y_high);
}

ViewRange view_of(const QCustomPlot& plot) {
  return {plot.xAxis->range().lower, plot.xAxis->range().upper, plot.yAxis->range().lower, plot.yAxis->range().upper};
}

}  // namespace tokenmark
