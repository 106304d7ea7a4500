// One line of a chart's legend: the series' line and mark, and its name, greyed where the series is hidden.
#pragma once

#include <qcustomplot.h>

namespace tokenmark {

class SeriesLegendItem : public QCPAbstractLegendItem {
  Q_OBJECT
 public:
  SeriesLegendItem(QCPLegend* legend, QString name, QPen line, QCPScatterStyle mark);
  const QString& name() const { return name_; }
  int preferredWidth() const;
  void setWidest(int pixels) { widest_ = pixels; }   // longer names are cut in the middle

 protected:
  void draw(QCPPainter* painter) override;
  QSize minimumOuterSizeHint() const override;
  QSize maximumOuterSizeHint() const override;

 private:
  QString name_;
  QPen line_;
  QCPScatterStyle mark_;
  int widest_ = 360;
};

// As many columns as fit into `width`; two at least of many entries.
void wrap_legend(QCPLegend& legend, int width);

}  // namespace tokenmark
