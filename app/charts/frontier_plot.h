// A chart on the screen: zoom by wheel, pan by drag, rubber band with the right button or Shift, back and forward,
// hover card, click on a point, legend (click hides, double-click shows alone). New charts may come as often as they
// like: at most 30 are drawn a second. While the user has not moved the view, it follows the points.
#pragma once

#include <QWidget>
#include <memory>

#include "app/charts/export.h"
#include "app/charts/theme.h"
#include "core/report/chart.h"

class QMouseEvent;

namespace tokenmark {

class FrontierPlot : public QWidget {
  Q_OBJECT
 public:
  explicit FrontierPlot(QWidget* parent = nullptr);
  ~FrontierPlot() override;

  void setChart(Chart chart);
  const Chart& chart() const;
  void setTheme(const Theme& theme);
  void setOnlyOptimal(bool only);
  void setEmptyText(const QString& text);           // said where there is nothing to draw
  void selectRuns(const std::vector<RunId>& runs);  // their points get a ring
  void showAllSeries();

  ViewRange view() const;
  bool canGoBack() const;
  bool canGoForward() const;
  // The picture that is seen, for export_chart.
  PictureOptions pictureOptions() const;

  // Where things are, in this widget's coordinates: for tests and keyboard users.
  QPoint pointPosition(std::size_t series, std::size_t point) const;
  QPoint legendPosition(std::size_t series) const;
  bool seriesHidden(std::size_t series) const;
  QString hoverText() const;                        // of the card, empty while there is none
  int replots() const;                              // drawn so far

 public slots:
  void resetView();
  void goBack();
  void goForward();
  void zoomIn();
  void zoomOut();

 signals:
  void pointClicked(const std::vector<tokenmark::RunId>& runs);
  void viewChanged();
  void menuWanted(const QPoint& position);          // the right button without a drag

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  struct State;
  struct Hit;

  void setupPlot();
  void setupOverlay();
  void setupMouse();
  void scheduleRedraw();
  void redraw();
  void placeRings();
  void onPress(QMouseEvent* event);
  void onMove(QMouseEvent* event);
  void onRelease(QMouseEvent* event);
  void onWheel();
  void onRubberBand(const QRect& rect);
  void hover(const QPoint& position);
  void showCard(const Hit& hit);
  void hideCard();
  void stepHover(int direction);
  void leaveView();
  void moveTo(const ViewRange& view);
  void zoomBy(double factor);
  Hit hitAt(const QPoint& position) const;

  std::unique_ptr<State> state_;
};

}  // namespace tokenmark
