// One event loop of the load generator: sends its part of a plan when the dispatcher says so, reads the answers, and
// writes its own log. Runs in a thread of its own and shares nothing on the hot path; several make one measurement.
//
// Pacing: it sleeps until a margin before the next request is due and looks at the clock and its sockets without sleeping
// from then on. The margin follows how late this machine wakes a sleeper.
#pragma once

#include <atomic>
#include <barrier>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/load/answer_reader.h"
#include "core/load/api.h"
#include "core/load/dispatcher.h"
#include "core/load/live_feed.h"
#include "core/load/recording.h"
#include "core/load/request_bodies.h"
#include "core/load/transport.h"

namespace tokenmark {

// What all loops of a measurement share and only read.
struct ClientSetup {
  const Plan* plan = nullptr;
  const Api* api = nullptr;
  CallTarget target;
  AnswerOptions answers;
  std::vector<std::string> bodies;    // by request of the plan; empty for later turns of a conversation
  std::vector<Prompt> prompts;        // of conversations, by request; else empty
  const BodyWriter* writer = nullptr; // makes the bodies of later turns
  bool streams = true;                // events were asked for
  std::int64_t request_limit_ns = kNever;  // a request that is not answered by then has failed
  std::string limit_text;             // what is said of requests that the point's time limit ends
  std::int64_t allowed_failures = kNever;  // one more ends the loop at once
  std::size_t warmup_places = 1;
  DispatchRules rules;
  RunClock clock;
};

// Where the loops meet between warm-ups and measurement; the last one to come sets the begin.
class Start {
 public:
  Start(std::size_t loops, const RunClock& clock) : clock_(clock), barrier_(static_cast<std::ptrdiff_t>(loops), Set{this}) {}
  std::int64_t wait() {
    barrier_.arrive_and_wait();
    return begin_;
  }

 private:
  struct Set {
    Start* start;
    void operator()() noexcept { start->begin_ = start->clock_.now(); }
  };
  const RunClock& clock_;
  std::int64_t begin_ = 0;
  std::barrier<Set> barrier_;
};

class ClientLoop {
 public:
  // `places` of the measurement that are this loop's. The setup must outlive it.
  static Result<std::unique_ptr<ClientLoop>> create(const ClientSetup& setup, std::vector<std::uint32_t> warmups,
                                                    std::vector<std::uint32_t> measured, std::size_t warmup_places,
                                                    const DispatchRules& rules);
  ~ClientLoop();

  void run(Start& start, int core);  // −1: not pinned. The whole of warm-ups and measurement
  // Any thread: nothing is sent any more; what runs is given up with this class, or awaited (none). The first call holds.
  void end_early(RequestError reason);

  LiveFeed& live();
  Recording take_recording();        // after run

 private:
  class Loop;
  explicit ClientLoop(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace tokenmark
