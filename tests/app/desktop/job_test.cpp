#include "app/desktop/job.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QtTest>

#include "app/desktop/job_queue.h"
#include "app/desktop/job_row.h"
#include "app/desktop/jobs_dock.h"
#include "app/desktop/program_job.h"
#include "app/desktop/sweep_job.h"
#include "app/desktop/tasks.h"

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

ScriptedJob* with_turns(const QString& title, const QStringList& turns) {
  auto* job = new ScriptedJob(title);
  job->setTurns(turns);
  return job;
}

TEST(JobQueue, jobs_of_different_nodes_do_not_wait_for_each_other) {
  JobQueue queue;
  auto *here = new ScriptedJob("here"), *here_too = new ScriptedJob("here too");
  auto *there = with_turns("there", {"ssh box"}), *there_too = with_turns("there too", {"ssh box"});
  for (ScriptedJob* job : {here, here_too, there, there_too}) queue.add(job);
  EXPECT_TRUE(here->begun && there->begun);
  EXPECT_FALSE(here_too->begun || there_too->begun);
  there->end(JobState::done, "done");
  EXPECT_TRUE(there_too->begun);
  EXPECT_FALSE(here_too->begun);
}

TEST(JobQueue, two_nodes_that_measure_one_server_take_turns) {
  JobQueue queue;
  auto *one = with_turns("one", {"ssh a", "server:8000"}), *two = with_turns("two", {"ssh b", "server:8000"});
  auto *behind = with_turns("behind", {"ssh b"});
  for (ScriptedJob* job : {one, two, behind}) queue.add(job);
  EXPECT_TRUE(one->begun);
  EXPECT_FALSE(two->begun);
  EXPECT_FALSE(behind->begun) << "the order of those that share a turn is kept";
  one->end(JobState::done, "done");
  EXPECT_TRUE(two->begun);
}

TEST(JobQueue, what_needs_no_turn_begins_at_once_even_behind_a_paused_job) {
  JobQueue queue;
  auto* sweep = new ScriptedJob("sweep");
  queue.add(sweep);
  auto* import = with_turns("import", {});
  queue.add(import);
  EXPECT_TRUE(import->begun);
  import->end(JobState::done, "done");
  EXPECT_EQ(sweep->state(), JobState::running);
}

TEST(JobQueue, a_job_is_moved_before_those_of_other_turns_but_never_before_the_one_that_runs_on_its_own) {
  JobQueue queue;
  auto *here = new ScriptedJob("here"), *waiting = new ScriptedJob("waiting"), *there = with_turns("there", {"ssh box"});
  for (ScriptedJob* job : {here, there, waiting}) queue.add(job);
  queue.move(waiting, 0);
  EXPECT_EQ(queue.unfinishedJobs(), (QList<Job*>{here, waiting, there}));
  EXPECT_FALSE(waiting->begun);
}

TEST(SweepJob, its_turns_are_its_node_and_the_servers_that_others_reach) {
  Tasks tasks;
  const auto turns = [&](const std::string& node, const std::string& target) {
    SweepJob job("s", {}, {}, tasks);
    job.setSweep(*parse_sweep("node: " + node + "\ntarget: {" + target + "}\naxes: {concurrency: [1, 2]}\n", "s"));
    return job.turns();
  };
  EXPECT_EQ(turns("local", "engine: {model: m}"), QStringList{Job::thisMachine()});
  EXPECT_EQ(turns("{ssh: me@box}", "engine: {model: m}"), QStringList{"ssh me@box"});
  EXPECT_EQ(turns("{ssh: me@box}", "endpoint: {url: \"http://127.0.0.1:8000\", model: m}"), QStringList{"ssh me@box"});
  EXPECT_EQ(turns("local", "endpoint: {url: \"http://Rack:8000/v1\", model: m}"),
            (QStringList{Job::thisMachine(), "rack:8000"}));
  EXPECT_EQ(SweepJob("quick", {}, {}, tasks).turns(), QStringList{Job::thisMachine()});
}

TEST(ProgramJob, takes_the_turn_of_this_machine_unless_it_is_light) {
  EXPECT_EQ(ProgramJob("quantise", "p", {}).turns(), QStringList{Job::thisMachine()});
}

TEST(JobsDock, the_button_for_later_moves_a_waiting_job_behind_the_next) {
  JobQueue queue;
  JobsDock dock(queue);
  dock.resize(900, 400);
  dock.show();
  auto *running = new ScriptedJob("running"), *first = new ScriptedJob("first"), *second = new ScriptedJob("second");
  for (ScriptedJob* job : {running, first, second}) queue.add(job);
  QTest::qWait(20);
  for (JobRow* row : dock.findChildren<JobRow*>())
    if (row->job() == first) QTest::mouseClick(row->findChild<QWidget*>("jobLater"), Qt::LeftButton);
  EXPECT_EQ(queue.unfinishedJobs(), (QList<Job*>{running, second, first}));
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
