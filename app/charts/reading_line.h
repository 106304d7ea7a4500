// A line at one x of a frontier chart with every series' value there and its ratio to the baseline, in a card; and two
// cursors, A and B, with the ratio of each series' values between them. It is drawn on the overlay, a buffered layer of
// its own: moving it repaints nothing else. Owned by the plot's widget; the window's thread.
#pragma once

#include <QObject>
#include <optional>

#include "app/charts/scene_look.h"
#include "core/report/chart.h"

class QCPItemLine;
class QCPItemText;
class QCustomPlot;
class QLabel;

namespace tokenmark {

struct Readings {
  std::optional<double> line, cursor_a, cursor_b;   // x; the line only where it is pinned
  bool operator==(const Readings&) const = default;
};

class ReadingLine : public QObject {
  Q_OBJECT
 public:
  ReadingLine(QCustomPlot& plot, const Chart& chart, const SceneLook& look);   // all outlive it

  void setOn(bool on);                       // whether the line goes with the pointer
  bool on() const { return on_; }
  bool pinned() const { return pinned_; }
  std::optional<double> at() const { return at_; }
  void moveTo(std::optional<double> x);      // unless pinned
  void step(double share);                   // by a share of the view; begins in the middle
  void togglePin();
  enum class Cursor : std::uint8_t { a, b };
  void setCursor(Cursor cursor);             // to where the line is
  bool clear();                              // the line, then the cursors; false: there was nothing
  Readings readings() const;
  void setReadings(const Readings& readings);
  void setBaseline(const std::string& series);
  const std::string& baseline() const { return baseline_; }

  void chartChanged();                       // the curves are others
  void place();                              // after the view has moved, before it is drawn
  QString cardText() const;                  // empty while there is none; its description has the same in words

 signals:
  void changed();                            // what readings() or the baseline says

 private:
  struct Part;                               // of the card: a head, rows, a last line
  Part linePart() const;
  Part cursorsPart() const;
  void show();
  void placeLine(QCPItemLine& line, QCPItemText* name, const std::optional<double>& x);

  QCustomPlot& plot_;
  const Chart& chart_;
  const SceneLook& look_;
  std::vector<SeriesReading> curves_;
  bool on_ = false, pinned_ = false;
  std::optional<double> at_, a_, b_;
  std::string baseline_;
  QCPItemLine *line_, *line_a_, *line_b_;
  QCPItemText *name_a_, *name_b_;
  QLabel* card_;
};

}  // namespace tokenmark
