#include "tests/app/support/watchdog.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <QMetaObject>
#include <QProcess>
#include <QtTest>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>

namespace tokenmark {
namespace {

using Clock = std::chrono::steady_clock;

// How long the thread has waited for a processor since it began; 0 where the kernel does not tell.
std::chrono::nanoseconds waited_for_cpu(int thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/schedstat");
  long long on_cpu = 0, waited = 0;
  file >> on_cpu >> waited;
  return std::chrono::nanoseconds(waited);
}

// How long the host of a virtual machine has given its processors to others, all together, since it began (proc(5): the
// eighth figure of the first line, in ticks).
std::chrono::nanoseconds stolen() {
  std::ifstream file("/proc/stat");
  std::string cpu;
  long long ticks = 0;
  file >> cpu;
  for (int figure = 0; figure < 8; ++figure) file >> ticks;
  return std::chrono::nanoseconds(ticks * 1'000'000'000 / sysconf(_SC_CLK_TCK));
}

constexpr auto kRun = "TOKENMARK_TEST_RUN";   // of kRuns; not set: the first
constexpr int kRuns = 3;
int this_run() { return std::max(1, qEnvironmentVariableIntValue(kRun)); }

QStringList stalled;

struct Beat {
  Clock::time_point sent, answered;
  std::chrono::nanoseconds waited_before{}, waited_after{};
};

}  // namespace

Watchdog::Watchdog() : window_thread_(static_cast<int>(gettid())), thread_([this] { watch(); }) {}

Watchdog::~Watchdog() {
  stop_ = true;
  thread_.join();
}

void Watchdog::watch() {
  const int watcher = static_cast<int>(gettid());
  for (quint64 number = 1; !stop_; ++number) {
    auto beat = std::make_shared<Beat>();   // shared with the event, which may outlive this loop
    const auto watcher_before = waited_for_cpu(watcher);
    beat->waited_before = waited_for_cpu(window_thread_);
    const auto stolen_before = stolen();
    beat->sent = Clock::now();
    QMetaObject::invokeMethod(this, [this, beat, number] {
      beat->answered = Clock::now();
      beat->waited_after = waited_for_cpu(window_thread_);
      answered_ = number;
    }, Qt::QueuedConnection);
    const auto watcher_waited = waited_for_cpu(watcher) - watcher_before;   // between the two lines above
    while (answered_ < number && !stop_) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (answered_ < number) return;
    const auto own = (beat->answered - beat->sent) - (beat->waited_after - beat->waited_before) -
                     watcher_waited - (stolen() - stolen_before);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(own).count();
    longest_ms_ = std::max(longest_ms_.load(), static_cast<int>(ms));
    ++heartbeats_;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void expect_no_stall(const Watchdog& watchdog) {
  const int beats = watchdog.heartbeats();
  EXPECT_TRUE(QTest::qWaitFor([&] { return watchdog.heartbeats() > beats + 1; }, 60000));
  const auto ms = watchdog.longestStall().count();
  if (ms < kLongestStall_ms) return;
  if (this_run() == kRuns) ADD_FAILURE() << "the event loop stalled for " << ms << " ms";
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  stalled << QStringLiteral("%1.%2").arg(QLatin1String(test->test_suite_name()), QLatin1String(test->name()));
  std::printf("stall of %d ms in run %d of %d\n", static_cast<int>(ms), this_run(), kRuns);
}

const QStringList& stalled_tests() { return stalled; }

int run_again(const QString& program, const QStringList& tests) {
  qputenv(kRun, QByteArray::number(this_run() + 1));
  return QProcess::execute(program, {QStringLiteral("--gtest_filter=") + tests.join(':')});
}

}  // namespace tokenmark
