// Jobs that wait, pause, are put into another order and begun again; the dock with many of them.
#include "app/desktop/jobs_dock.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>
#include <QtTest>

#include "app/desktop/job_queue.h"
#include "app/desktop/job_row.h"
#include "app/desktop/look.h"

namespace tokenmark {
namespace {

class ScriptedJob : public Job {
 public:
  using Job::end;
  using Job::held;
  using Job::Job;
  using Job::progress;
  bool canPause() const override { return true; }
  QString againText() const override { return state() == JobState::failed ? QStringLiteral("Retry failed points") : QString(); }
  void again() override { ++again_count; }
  int begun_count = 0, proceeded = 0, again_count = 0;
  std::optional<bool> holding;   // at once or not

 protected:
  void begin() override { ++begun_count; }
  void stop() override { end(JobState::cancelled, "cancelled"); }
  void hold(bool at_once) override { holding = at_once; }
  void proceed() override { ++proceeded; }
};

class JobsTest : public testing::Test {
 protected:
  ScriptedJob* add(const QString& title) {
    auto* job = new ScriptedJob(title);
    queue_.add(job);
    return job;
  }
  QStringList shown() {
    QMap<int, QString> rows;
    for (const JobRow* row : dock_.findChildren<JobRow*>())
      if (row->isVisible()) rows[row->y()] = row->job()->title();
    return rows.values();
  }
  JobRow* row(const Job* job) {
    for (JobRow* one : dock_.findChildren<JobRow*>())
      if (one->job() == job) return one;
    return nullptr;
  }
  void click(const Job* job, const char* button) { QTest::mouseClick(row(job)->findChild<QWidget*>(QString::fromLatin1(button)), Qt::LeftButton); }
  void show(int height = 400) {
    dock_.resize(900, height);
    dock_.show();
    QTest::qWait(20);
  }

  JobQueue queue_;
  JobsDock dock_{queue_};
};

TEST_F(JobsTest, a_paused_job_holds_up_the_others_until_it_goes_on) {
  show();
  auto *first = add("first"), *second = add("second");
  click(first, "jobPause");
  EXPECT_EQ(first->state(), JobState::running) << "until its point is done";
  EXPECT_TRUE(first->pausing());
  EXPECT_EQ(first->holding, false);
  first->held();
  EXPECT_EQ(first->state(), JobState::paused);
  EXPECT_EQ(second->begun_count, 0) << "the machine is quiet";
  click(first, "jobPause");
  EXPECT_EQ(first->state(), JobState::running);
  EXPECT_EQ(first->proceeded, 1);
  EXPECT_EQ(first->begun_count, 1);
}

TEST_F(JobsTest, a_pause_can_be_taken_back_or_made_at_once) {
  show();
  auto* job = add("job");
  row(job)->setFocus();
  QTest::keyClick(row(job), Qt::Key_Space);
  EXPECT_TRUE(job->pausing());
  QTest::keyClick(row(job), Qt::Key_Space);
  EXPECT_FALSE(job->pausing());
  EXPECT_EQ(job->proceeded, 1);
  job->held();   // the thread had stood still just before
  EXPECT_EQ(job->state(), JobState::running);
  click(job, "jobPause");
  click(job, "jobPauseAtOnce");
  EXPECT_EQ(job->holding, true);
}

TEST_F(JobsTest, what_is_moved_before_a_paused_job_is_done_first_and_the_paused_one_waits_for_its_turn) {
  show();
  auto *first = add("first"), *second = add("second");
  first->pause();
  first->held();
  click(second, "jobEarlier");
  EXPECT_EQ(second->state(), JobState::running);
  first->resume();
  EXPECT_EQ(first->state(), JobState::waiting);
  second->end(JobState::done, "done");
  EXPECT_EQ(first->state(), JobState::running);
  EXPECT_EQ(first->proceeded, 1);
}

TEST_F(JobsTest, waiting_jobs_are_put_into_another_order_by_button_key_and_mouse) {
  show(600);
  add("running");
  auto *a = add("a"), *b = add("b"), *c = add("c");
  QTest::qWait(20);
  EXPECT_EQ(shown(), (QStringList{"running", "a", "b", "c"}));
  click(c, "jobEarlier");
  QTest::qWait(20);
  EXPECT_EQ(shown(), (QStringList{"running", "a", "c", "b"}));
  QTest::keyClick(row(a), Qt::Key_Up, Qt::AltModifier);
  QTest::qWait(20);
  EXPECT_EQ(shown(), (QStringList{"running", "a", "c", "b"})) << "nothing goes before the one that runs";
  QTest::keyClick(row(a), Qt::Key_Down, Qt::AltModifier);
  QTest::qWait(20);
  EXPECT_EQ(shown(), (QStringList{"running", "c", "a", "b"}));
  JobRow* dragged = row(b);
  const QPoint from(60, dragged->height() / 2);
  QTest::mousePress(dragged, Qt::LeftButton, {}, from);
  for (int step = 0; step < 2; ++step) {   // each time to the middle of the row above
    const QPoint above(60, -dragged->height() / 2 - 2);
    QMouseEvent move(QEvent::MouseMove, above, dragged->mapToGlobal(above), Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(dragged, &move);
    QTest::qWait(20);   // the layout puts it there
  }
  QTest::mouseRelease(dragged, Qt::LeftButton, {}, from);
  QTest::qWait(20);
  EXPECT_EQ(shown(), (QStringList{"running", "b", "c", "a"}));
  EXPECT_EQ(queue_.unfinishedJobs().at(1), b);
}

TEST_F(JobsTest, a_failed_job_offers_to_begin_again_and_finished_ones_go_together) {
  show();
  auto *first = add("first"), *second = add("second");
  first->end(JobState::failed, "2 failed");
  click(first, "jobAgain");
  EXPECT_EQ(first->again_count, 1);
  EXPECT_FALSE(row(second)->findChild<QToolButton*>("jobAgain")->isVisible());
  second->end(JobState::done, "done");
  QTest::qWait(20);
  EXPECT_EQ(shown(), (QStringList{"second", "first"})) << "the newest first";
  QTest::mouseClick(dock_.findChild<QPushButton*>("forgetJobs"), Qt::LeftButton);
  EXPECT_TRUE(queue_.jobs().isEmpty());
}

TEST_F(JobsTest, a_paused_job_is_cancelled_as_a_running_one) {
  show();
  auto* job = add("job");
  job->pause();
  job->held();
  click(job, "jobCancel");
  EXPECT_EQ(job->state(), JobState::cancelled);
}

TEST_F(JobsTest, fifty_jobs_can_be_reached_and_each_has_its_log) {
  show(200);
  QList<ScriptedJob*> jobs;
  for (int i = 0; i < 50; ++i) jobs << add(QStringLiteral("Sweep number %1").arg(i));
  for (int i = 0; i < 25; ++i) jobs[i]->end(i % 3 ? JobState::done : JobState::failed, QStringLiteral("ended %1").arg(i));
  QTest::qWait(50);
  EXPECT_EQ(shown().size(), 50);
  EXPECT_EQ(shown().first(), "Sweep number 25");
  EXPECT_EQ(shown().last(), "Sweep number 0");
  auto* area = dock_.findChild<QScrollArea*>("jobsList");
  EXPECT_GT(area->verticalScrollBar()->maximum(), 0);
  QTest::mouseClick(row(jobs[7]), Qt::LeftButton, {}, QPoint(5, 5));
  EXPECT_TRUE(dock_.findChild<QPlainTextEdit*>("jobLog")->toPlainText().contains("ended 7"));
}

// Developers' pictures, as of window_test.
TEST_F(JobsTest, screenshots) {
  const QString to = qEnvironmentVariable("TOKENMARK_SCREENSHOTS");
  if (to.isEmpty()) GTEST_SKIP() << "TOKENMARK_SCREENSHOTS names no folder";
  QList<ScriptedJob*> jobs;
  for (int i = 0; i < 50; ++i)
    jobs << add(i % 4 ? QStringLiteral("Llama 3.1 8B on node-%1").arg(i) : QStringLiteral("A sweep with a very long name that goes on and on, over all formats and concurrencies of the big machine in the cellar, part %1").arg(i));
  for (int i = 0; i < 6; ++i) jobs[i]->end(i % 3 ? JobState::done : JobState::failed, i % 3 ? "done, 12 points" : "10 points done, 2 failed: concurrency 64: not enough memory for this");
  jobs[6]->progress(0.42, "point 4 of 9 · concurrency 8, input 1024: measuring · 12 of 80 requests", 312);
  show(260);
  for (const bool dark : {false, true}) {
    apply_theme(theme(dark));
    QTest::qWait(50);
    dock_.grab().save(QStringLiteral("%1/jobs-%2.png").arg(to, dark ? "dark" : "light"));
    jobs[6]->pause();
    QTest::qWait(20);
    dock_.grab().save(QStringLiteral("%1/jobs-pausing-%2.png").arg(to, dark ? "dark" : "light"));
    jobs[6]->resume();
    auto* bar = dock_.findChild<QScrollArea*>("jobsList")->verticalScrollBar();
    bar->setValue(bar->maximum());
    QTest::qWait(20);
    dock_.grab().save(QStringLiteral("%1/jobs-end-%2.png").arg(to, dark ? "dark" : "light"));
    bar->setValue(0);
  }
  apply_theme(theme(false));
}

}  // namespace
}  // namespace tokenmark
