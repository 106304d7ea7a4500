// A line at one x of a chart with every series' value there and its ratio to the baseline, in a card; and two cursors, A and
// B, with the ratio of each series' values between them. Cursors and a pinned line can be dragged. It lies on the overlay:
// moving it draws nothing of the chart. Owned by the plot's widget; the window's thread.
#pragma once

#include <QObject>
#include <optional>

#include "app/charts/line_values.h"

class QCustomPlot;
class QKeyEvent;
class QLabel;
class QMouseEvent;

namespace tokenmark {

class Overlay;
struct OverlayMarks;

class ReadingLine : public QObject {
  Q_OBJECT
 public:
  ReadingLine(QCustomPlot& plot, Overlay& overlay, const SceneLook& look);   // all outlive it

  // What is read, made when it is needed first; `area`: over which the line reaches; `taken`: a press there is not for it.
  void setSource(std::function<LineValues()> make) { make_ = std::move(make); }
  void setPlace(std::function<QRect()> area, std::function<bool(const QPoint&)> taken);

  void setOn(bool on);                       // whether the line goes with the pointer
  bool on() const { return on_; }
  bool pinned() const { return pinned_; }
  std::optional<double> at() const { return at_; }
  void moveTo(std::optional<double> x);      // unless pinned
  void step(double share);                   // by a share of the view; begins in the middle
  void togglePin();
  void click(double x);                      // on nothing else: pins the line there, or lets it go
  enum class Cursor : std::uint8_t { a, b };
  void setCursor(Cursor cursor);             // to where the line is
  void setCursor(Cursor cursor, double x);
  void removeCursors();
  bool clear();                              // the line, then the cursors; false: there was nothing
  bool take(const QKeyEvent& event, bool other_cards);   // a key of its own; Escape not while there are other cards
  Readings readings() const;
  void setReadings(const Readings& readings);
  void setBaseline(const std::string& series);
  const std::string& baseline() const { return baseline_; }

  void chartChanged();                       // the curves are others
  void place();                              // after the view has moved
  QString cardText() const;                  // empty while there is none; its description has the same in words

 signals:
  void changed();                            // what readings() or the baseline says
  void pointedAt();                          // the pointer is on what can be dragged: nothing else is under it

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  bool press(const QMouseEvent& event);
  bool move(const QMouseEvent& event);
  bool release();
  std::optional<double>* near(const QPoint& position);   // the line or cursor that can be dragged there
  const LineValues& values();
  void show();
  void addLine(OverlayMarks& marks, const std::optional<double>& x, const QString& name) const;

  QCustomPlot& plot_;
  Overlay& overlay_;
  const SceneLook& look_;
  std::function<LineValues()> make_;
  std::function<QRect()> area_;
  std::function<bool(const QPoint&)> taken_;
  std::optional<LineValues> values_;         // of make_, until the chart changes
  bool on_ = false, pinned_ = false;
  std::optional<double> at_, a_, b_;
  std::optional<double>* dragged_ = nullptr; // one of the three
  bool moved_ = false, near_ = false;        // of a drag; the pointer shows that something can be dragged
  std::string baseline_;
  QLabel* card_;
};

}  // namespace tokenmark
