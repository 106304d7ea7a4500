// workbench_scale STORE [REPEATS]: the window with a store of many runs (make_runs), offscreen: from the start of the process
// until it is painted, until its list is, until all runs are there; then what a person does with all of them, until the list is
// painted again, and the longest stall of the event loop meanwhile and in the moment after; memory. In turn with it, in processes
// of their own: an empty Qt window, and a plain SQLite program that reads the runs. Wall time, and beside it the time that the
// process had a processor: what is left of the wall time on a machine that has others to serve. The window works on a copy of
// the store, made once. Prints a table.
#include <sqlite3.h>
#include <time.h>

#include <QAction>
#include <QApplication>
#include <QHeaderView>
#include <QMainWindow>
#include <QProcess>
#include <QTableView>
#include <QTemporaryDir>
#include <QTimer>
#include <QtTest>
#include <algorithm>
#include <map>

#include "app/desktop/main_window.h"
#include "app/desktop/runs_dock.h"
#include "tests/app/support/watchdog.h"

namespace {

using namespace tokenmark;

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double mebibytes(const char* field) {
  QFile status(QStringLiteral("/proc/self/status"));
  if (!status.open(QIODevice::ReadOnly)) return 0;
  for (const QByteArray& line : status.readAll().split('\n'))
    if (line.startsWith(field)) return line.simplified().split(' ').at(1).toDouble() / 1024;
  return 0;
}

void say(const char* what, double value) {
  std::printf("%s\t%.3f\n", what, value);
  std::fflush(stdout);
}

// Wall and processor time since it was made, in milliseconds; the processor's from the start of the process where `start`
// (of the wall clock, by the parent) is given.
struct Watch {
  double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  void tell(const char* what) const {
    say((std::string(what) + ", wall ms").c_str(), (seconds(CLOCK_MONOTONIC) - wall) * 1e3);
    say((std::string(what) + ", CPU ms").c_str(), (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e3);
  }
};

// Whether a widget has been painted since it was last asked.
class Painted : public QObject {
 public:
  explicit Painted(QWidget* widget) { widget->installEventFilter(this); }
  bool eventFilter(QObject*, QEvent* event) override {
    if (event->type() == QEvent::Paint) painted = true;
    return false;
  }
  bool painted = false;
};

template <class Condition>
bool wait_for(Condition condition) {
  const double end = seconds(CLOCK_MONOTONIC) + 120;
  QTimer wake;
  wake.start(2);
  while (!condition()) {
    if (seconds(CLOCK_MONOTONIC) > end) return false;
    QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
  }
  return true;
}

int bare(const Watch& start) {
  QMainWindow window;
  window.resize(1500, 940);
  Painted painted(&window);
  window.show();
  if (!wait_for([&] { return painted.painted; })) return 1;
  start.tell("empty window painted");
  say("empty window, RSS MiB", mebibytes("VmRSS:"));
  return 0;
}

int plain_query(const char* store, const Watch& start) {
  sqlite3* database = nullptr;
  sqlite3_stmt* query = nullptr;
  if (sqlite3_open_v2(store, &database, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) return 1;
  if (sqlite3_prepare_v2(database, "SELECT runs.id, series, state, started, model, device, precision, hardware, input, output, "
                         "concurrency, interactivity, total_tok_s_gpu, ttft_p50_s FROM runs LEFT JOIN figures ON run = runs.id "
                         "ORDER BY runs.id DESC", -1, &query, nullptr) != SQLITE_OK) return 1;
  std::size_t rows = 0, letters = 0;
  while (sqlite3_step(query) == SQLITE_ROW) {
    ++rows;
    for (int column = 1; column < 8; ++column) letters += static_cast<std::size_t>(sqlite3_column_bytes(query, column));
  }
  sqlite3_finalize(query);
  start.tell("plain SQLite, all rows read");
  const Watch search;
  if (sqlite3_prepare_v2(database, "SELECT count(*) FROM runs WHERE search LIKE '%llama%'", -1, &query, nullptr) != SQLITE_OK) return 1;
  sqlite3_step(query);
  sqlite3_finalize(query);
  search.tell("plain SQLite, LIKE");
  say("plain SQLite, rows", static_cast<double>(rows + (letters == 0)));
  sqlite3_close(database);
  return 0;
}

constexpr int kAfter_ms = 800;   // until charts and inspector have followed

class Window {
 public:
  Window(const char* store, const Watch& start) : start_(start) {
    WindowOptions options;
    options.store = store;
    window_ = std::make_unique<MainWindow>(std::move(options));
    window_->resize(1500, 940);
    dock_ = window_->findChild<RunsDock*>("runsDock");
    table_ = window_->findChild<QTableView*>("runsTable");
    model_ = static_cast<RunsModel*>(table_->model());
    painted_ = std::make_unique<Painted>(table_->viewport());
  }

  bool run() {
    Painted whole(window_.get());
    start_.tell("window made");
    window_->show();
    if (!wait_for([&] { return whole.painted; })) return false;
    start_.tell("window painted");
    if (!loaded()) return false;
    say("window, RSS MiB", mebibytes("VmRSS:"));
    if (!type() || !sort() || !group() || !mark()) return false;
    QTest::qWait(2000);
    say("window after all that, RSS MiB", mebibytes("VmRSS:"));
    say("window at its most, RSS MiB", mebibytes("VmHWM:"));
    return true;
  }

 private:
  const RunsSnapshot& list() const { return *model_->runs(); }
  template <class Holds>
  std::size_t count(Holds holds) const { return static_cast<std::size_t>(std::count_if(list().rows.begin(), list().rows.end(), holds)); }

  template <class Condition>
  bool painted_when(const std::string& what, const Watch& watch, Condition condition) {
    if (!wait_for(condition)) return std::fprintf(stderr, "%s: it did not come\n", what.c_str()), false;
    painted_->painted = false;
    table_->viewport()->update();
    if (!wait_for([&] { return painted_->painted; })) return false;
    watch.tell(what.c_str());
    return true;
  }

  bool loaded() {
    const Watchdog watchdog;
    if (!painted_when("first page of the list painted", start_, [&] { return model_->rowCount() > 0; }) ||
        !painted_when("all runs in the list", start_, [&] { return list().complete && model_->rowCount() > 0; }))
      return false;
    QTest::qWait(3000);   // the chart, the other pages
    say("loading, longest stall ms", static_cast<double>(watchdog.longestStall().count()));
    return true;
  }

  // What a person does, until the list shows it.
  template <class Act, class Done>
  bool step(const std::string& what, Act act, Done done) {
    const Watchdog watchdog;
    const Watch watch;
    act();
    if (!painted_when(what, watch, done)) return false;
    QTest::qWait(kAfter_ms);
    say((what + ", longest stall ms").c_str(), static_cast<double>(watchdog.longestStall().count()));
    return true;
  }

  bool type() {
    for (const QString& text : {QStringLiteral("l"), QStringLiteral("ll"), QStringLiteral("llama"), QStringLiteral("tag:baseline h200"), QString()})
      if (!step(text.isEmpty() ? "search emptied" : "letter typed", [&] { dock_->setSearch(text); }, [&] { return list().query.search == text; }))
        return false;
    return true;
  }
  bool sort() {
    for (int column = 0; column < static_cast<int>(RunColumn::count); ++column)
      if (!step("sorted by a column", [&] { table_->horizontalHeader()->setSortIndicator(column, Qt::DescendingOrder); },
                [&] { return list().query.sorted_by == static_cast<RunColumn>(column); }))
        return false;
    return true;
  }
  bool group() {
    for (const RunKey key : {RunKey::model, RunKey::hardware, RunKey::precision, RunKey::lengths, RunKey::framework, RunKey::sweep,
                             RunKey::series, RunKey::tag, RunKey::started, RunKey::node, RunKey::state, RunKey::word})
      if (!step(key == RunKey::word ? "no groups again" : "grouped by a field", [&] { dock_->groupBy(static_cast<int>(key)); },
                [&] { return list().query.group_by == key; }))
        return false;
    return true;
  }
  // All of them at once, and back again.
  bool mark() {
    window_->findChild<QAction*>("showSamples")->setChecked(false);
    if (!wait_for([&] { return !list().query.samples; })) return false;
    const std::size_t all = list().rows.size();
    const auto starred = [](const RunRow& row) { return row.starred; };
    const auto tagged = [](const RunRow& row) { return std::find(row.tags.begin(), row.tags.end(), "of all") != row.tags.end(); };
    const auto are = [&](auto holds, std::size_t wanted) {   // looked at once a list: it takes the time that is measured
      return [this, holds, wanted, seen = static_cast<const RunsSnapshot*>(nullptr)]() mutable {
        return std::exchange(seen, &list()) != &list() && count(holds) == wanted;
      };
    };
    const auto trigger = [&](const char* name) { return [this, name] { window_->findChild<QAction*>(QString::fromLatin1(name))->trigger(); }; };
    const std::size_t stars = count(starred);
    return step("all chosen", [&] { table_->selectAll(); }, [&] { return dock_->selected().size() == all; }) &&
           step("all starred", trigger("starRuns"), are(starred, all)) &&
           step("stars undone", trigger("undo"), are(starred, stars)) &&
           step("all tagged", [&] { emit dock_->tagWanted(dock_->selectedRuns(), QStringLiteral("of all"), true); }, are(tagged, all)) &&
           step("tags undone", trigger("undo"), are(tagged, 0)) &&
           step("all deleted", trigger("deleteRuns"), [&] { return list().rows.empty(); }) &&
           step("all restored", trigger("undo"), [&] { return list().rows.size() == all; });
  }

  const Watch& start_;
  std::unique_ptr<MainWindow> window_;
  RunsDock* dock_;
  QTableView* table_;
  RunsModel* model_;
  std::unique_ptr<Painted> painted_;
};

// ---- the parent: every part in turn, each in a process of its own ----

using Samples = std::map<std::string, std::vector<double>>;

bool add_child(const QString& program, const QStringList& arguments, Samples& samples) {
  QProcess child;
  child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
  child.start(program, QStringList(arguments) << QString::number(seconds(CLOCK_MONOTONIC), 'f', 9));
  if (!child.waitForFinished(900'000) || child.exitCode() != 0) return false;
  for (const QByteArray& line : child.readAllStandardOutput().split('\n'))
    if (const auto cells = line.split('\t'); cells.size() == 2) samples[cells[0].toStdString()].push_back(cells[1].toDouble());
  return true;
}

int parent(const QString& program, const QString& store, int repeats) {
  QTemporaryDir folder;
  const QString copy = folder.filePath(QStringLiteral("runs.db"));
  if (!QFile::copy(store, copy)) return std::fprintf(stderr, "%s cannot be copied\n", store.toLocal8Bit().constData()), 1;
  Samples samples;
  double load[2] = {0, 0};
  getloadavg(&load[0], 1);
  for (int i = 0; i < repeats; ++i) {
    for (const char* part : {"bare", "query", "window"})
      if (!add_child(program, {QString::fromLatin1(part), copy}, samples)) return 1;
    for (const char* clock : {"wall ms", "CPU ms"})
      samples[std::string("window painted, of that ours, ") + clock].push_back(samples[std::string("window painted, ") + clock].back() -
                                                                              samples[std::string("empty window painted, ") + clock].back());
  }
  getloadavg(&load[1], 1);
  std::printf("Load average %.1f before, %.1f after; %d repeats.\n\n| what | median (least – most) of all |\n|---|---|\n", load[0], load[1], repeats);
  for (auto& [what, values] : samples) {
    std::sort(values.begin(), values.end());
    std::printf("| %s | %.1f (%.1f – %.1f) |\n", what.c_str(), values[values.size() / 2], values.front(), values.back());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string part = argc == 4 ? argv[1] : "";
  Watch start;
  if (!part.empty()) start.wall = std::atof(argv[3]), start.cpu = 0;
  if (part == "query") return plain_query(argv[2], start);
  QTemporaryDir home;
  for (const char* variable : {"XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"}) qputenv(variable, home.path().toUtf8());
  qputenv("QT_QPA_PLATFORM", "offscreen");
  qunsetenv("DBUS_SESSION_BUS_ADDRESS");
  QApplication application(argc, argv);
  QCoreApplication::setApplicationName(QStringLiteral("TokenmarkScale"));
  if (part == "bare") return bare(start);
  if (part == "window") return Window(argv[2], start).run() ? 0 : 1;
  if (argc != 2 && argc != 3) return std::fprintf(stderr, "workbench_scale STORE [REPEATS]\n"), 2;
  return parent(QString::fromLocal8Bit(argv[0]), QString::fromLocal8Bit(argv[1]), argc == 3 ? std::atoi(argv[2]) : 7);
}
