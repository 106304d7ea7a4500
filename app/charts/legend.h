// One line of a chart's legend: the series' line and mark, and its name, greyed where the series is hidden. The window's
// thread.
#pragma once

#include <qcustomplot.h>

namespace tokenmark {

class SeriesLegendItem : public QCPAbstractLegendItem {
  Q_OBJECT
 public:
  SeriesLegendItem(QCPLegend* legend, QString name, QPen line, QCPScatterStyle mark, const QFont& font, const QColor& color);
  const QString& name() const { return name_; }
  const QString& text() const { return text_; }
  void setText(const QString& text);                 // what is read instead of the name
  int preferredWidth() const;
  void setWidest(int pixels) { widest_ = pixels; }   // longer texts are cut

 protected:
  void draw(QCPPainter* painter) override;
  QSize minimumOuterSizeHint() const override;
  QSize maximumOuterSizeHint() const override;

 private:
  QString name_, text_;
  QPen line_;
  QCPScatterStyle mark_;
  int textWidth_ = 0, height_ = 0;   // asked for many times a layout
  int widest_ = 360;
};

// Of names made of parts ("model · precision · hardware"), what tells them apart: parts that all of them have give way to
// "…". Names that would be left with nothing, or are one alone, stay as they are.
QStringList told_apart(const QStringList& names);
// The longest parts are cut in their middles, so that each is still seen.
QString cut_name(const QString& name, const QFontMetrics& metrics, int width);

// As many columns as fit into `width`; two at least of many entries. Where names are too long, what tells them apart.
void wrap_legend(QCPLegend& legend, int width);

}  // namespace tokenmark
