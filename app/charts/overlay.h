// What lies over a chart and comes and goes with the pointer: lines, rings, short names. A widget of its own, since moving
// them then repaints the strips they leave and reach, and nothing of the chart is drawn again. The window's thread.
#pragma once

#include <QFont>
#include <QLineF>
#include <QPen>
#include <QWidget>
#include <array>
#include <vector>

namespace tokenmark {

struct OverlayMarks {
  struct Line {
    QLineF at;
    QPen pen;
  };
  struct Ring {
    QPointF middle;
    double radius = 0;
    QPen pen;
  };
  struct Name {                      // in a box, below the middle of its upper edge
    QString text;
    QPointF top;
    QFont font;
    QColor color, fill;
    QRectF box() const;
  };
  std::vector<Line> lines;
  std::vector<Ring> rings;
  std::vector<Name> names;
};

class Overlay : public QWidget {
 public:
  enum class Of : std::uint8_t { pointer, selection, reading, keys };   // painted in this order

  explicit Overlay(QWidget* plot);   // above it, of its size as set by its owner; lets the mouse through
  void set(Of what, OverlayMarks marks);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  std::array<OverlayMarks, 4> marks_;
};

}  // namespace tokenmark
