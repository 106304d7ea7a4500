// The requests of a Timeline as a plottable of QCustomPlot: bars by slot, or the grid where bars are too many. Keys are
// seconds, values slots. The window's thread.
#pragma once

#include <qcustomplot.h>

#include "app/charts/scene_look.h"
#include "core/report/timeline.h"

namespace tokenmark {

// What a stretch of a request's time is; the legend's lines, in its order.
enum class RequestPhase { late, waiting, streaming, failed, warmup };
inline constexpr int kPhases = 5;
QString phase_name(RequestPhase phase);
QColor phase_color(RequestPhase phase, const Theme& theme);

class RequestBars : public QCPAbstractPlottable {
 public:
  // `timeline` must outlive it.
  RequestBars(QCPAxis* time, QCPAxis* slot, const Timeline& timeline, const SceneLook& look);

  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }
  QCPRange getKeyRange(bool& found, QCP::SignDomain) const override;
  QCPRange getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const override;

 protected:
  void draw(QCPPainter* painter) override;
  void drawLegendIcon(QCPPainter*, const QRectF&) const override {}

 private:
  void drawBar(QCPPainter& painter, const TimelineBar& bar, double top, double height) const;
  void drawGrid(QCPPainter& painter, const TimelineGrid& grid) const;
  bool hidden(RequestPhase phase) const { return hidden_[static_cast<int>(phase)]; }

  const Timeline& timeline_;
  QColor colors_[kPhases], ground_;
  bool hidden_[kPhases];
};

}  // namespace tokenmark
