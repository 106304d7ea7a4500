// A chart on the screen, of whatever kind: zoom by wheel, pan by drag, rubber band with the right button or Shift, back
// and forward, crosshair and hover card, click on a point (its card stays), legend (click hides, double-click shows alone),
// a line with every series' value there and two cursors (reading_line.h). New charts may come as often as they like: at most
// 30 are drawn a second. While the user has not moved the view, it follows what is shown. What is drawn is up to the derived
// class.
//
// Keys: N and P walk over the points, Enter is a click on one, the Menu key and Shift+F10 open the menu there; Tab goes to
// the legend, whose arrows choose, Space hides, Enter shows alone and Menu opens the menu of a series; Left and Right move
// the line, Enter pins it, A and B set the cursors to it; Escape takes away cards, then line and cursors.
#pragma once

#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "app/charts/drawing.h"
#include "app/charts/hover_card.h"
#include "app/charts/reading_line.h"
#include "core/store/store.h"

class QCustomPlot;
class QMouseEvent;

namespace tokenmark {

class PlotView : public QWidget {
  Q_OBJECT
 public:
  ~PlotView() override;

  void setTheme(const Theme& theme);
  void setEmptyText(const QString& text);           // said where there is nothing to draw
  void showAllSeries();

  ViewRange view() const;
  std::optional<ViewRange> chosenView() const;      // absent while the view follows what is shown
  void setChosenView(const std::optional<ViewRange>& view);
  QStringList hiddenSeries() const;
  void setHiddenSeries(const QStringList& names);
  void soloSeries(const QString& name);
  void toggleSeries(const QString& name);
  bool canGoBack() const;
  bool canGoForward() const;
  ReadingLine& line() const;
  QStringList pinnedCards() const;                  // of clicked points, as HTML
  void copyPinnedCards() const;
  void setCursorHere(ReadingLine::Cursor cursor,
                     const std::optional<QPoint>& global = {});  // there, at the line, or in the middle
  // The picture that is seen, for export_chart.
  PictureOptions pictureOptions() const;

  // Where things are, in this widget's coordinates: for tests and keyboard users.
  QPoint legendPosition(std::size_t series) const;
  bool seriesHidden(std::size_t series) const;
  QString hoverText() const;                        // of the card, empty while there is none
  std::vector<RunId> runsAt(const QPoint& global) const;  // of the point there; empty: there is none
  int replots() const;                              // drawn so far
  void redraw();                                    // now, however soon after the last one

 public slots:
  void resetView();
  void goBack();
  void goForward();
  void zoomIn();
  void zoomOut();

 signals:
  void viewChanged();
  void visibilityChanged();
  void cardsChanged();
  void legendMenuWanted(const QString& series, const QPoint& position);   // the right button on a line of the legend
  void menuWanted(const QPoint& position);          // the right button without a drag, or keys

 protected:
  explicit PlotView(QWidget* parent);

  using Spot = ChartSpot;
  // Called when a redraw is due; draws the look() on the canvas().
  virtual void drawScene() = 0;
  virtual ViewRange fullView() const = 0;
  virtual bool isEmpty() const = 0;
  virtual QStringList seriesNames() const = 0;
  virtual std::optional<Spot> spotAt(const QPoint& position) const = 0;
  virtual int spotCount() const = 0;
  virtual Spot spotOf(int index) const = 0;
  virtual void placeMarks() {}                      // on the overlay(), after each drawing: what moves with the view
  virtual void spotClicked(const Spot&) {}
  virtual QRect chartArea() const;                  // where crosshairs reach
  virtual bool zoomsVertically() const { return true; }   // by keys and buttons
  virtual void aboutToWheel(Qt::KeyboardModifiers) {}

  // Makes what the line reads, from the chart as it is; once, by the derived class.
  void setReadings(std::function<LineValues()> make);
  // After the chart has changed; `other_axes`: the view so far says nothing about it.
  void sceneChanged(bool other_axes);
  void scheduleRedraw();
  bool following() const;
  QCustomPlot& canvas() const;
  Overlay& overlay() const;
  SceneLook& look() const;

  bool eventFilter(QObject* watched, QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  bool focusNextPrevChild(bool next) override;
  void focusOutEvent(QFocusEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  struct State;

  void setupPlot();
  void setupOverlay();
  void setupMouse();
  void onPress(QMouseEvent* event);
  void onMove(QMouseEvent* event);
  void onRelease(QMouseEvent* event);
  void onDoubleClick(QMouseEvent* event);
  void onWheel();
  void onRubberBand(const QRect& rect);
  void stepHover(int direction);
  void click(const Spot& spot);
  bool onPointKey(const QKeyEvent& event);          // plot_view_keys.cpp
  bool onLegendKey(const QKeyEvent& event);
  void openMenu();
  void leaveView();
  void moveTo(const ViewRange& view);
  void zoomBy(double factor);

  std::unique_ptr<State> state_;
};

}  // namespace tokenmark
