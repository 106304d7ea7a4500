// The agent's side of the protocol. The calling thread reads messages (so that a cancel is seen at once) and
// sends a sign of life now and then; a thread of its own runs the points.
#include <poll.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/version.h"
#include "core/node/agent.h"
#include "core/node/environment.h"
#include "core/node/wire.h"
#include "core/workload/point_json.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr int kSignOfLifeMs = 2000;
constexpr auto kProgressEvery = std::chrono::milliseconds(100);

json progress_message(std::int64_t id, const std::string& phase, const LoadProgress& load) {
  return {{"progress",
           {{"id", id},
            {"phase", phase},
            {"requests", load.requests},
            {"completed", load.completed},
            {"failed", load.failed},
            {"output_tokens", load.output_tokens},
            {"elapsed_s", load.elapsed_s}}}};
}

json facts_json(const PointFacts& facts) {
  return {{"model", facts.model},       {"model_hash", facts.model_hash},
          {"device", facts.device},     {"precision", facts.precision},
          {"hardware", facts.hardware}, {"framework", facts.framework},
          {"gpus", facts.gpus},         {"random_weights", facts.random_weights}};
}

class Agent {
 public:
  Agent(int out, PluginRegistry& plugins)
      : outbox_(out), runner_(plugins), worker_([this] { work(); }) {}

  ~Agent() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      jobs_.clear();
      running_stop_.request_stop();
    }
    wake_.notify_all();
    worker_.join();
  }

  Status handle(const json& message) {
    const std::string& kind = message.begin().key();
    const json& body = message.begin().value();
    if (kind == "hello") {
      greeted_ = true;
      return outbox_.send(
          {{"hello",
            {{"protocol", kAgentProtocol}, {"version", version()}, {"environment", environment()}}}});
    }
    if (!greeted_) return fail(ErrorKind::protocol, "'{}' came before hello", kind);
    const std::int64_t id = integer_of(body, "id");
    if (kind == "run") {
      const auto point = body.contains("point") ? point_from_json(body["point"])
                                                : fail(ErrorKind::protocol, "a run without a point");
      if (!point) return send_failed(id, point.error());
      std::vector<QualityTask> quality;
      if (const auto tasks = body.find("quality"); tasks != body.end() && tasks->is_array())
        for (const json& task : *tasks) {
          auto read = task_from_json(task);
          if (!read) return send_failed(id, read.error());
          quality.push_back(*std::move(read));
        }
      const std::lock_guard lock(mutex_);
      jobs_.push_back({id, *point, std::move(quality)});
      wake_.notify_all();
    } else if (kind == "cancel") {
      cancel(id);
    } else if (kind == "bye") {
      said_bye_ = true;
    } else {
      return send_failed(id, {ErrorKind::protocol, "this agent does not know the message '" + kind + "'"});
    }
    return {};
  }

  Status sign_of_life() {
    const std::lock_guard lock(mutex_);
    return running_id_ != 0 ? outbox_.send(progress_message(running_id_, phase_, load_)) : Status();
  }

  bool ended() const { return said_bye_ || host_gone_; }

 private:
  struct Job {
    std::int64_t id;
    Point point;
    std::vector<QualityTask> quality;
  };

  Status send_failed(std::int64_t id, const Error& error) {
    return outbox_.send(
        {{"failed", {{"id", id}, {"kind", error_kind_name(error.kind)}, {"message", error.message}}}});
  }

  // A job that has not begun ends here; the running one ends in its own time.
  void cancel(std::int64_t id) {
    const std::lock_guard lock(mutex_);
    if (running_id_ == id) running_stop_.request_stop();
    std::erase_if(jobs_, [&](const Job& job) {
      if (job.id != id) return false;
      (void)send_failed(id, {ErrorKind::cancelled, "cancelled before it began"});
      return true;
    });
  }

  void work() {
    for (;;) {
      Job job;
      std::stop_token stop;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return ended_ || !jobs_.empty(); });
        if (ended_) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
        running_id_ = job.id;
        phase_ = "starting";
        load_ = {};
        running_stop_ = std::stop_source();
        stop = running_stop_.get_token();
      }
      const Status sent = run(job, stop);
      const std::lock_guard lock(mutex_);
      running_id_ = 0;
      if (!sent) host_gone_ = true;
    }
  }

  Status run(const Job& job, const std::stop_token& stop) {
    auto last = Clock::time_point::min();
    std::string last_phase;
    const auto progress = [&](const std::string& phase, const LoadProgress& load) {
      {
        const std::lock_guard lock(mutex_);
        phase_ = phase;
        load_ = load;
      }
      if (phase == last_phase && Clock::now() - last < kProgressEvery) return;
      last = Clock::now();
      last_phase = phase;
      (void)outbox_.send(progress_message(job.id, phase, load));
    };
    auto outcome = runner_.run(job.point, progress, stop, job.quality);
    if (!outcome) return send_failed(job.id, outcome.error());
    const std::string block = encode(outcome->log);
    if (block.size() > kMaxBlockBytes)
      return send_failed(
          job.id, {ErrorKind::exhausted,
                   fmt::format("the event log has {} bytes, at most {} can be sent; ask for fewer requests",
                               block.size(), kMaxBlockBytes)});
    json result = {{"id", job.id}, {"facts", facts_json(outcome->facts)}, {"block", block.size()}};
    for (const QualityResult& quality : outcome->quality) result["quality"].push_back(to_json(quality));
    for (const auto& [task, error] : outcome->quality_failures)
      result["quality_failures"].push_back({{"task", task}, {"error", error}});
    return outbox_.send({{"result", std::move(result)}}, block);
  }

  Outbox outbox_;
  PointRunner runner_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  std::int64_t running_id_ = 0;
  std::string phase_;
  LoadProgress load_;
  std::stop_source running_stop_;
  bool ended_ = false, greeted_ = false, said_bye_ = false;
  std::atomic<bool> host_gone_ = false;
  std::thread worker_;  // last: it uses everything above
};

}  // namespace

Status serve_agent(int in, int out, PluginRegistry& plugins) {
  Agent agent(out, plugins);
  Inbox inbox;
  while (!agent.ended()) {
    pollfd waiting{in, POLLIN, 0};
    const int ready = poll(&waiting, 1, kSignOfLifeMs);
    if (ready < 0 && errno != EINTR)
      return fail(ErrorKind::io, "waiting for messages failed: {}", std::strerror(errno));
    if (ready == 0) TOKENMARK_CHECK(agent.sign_of_life());
    if (ready <= 0) continue;
    TOKENMARK_TRY(const bool more, inbox.receive(in));
    for (;;) {
      TOKENMARK_TRY(const auto message, inbox.next_message());
      if (!message) break;
      TOKENMARK_CHECK(agent.handle(*message));
    }
    if (!more) break;
  }
  return {};
}

}  // namespace tokenmark
