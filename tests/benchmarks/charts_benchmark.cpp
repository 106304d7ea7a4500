// The charts at their reach, offscreen: a frontier of 10,000 points computed and drawn, frames of a pan and a zoom over 100,000
// points, the hover card, the reading line; beside a bare QCustomPlot of the same size, empty and with the same points, drawn in
// the same minute. Prints the medians with their spread.
#include <fmt/format.h>
#include <qcustomplot.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <algorithm>
#include <cmath>
#include <ctime>
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
  const SharedText source("measured"), model("llama-3.1-70b"), device("h200");   // shared, as the store's rows share them
  std::vector<SharedText> names;
  for (int i = 0; i < series; ++i) names.emplace_back("llama-3.1-70b · fp8 · h200 · framework 0." + std::to_string(i));
  for (int i = 0; i < count; ++i) {
    RunRow& run = made[static_cast<std::size_t>(i)];
    run.id = i + 1;
    run.state = RunState::done;
    run.source = source;
    run.series = names[static_cast<std::size_t>(i % series)];
    run.model = model;
    run.device = run.hardware = device;
    run.gpus = 8;
    run.input = run.output = 1024;
    run.concurrency = 1 + i % 256;
    run.configuration_key = "configuration-" + std::to_string(i);
    run.interactivity = 10 + 190 * share(random);
    run.total_tok_s_gpu = (220 - *run.interactivity) * 40 * std::sqrt(share(random));
  }
  return made;
}

double cpu_ms() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

struct Measured {
  std::vector<double> ms, cpu;
  void print(const char* what, double reference) {
    std::sort(ms.begin(), ms.end());
    std::sort(cpu.begin(), cpu.end());
    const double middle = ms[ms.size() / 2];
    fmt::print("{:<58} {:>8.2f} ms ({:.2f}–{:.2f}), of them processor {:.2f}, {:.1f} × an empty plot\n", what, middle, ms[ms.size() / 10],
               ms[ms.size() * 9 / 10], cpu[cpu.size() / 2], middle / reference);
  }
};

Measured measured(int repeats, const std::function<void(int)>& work) {
  Measured m;
  for (int i = 0; i < repeats; ++i) {
    QElapsedTimer timer;
    timer.start();
    const double before = cpu_ms();
    work(i);
    m.cpu.push_back(cpu_ms() - before);
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

// What a plot of the same points costs that does nothing for its speed.
void bare_frame(const Chart& chart, double empty) {
  QCustomPlot plot;
  plot.resize(kWidth, kHeight);
  for (const ChartSeries& series : chart.series) {
    QVector<double> x, y;
    for (const ChartPoint& point : series.points) {
      x.push_back(point.x);
      y.push_back(point.y);
    }
    QCPGraph* graph = plot.addGraph();
    graph->setLineStyle(QCPGraph::lsNone);
    graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(QColor(0, 0, 200, 140), 1.2), QBrush(QColor(0, 0, 200, 77)), 6.5));
    graph->setData(x, y, true);
  }
  plot.rescaleAxes();
  plot.show();
  QApplication::processEvents();
  measured(5, [&](int) { plot.replot(); plot.repaint(); }).print("  the same points in a bare QCustomPlot, a frame", empty);
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
  bare_frame(chart, empty);
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
  const double pixel = whole.size() / canvas.axisRect()->width();
  const auto pan = [&](double pixels) {
    return measured(41, [&](int i) { canvas.xAxis->moveRange((i % 8 < 4 ? 1 : -1) * pixels * pixel); canvas.replot(); canvas.repaint(); });
  };
  pan(31).print("  a frame of a pan by the mouse: 31 pixels", empty);
  pan(31.4).print("  a frame of a pan by parts of pixels", empty);
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
