#include "app/desktop/job.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QtTest>

#include "app/desktop/job_queue.h"
#include "app/desktop/jobs_dock.h"

namespace tokenmark {
namespace {

class ScriptedJob : public Job {
 public:
  using Job::Job;
  using Job::end;
  using Job::progress;
  using Job::say;
  bool begun = false, asked_to_stop = false;

 protected:
  void begin() override { begun = true; }
  void stop() override { asked_to_stop = true; }
};

TEST(JobQueue, runs_one_job_at_a_time_in_order) {
  JobQueue queue;
  auto *first = new ScriptedJob("first"), *second = new ScriptedJob("second");
  queue.add(first);
  queue.add(second);
  EXPECT_TRUE(first->begun);
  EXPECT_FALSE(second->begun);
  first->end(JobState::done, "done");
  EXPECT_TRUE(second->begun);
  EXPECT_EQ(queue.unfinished(), 1);
}

class JobBeside : public ScriptedJob {
 public:
  using ScriptedJob::ScriptedJob;
  bool runsBeside() const override { return true; }
};

TEST(JobQueue, a_job_beside_the_others_takes_no_turn_and_holds_nobody_up) {
  JobQueue queue;
  auto *measures = new ScriptedJob("measures"), *next = new ScriptedJob("next");
  auto* beside = new JobBeside("beside");
  queue.add(measures);
  queue.add(next);
  queue.add(beside);
  EXPECT_TRUE(beside->begun);
  EXPECT_EQ(queue.unfinishedJobs(), (QList<Job*>{measures, beside, next}));
  EXPECT_EQ(queue.unfinished(), 3);
  EXPECT_EQ(queue.unfinishedInTurn(), 2);
  queue.move(next, 0);
  EXPECT_EQ(queue.unfinishedJobs().last(), next) << "nothing goes before those that run";
  measures->end(JobState::done, "done");
  EXPECT_TRUE(next->begun);
  next->end(JobState::done, "done");
  auto* last = new ScriptedJob("last");
  queue.add(last);
  EXPECT_TRUE(last->begun) << "it does not wait for the one beside";
}

TEST(JobQueue, cancelling_asks_the_running_job_and_drops_the_waiting_ones) {
  JobQueue queue;
  auto *first = new ScriptedJob("first"), *second = new ScriptedJob("second");
  queue.add(first);
  queue.add(second);
  queue.cancelAll();
  EXPECT_TRUE(first->asked_to_stop);
  EXPECT_EQ(first->state(), JobState::running);   // until it has stopped
  EXPECT_EQ(second->state(), JobState::cancelled);
  EXPECT_FALSE(second->begun);
  first->end(JobState::cancelled, "cancelled");
  EXPECT_EQ(queue.unfinished(), 0);
}

TEST(JobsDock, shows_progress_time_left_and_log_and_keeps_finished_jobs) {
  JobQueue queue;
  JobsDock dock(queue);
  dock.show();
  auto* job = new ScriptedJob("a sweep");
  queue.add(job);
  job->say("concurrency 4");
  job->progress(0.25, "measuring", 80);
  EXPECT_EQ(dock.findChild<QProgressBar*>("jobProgress")->value(), 250);
  EXPECT_EQ(dock.findChild<QLabel*>("jobPhase")->text(), "measuring");
  EXPECT_TRUE(dock.findChild<QLabel*>("jobLeft")->text().contains("1 min 20 s"));
  EXPECT_TRUE(dock.findChild<QPlainTextEdit*>("jobLog")->toPlainText().contains("concurrency 4"));
  job->end(JobState::failed, "the agent was lost");
  EXPECT_EQ(dock.findChild<QLabel*>("jobLeft")->text(), "failed");
  EXPECT_TRUE(dock.findChild<QPlainTextEdit*>("jobLog")->toPlainText().contains("the agent was lost"));
  QTest::mouseClick(dock.findChild<QWidget*>("jobCancel"), Qt::LeftButton);
  EXPECT_TRUE(queue.jobs().isEmpty());
}

}  // namespace
}  // namespace tokenmark
