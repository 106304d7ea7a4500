// Sweeps in the whole window, with the real agent and the real engine: pause and go on, jobs that survive the program,
// failed points, and what a fast server does to the window.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QToolButton>
#include <QtTest>
#include <set>

#include "app/charts/frontier_plot.h"
#include "app/desktop/main_window.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/runs_model.h"
#include "app/desktop/sweep_editor.h"
#include "app/desktop/user_settings.h"
#include "core/sweep/unfinished.h"
#include "tests/app/support/watchdog.h"
#include "tests/support/null_server/null_server.h"

namespace tokenmark {
namespace {

class SweepsWindowTest : public testing::Test {
 protected:
  SweepsWindowTest() {
    UserSettings().clear();
    options_.store = folder_.filePath("runs.db").toStdString();
    options_.agent_program = TOKENMARK_BIN "/tokenmark-cli";
  }
  static Sweep sweep(const std::string& name, const std::string& concurrency = "1, 2, 4", int requests = 40) {
    return *parse_sweep("name: " + name + "\ntarget: {engine: {model: \"shape:stories260k:f32\", threads: 1}}\nworkload: {input: 16, output: 32}\n"
                        "load: {requests_per_concurrency: " + std::to_string(requests) + ", warmups_per_concurrency: 1}\naxes: {concurrency: [" + concurrency + "]}\n", "test");
  }
  void open() {
    window_ = std::make_unique<MainWindow>(options_);
    window_->resize(1280, 800);
    window_->show();
    QTest::qWait(200);
  }
  void TearDown() override { window_.reset(); }
  template <class Condition>
  static bool waitFor(Condition condition, int ms = 60000) { return QTest::qWaitFor(condition, ms); }
  template <class T>
  T* find(const char* name) { return window_->findChild<T*>(QString::fromLatin1(name)); }
  QStringList notes() { return find<MessageBar>("messageBar")->texts(); }
  Job& job(int number) { return *window_->jobs().jobs().at(number); }
  std::size_t done() {
    const auto store = *Store::open(options_.store);
    std::size_t count = 0;
    const auto rows = store->runs();
    for (const RunRow& row : *rows) count += row.state == RunState::done;
    return count;
  }

  QTemporaryDir folder_;
  WindowOptions options_;
  std::unique_ptr<MainWindow> window_;
};

TEST_F(SweepsWindowTest, a_sweep_is_paused_between_points_and_goes_on) {
  open();
  Watchdog watchdog;
  window_->startSweep(sweep("first"), false);
  window_->startSweep(sweep("second", "1", 4), false);
  ASSERT_TRUE(waitFor([&] { return job(0).state() == JobState::running && job(0).share() > 0; }));
  job(0).pause();
  ASSERT_TRUE(waitFor([&] { return job(0).state() == JobState::paused || job(0).over(); }));
  ASSERT_EQ(job(0).state(), JobState::paused);
  const std::size_t before = done();
  QTest::qWait(300);
  EXPECT_EQ(done(), before);
  EXPECT_EQ(job(1).state(), JobState::waiting);
  EXPECT_TRUE(find<QLabel>("jobsLabel")->text().contains("paused"));
  job(0).resume();
  ASSERT_TRUE(waitFor([&] { return job(0).over() && job(1).over(); }));
  EXPECT_EQ(job(0).state(), JobState::done);
  EXPECT_EQ(done(), 4u);
  expect_no_stall(watchdog);
}

TEST_F(SweepsWindowTest, an_import_does_not_wait_behind_a_sweep_that_is_paused) {
  open();
  window_->startSweep(sweep("first"), false);
  ASSERT_TRUE(waitFor([&] { return job(0).state() == JobState::running && job(0).share() > 0; }));
  job(0).pause(true);
  ASSERT_TRUE(waitFor([&] { return job(0).state() == JobState::paused; }));
  QFile file(folder_.filePath("result.json"));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write(R"({"endpoint_type": "openai", "backend": "vllm", "model_id": "m", "max_concurrency": 4, "duration": 10.0,
    "completed": 40, "total_input_tokens": 4000, "total_output_tokens": 2000, "output_throughput": 200.0,
    "total_token_throughput": 600.0, "median_ttft_ms": 38.0, "median_tpot_ms": 10.0})");
  file.close();
  window_->importResults({file.fileName()}, {"gpus=2"});
  ASSERT_TRUE(waitFor([&] { return job(1).over(); }));
  EXPECT_EQ(job(1).state(), JobState::done) << notes().join('\n').toStdString();
  EXPECT_EQ(job(0).state(), JobState::paused);
  EXPECT_TRUE(find<QLabel>("jobsLabel")->text().contains("paused"));
  job(0).cancel();
  ASSERT_TRUE(waitFor([&] { return job(0).over(); }));
}

// The editor saves into the one list of recent files, and is given what the pages find.
TEST_F(SweepsWindowTest, the_editor_shares_recent_files_models_and_devices_with_the_window) {
  const QString model = folder_.filePath("found.gguf");
  QFile file(model);
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write("GGUF");
  file.close();
  options_.models = {};
  options_.models.own.push_back(folder_.path().toStdString());
  open();
  find<QAction>("newSweep")->trigger();
  auto* editor = find<SweepEditor>("sweepEditor");
  ASSERT_NE(editor, nullptr);
  auto* models = editor->findChild<QComboBox*>("sweepModel");
  const auto offered = [&] {
    for (int i = 0; i < models->count(); ++i)
      if (models->itemText(i) == model) return true;
    return false;
  };
  EXPECT_TRUE(waitFor(offered, 10000));
  editor->save(folder_.filePath("kept.sweep.yaml"));
  EXPECT_TRUE(waitFor([&] { return editor->windowTitle().startsWith("kept.sweep.yaml"); }, 10000));
  bool recent = false;
  for (const QAction* action : find<QMenu>("recentMenu")->actions()) recent = recent || action->text() == "kept.sweep.yaml";
  EXPECT_TRUE(recent);
}

// Another program is killed with one sweep in the middle and one that waited.
TEST_F(SweepsWindowTest, what_a_killed_program_left_is_offered_in_a_note_and_resumed_to_exactly_its_points) {
  const Sweep broken = sweep("broken off"), waiting = sweep("had waited", "1", 4);
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto entry = [](const Sweep& one, bool begun) {
      return UnfinishedSweep{.title = one.name, .yaml = one.yaml, .hash = one.hash, .node = "local", .points = static_cast<std::int32_t>(one.points.size()), .begun = begun};
    };
    UnfinishedList list(options_.store);
    (void)list.keep(1, {entry(broken, true), entry(waiting, false)});
    const auto store = *Store::open(options_.store);
    SweepObserver observer;
    observer.run_stored = [&](RunId id) { (void)!write(told[1], &id, sizeof id); };
    (void)run_sweep(broken, *store, {.agent_program = options_.agent_program}, observer, {});
    _exit(0);
  }
  close(told[1]);
  RunId id = 0;
  ASSERT_EQ(read(told[0], &id, sizeof id), static_cast<ssize_t>(sizeof id));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(told[0]);
  const std::size_t before = done();
  ASSERT_GE(before, 1u);

  open();
  ASSERT_TRUE(waitFor([&] { return notes().join(' ').contains("2 sweeps were not finished"); })) << notes().join('\n').toStdString();
  EXPECT_TRUE(notes().join(' ').contains(QStringLiteral("(%1 of 3 points)").arg(before))) << notes().join('\n').toStdString();
  QTest::mouseClick(find<QPushButton>("noteAnswer"), Qt::LeftButton);
  ASSERT_TRUE(waitFor([&] { return window_->jobs().jobs().size() == 2 && window_->jobs().unfinished() == 0; }));
  EXPECT_EQ(done(), 4u);
  EXPECT_EQ((*Store::open(options_.store))->runs()->size(), 4u) << "no row is left of the point that was lost";
}

TEST_F(SweepsWindowTest, closing_keeps_waiting_sweeps_for_the_next_start_and_a_note_closed_forgets_them) {
  open();
  window_->startSweep(sweep("first", "1, 2, 4", 400), false);
  window_->startSweep(sweep("second"), false);
  QTest::qWait(300);
  EXPECT_FALSE(window_->close());
  QTest::mouseClick(find<QPushButton>("stopAndClose"), Qt::LeftButton);
  ASSERT_TRUE(waitFor([&] { return window_->jobs().unfinished() == 0; }));
  window_.reset();
  // The list belongs to this process, which lives: a child that has ended stands for it.
  for (const QString& name : QDir(QString::fromStdString(options_.store.string() + "-jobs")).entryList({"*.json"}, QDir::Files)) {
    QFile list(QString::fromStdString(options_.store.string() + "-jobs/") + name);
    ASSERT_TRUE(list.open(QIODevice::ReadWrite));
    QByteArray text = list.readAll();
    const pid_t ended = fork();
    if (ended == 0) _exit(0);
    waitpid(ended, nullptr, 0);
    text.replace(QByteArray(" ") + QByteArray::number(getpid()) + " ", QByteArray(" ") + QByteArray::number(ended) + " ");
    list.resize(0);
    list.write(text);
  }
  open();
  ASSERT_TRUE(waitFor([&] { return notes().join(' ').contains("2 sweeps were not finished"); })) << notes().join('\n').toStdString();
  QTest::mouseClick(find<QToolButton>("noteClose"), Qt::LeftButton);
  QTest::qWait(200);
  window_.reset();
  open();
  QTest::qWait(500);
  EXPECT_TRUE(notes().isEmpty()) << notes().join('\n').toStdString();
}

TEST_F(SweepsWindowTest, failed_points_are_retried_from_the_job_and_from_the_list_of_runs) {
  std::string url;
  {
    const auto gone = *test::NullServer::start({});
    url = gone->url();
  }
  const Sweep failing = *parse_sweep("name: failing\ntarget: {endpoint: {url: \"" + url + "\", model: \"null\"}}\nworkload: {input: 8, output: 4}\n"
                                     "load: {requests_per_concurrency: 4}\naxes: {concurrency: [1, 2]}\n", "test");
  open();
  window_->startSweep(failing, false);
  ASSERT_TRUE(waitFor([&] { return job(0).over(); }));
  EXPECT_EQ(job(0).againText(), "Retry failed points");
  QTest::mouseClick(find<QToolButton>("jobAgain"), Qt::LeftButton);   // still no server
  ASSERT_TRUE(waitFor([&] { return window_->jobs().jobs().size() == 2 && job(1).over(); }));
  EXPECT_EQ(done(), 0u);
  const auto back = *test::NullServer::start({.port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)))});
  auto* table = find<QTableView>("runsTable");
  const auto failed = [](const RunRows& rows) {
    std::set<RunId> ids;
    for (const RunRow& row : rows)
      if (row.state == RunState::failed) ids.insert(row.id);
    return ids;
  };
  const std::set<RunId> stored = failed(*(*Store::open(options_.store))->runs());
  ASSERT_EQ(stored.size(), 2u);
  const auto* list = qobject_cast<const RunsModel*>(table->model());   // shows for a moment those that the second try replaced
  ASSERT_TRUE(waitFor([&] { return failed(list->runs()->rows) == stored; }, 10000));
  table->selectAll();
  auto* retry = find<QAction>("retryFailed");
  ASSERT_TRUE(waitFor([&] { return retry->isEnabled(); }, 10000));
  retry->trigger();
  ASSERT_TRUE(waitFor([&] { return window_->jobs().jobs().size() == 3 && job(2).over(); })) << notes().join('\n').toStdString();
  EXPECT_EQ(job(2).state(), JobState::done);
  EXPECT_EQ(done(), 2u);
  EXPECT_EQ((*Store::open(options_.store))->runs()->size(), 2u);
}

// Counts how often a widget is painted.
class Paints : public QObject {
 public:
  explicit Paints(QWidget& widget) { widget.installEventFilter(this); }
  bool eventFilter(QObject*, QEvent* event) override {
    if (event->type() == QEvent::Paint) ++count;
    return false;
  }
  int count = 0;
};

// 1,000 requests a second for some seconds, in many points that each are stored and drawn.
TEST_F(SweepsWindowTest, at_1000_requests_a_second_the_window_never_stalls_over_50_ms_and_redraws_at_most_30_times_a_second) {
  const auto server = *test::NullServer::start({});
  const Sweep fast = *parse_sweep("name: fast\ntarget: {endpoint: {url: \"" + server->url() + "\", model: \"null\", gpus: 1}}\nworkload: {input: 8, output: 4}\n"
                                  "load: {arrivals: constant, rate: 1000, duration_s: 1}\nrepeats: 6\naxes: {input: [7, 8]}\n", "test");
  open();
  ASSERT_TRUE(waitFor([&] { return !find<FrontierPlot>("frontierPlot")->chart().series.empty(); }));
  QTest::qWait(300);
  Watchdog watchdog;
  Paints chart(*find<FrontierPlot>("frontierPlot")->findChild<QWidget*>("chartCanvas")), table(*find<QTableView>("runsTable")->viewport());
  QElapsedTimer clock;
  clock.start();
  window_->startSweep(fast, false);
  Paints jobs(*find<QProgressBar>("jobProgress"));
  ASSERT_TRUE(waitFor([&] { return job(0).over(); }));
  const double seconds = static_cast<double>(clock.elapsed()) / 1000;
  ASSERT_EQ(job(0).state(), JobState::done) << notes().join('\n').toStdString();
  EXPECT_GE(server->requests(), 8000u) << "of 12,000: a busy machine may not send all of them in time";
  expect_no_stall(watchdog);
  for (const Paints* one : {&chart, &jobs, &table}) EXPECT_LE(one->count / seconds, 30);
  RecordProperty("longest_stall_ms", static_cast<int>(watchdog.longestStall().count()));
  RecordProperty("chart_redraws_per_second", std::to_string(chart.count / seconds));
  std::printf("longest stall %d ms, redraws a second: chart %.1f, jobs %.1f, runs %.1f, over %.1f s\n", static_cast<int>(watchdog.longestStall().count()),
              chart.count / seconds, jobs.count / seconds, table.count / seconds, seconds);
}

}  // namespace
}  // namespace tokenmark
