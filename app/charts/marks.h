// The marks of a chart's points, look by look. Few are drawn as the shapes they are, and into files every one always is. Of
// many, each look is painted once and copied into one picture (mark_sprite.h), for a whole replot has 16 ms; of points of one
// look in the same pixel, one is copied. A view that has moved by whole pixels, as the mouse drags it, takes the picture along.
// The window's thread.
#pragma once

#include <qcustomplot.h>

#include <memory>
#include <vector>

#include "app/charts/mark_sprite.h"

namespace tokenmark {

class Marks : public QCPAbstractPlottable {
  Q_OBJECT
 public:
  explicit Marks(QCustomPlot& plot);   // which owns it; on the layer "marks"
  ~Marks() override;

  // Above those there are. `points` by rising x, with a place on the axes.
  void add(const QCPScatterStyle& style, std::vector<QPointF> points);
  // For tests: whether they are copied, and the pixels to which those of one look are.
  bool copied() const;
  std::vector<QPoint> places(std::size_t look) const;

  double selectTest(const QPointF&, bool, QVariant* = nullptr) const override { return -1; }
  QCPRange getKeyRange(bool& found, QCP::SignDomain = QCP::sdBoth) const override { return found = false, QCPRange(); }
  QCPRange getValueRange(bool& found, QCP::SignDomain = QCP::sdBoth, const QCPRange& = QCPRange()) const override { return found = false, QCPRange(); }

 protected:
  void draw(QCPPainter* painter) override;
  void drawLegendIcon(QCPPainter*, const QRectF&) const override {}

 private:
  struct Look {
    QCPScatterStyle style;
    std::vector<QPointF> points;
    std::vector<MarkSprite> sprites;   // for the parts of a pixel in which a middle can lie, row by row
  };
  struct Frame;                        // a part of the area, and where points are in it
  Frame frame(double ratio) const;
  Frame part(const Frame& of, const QRect& seen) const;
  template <class Visit>
  void visit(const Look& look, const Frame& frame, Visit copy) const;
  void drawShapes(QCPPainter& painter, const Look& look) const;
  void paint(QImage& picture, const Frame& frame);
  bool moveAlong(const Frame& to);

  std::vector<Look> looks_;
  QImage picture_;
  std::unique_ptr<Frame> painted_;     // what it shows
  double ratio_ = 1;                   // that the sprites are made for
};

}  // namespace tokenmark
