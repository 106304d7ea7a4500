// The charts at their reach, offscreen: a frontier of 10,000 points computed and drawn, frames of a pan and a zoom over 100,000
// points, the hover card, the reading line; beside an empty QCustomPlot of the same size drawn in the same moment. Prints the
// medians with their spread.
#include <fmt/format.h>
#include <qcustomplot.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include "app/charts/frontier_plot.h"

namespace tokenmark {
namespace {

constexpr int kWidth = 1100, kHeight = 700;

std::vector<RunRow> rows(int count, int series) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> share(0, 1);
  std::vector<RunRow> made(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    RunRow& run = made[static_cast<std::size_t>(i)];
    run.id = i + 1;
    run.state = RunState::done;
    run.source = "measured";
    run.series = "llama-3.1-70b · fp8 · h200 · framework 0." + std::to_string(i % series);
    run.model = "llama-3.1-70b";
    run.device = run.hardware = "h200";
    run.gpus = 8;
    run.input = run.output = 1024;
    run.concurrency = 1 + i % 256;
    run.configuration_key = "configuration-" + std::to_string(i);
    run.interactivity = 10 + 190 * share(random);
    run.total_tok_s_gpu = (220 - *run.interactivity) * 40 * std::sqrt(share(random));
  }
  return made;
}

struct Measured {
  std::vector<double> ms;
  void print(const char* what, double reference) {
    std::sort(ms.begin(), ms.end());
    const double middle = ms[ms.size() / 2];
    fmt::print("{:<58} {:>8.2f} ms ({:.2f}–{:.2f}), {:.1f} × an empty plot\n", what, middle, ms[ms.size() / 10], ms[ms.size() * 9 / 10], middle / reference);
  }
};

Measured measured(int repeats, const std::function<void(int)>& work) {
  Measured m;
  for (int i = 0; i < repeats; ++i) {
    QElapsedTimer timer;
    timer.start();
    work(i);
    m.ms.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
  }
  return m;
}

double empty_replot() {
  QCustomPlot plot;
  plot.resize(kWidth, kHeight);
  plot.show();
  QApplication::processEvents();
  Measured m = measured(41, [&](int) { plot.replot(); plot.repaint(); });
  m.print("an empty QCustomPlot, drawn", 1e300);
  return m.ms[m.ms.size() / 2];
}

void move(QCustomPlot& canvas, const QPoint& at) {
  QMouseEvent event(QEvent::MouseMove, at, canvas.mapToGlobal(at), Qt::NoButton, Qt::NoButton, {});
  QApplication::sendEvent(&canvas, &event);
  QApplication::processEvents();
}

void run(int points, int series, double empty) {
  const std::vector<RunRow> runs = rows(points, series);
  fmt::print("\n{} points in {} series\n", points, series);
  Chart chart;
  measured(15, [&](int) { chart = *frontier_chart(runs, {}); }).print("  frontier_chart", empty);
  FrontierPlot plot;
  plot.resize(kWidth, kHeight);
  plot.show();
  QApplication::processEvents();
  QCustomPlot& canvas = *plot.findChild<QCustomPlot*>("chartCanvas");
  const auto drawn = [&] {
    const int before = plot.replots();
    while (plot.replots() == before) QApplication::processEvents(QEventLoop::WaitForMoreEvents);
    canvas.repaint();
  };
  plot.setChart(chart);
  drawn();
  Measured first = measured(15, [&](int) {
    plot.setChart(*frontier_chart(runs, {}));
    plot.redraw();
    canvas.replot();
    canvas.repaint();
  });
  first.print("  computed and drawn", empty);
  const QCPRange whole = canvas.xAxis->range();
  measured(41, [&](int i) { canvas.xAxis->moveRange((i % 2 ? 1 : -1) * whole.size() * 0.03); canvas.replot(); canvas.repaint(); }).print("  a frame of a pan", empty);
  measured(41, [&](int i) { canvas.xAxis->scaleRange(i % 8 < 4 ? 0.8 : 1.25); canvas.replot(); canvas.repaint(); }).print("  a frame of a zoom", empty);
  plot.resetView();
  QApplication::processEvents();
  int cards = 0;
  Measured hover = measured(200, [&](int i) { move(canvas, {150 + (i * 37) % 800, 100 + (i * 53) % 400}); cards += !plot.hoverText().isEmpty(); });
  hover.print(fmt::format("  the pointer moves, card shown ({} of 200)", cards).c_str(), empty);
  plot.line().setOn(true);
  measured(200, [&](int i) { plot.line().moveTo(20 + i * 0.8); QApplication::processEvents(); }).print("  the reading line moves", empty);
}

}  // namespace
}  // namespace tokenmark

int main(int argc, char** argv) {
  QTemporaryDir home;
  qputenv("XDG_RUNTIME_DIR", home.path().toUtf8());
  qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication application(argc, argv);
  const double empty = tokenmark::empty_replot();
  tokenmark::run(10000, 20, empty);
  tokenmark::run(100000, 20, empty);
  return 0;
}
