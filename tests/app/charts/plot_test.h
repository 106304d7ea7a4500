// Mouse and keys on a chart, for the tests of every kind of chart.
#pragma once

#include <gtest/gtest.h>

#include <QtTest>

#include "app/charts/plot_view.h"

namespace tokenmark {

template <class Plot>
class PlotTest : public testing::Test {
 protected:
  void open() {
    plot_.resize(900, 600);
    plot_.show();
    settle();
  }
  void settle() { QTest::qWait(60); }
  QWidget* canvas() { return plot_.template findChild<QWidget*>("chartCanvas"); }
  void wheel(const QPoint& at, int delta, Qt::KeyboardModifiers keys = Qt::NoModifier) {
    QWheelEvent event(at, plot_.mapToGlobal(at), {}, {0, delta}, Qt::NoButton, keys, Qt::NoScrollPhase, false);
    QApplication::sendEvent(canvas(), &event);
    settle();
  }
  void drag(const QPoint& from, const QPoint& to, Qt::MouseButton button) {
    QTest::mousePress(canvas(), button, {}, from);
    QMouseEvent move(QEvent::MouseMove, to, plot_.mapToGlobal(to), button, button, {});
    QApplication::sendEvent(canvas(), &move);
    QTest::mouseRelease(canvas(), button, {}, to);
    settle();
  }
  void hover(const QPoint& at) {
    QMouseEvent move(QEvent::MouseMove, at, plot_.mapToGlobal(at), Qt::NoButton, Qt::NoButton, {});
    QApplication::sendEvent(canvas(), &move);
  }

  Plot plot_;
};

}  // namespace tokenmark
