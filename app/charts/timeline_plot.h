// A timeline on the screen: what every chart can (plot_view.h), cards of requests and moments. The wheel zooms time,
// with Ctrl the slots. When the view moves it asks for the part of the run that is seen, at the resolution it is seen in.
#pragma once

#include <QTimer>

#include "app/charts/plot_view.h"
#include "core/report/timeline.h"

namespace tokenmark {

class TimelinePlot : public PlotView {
  Q_OBJECT
 public:
  explicit TimelinePlot(QWidget* parent = nullptr);
  ~TimelinePlot() override;

  void setTimeline(Timeline timeline);       // of another run: shows all of it
  const Timeline& timeline() const { return timeline_; }
  TimelineQuery query() const;               // what is seen
  QPoint barPosition(std::size_t bar) const;  // in this widget's coordinates

 signals:
  void queryChanged();                       // ask again: the view or the size has changed

 protected:
  void drawScene() override;
  ViewRange fullView() const override;
  bool isEmpty() const override;
  QStringList seriesNames() const override;
  std::optional<Spot> spotAt(const QPoint& position) const override;
  int spotCount() const override;
  Spot spotOf(int index) const override;
  QRect chartArea() const override;
  bool zoomsVertically() const override { return false; }
  void placeMarks() override;
  void aboutToWheel(Qt::KeyboardModifiers modifiers) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  const TimelineBar* barAt(const QPoint& position) const;
  Spot spotOf(const TimelineBar& bar, const QPointF& at) const;
  QPointF place(const TimelineBar& bar) const;
  void addMeters(double at, QList<std::pair<QString, QString>>& rows) const;   // to a card

  Timeline timeline_;
  QTimer asking_;
};

}  // namespace tokenmark
