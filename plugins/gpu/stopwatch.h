// How long launches take on a GPU: a captured graph of several of one kind, timed by events. Used from the Gpu's thread;
// waits for the device.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "plugins/gpu/gpu.h"

namespace tokenmark::gpu {

// Of several repeats.
struct Measured {
  double median_s = 0;   // of one launch
  double spread_s = 0;   // of the middle half of the repeats
};

// Is `second` faster than `first` by more than what they scatter?
bool clearly_faster(const Measured& second, const Measured& first);

// How much work a graph is.
struct GraphSize {
  double seconds = 1e-3;        // about: events tell times of a microsecond or so
  std::uint32_t least = 2, most = 64;  // launches
};

class Stopwatch {
 public:
  explicit Stopwatch(Gpu& gpu, const GraphSize& size = {}) : gpu_(&gpu), size_(size) {}

  // Launches the i-th of several; they may differ in what they read, so that no cache has it.
  using Launch = std::function<Status(std::uint32_t i)>;
  // A graph ready to be timed; what it launches is as it was when it was made.
  struct Work {
    std::unique_ptr<Graph> graph;
    std::uint32_t launches = 0;
  };
  Result<Work> prepare(const Launch& launch);
  Result<std::vector<double>> seconds(const Work& work, int repeats);  // of one launch, by each repeat
  Result<Measured> measure(const Work& work);
  // Whether `second` is clearly faster: both run in turn, so that clocks and temperatures are the same, and twice over, since
  // many choices are asked about and one of them will be lucky once.
  struct Verdict {
    bool faster = false;
    Measured first, second;  // of the last time
  };
  Result<Verdict> compare(const Work& first, const Work& second);

 private:
  Result<double> run(const Work& work);

  Gpu* gpu_;
  GraphSize size_;
};

// What became of a choice: the rule's, or one that is clearly faster.
template <class Choice>
struct Fastest {
  Choice choice;
  double rule_s = 0, chosen_s = 0;
};
// The other choice if it is clearly faster when both run in turn.
template <class Choice>
Result<Fastest<Choice>> confirmed(Stopwatch& stopwatch, const Choice& by_rule, const Stopwatch::Work& rule, const Choice& other, const Stopwatch::Work& other_work) {
  TOKENMARK_TRY(const Stopwatch::Verdict verdict, stopwatch.compare(rule, other_work));
  const double rule_s = verdict.first.median_s;
  return verdict.faster ? Fastest<Choice>{other, rule_s, verdict.second.median_s} : Fastest<Choice>{by_rule, rule_s, rule_s};
}

// Of some choices the one whose work is fastest, if it is clearly faster than the rule's. `prepare(choice)` gives its Work.
template <class Choice, class Prepare>
Result<Fastest<Choice>> fastest_of(Stopwatch& stopwatch, const Choice& by_rule, const std::vector<Choice>& others, Prepare&& prepare) {
  TOKENMARK_TRY(const Stopwatch::Work rule, prepare(by_rule));
  TOKENMARK_TRY(const Measured rule_time, stopwatch.measure(rule));
  Choice best = by_rule;
  Stopwatch::Work best_work;
  double best_s = rule_time.median_s;
  for (const Choice& other : others) {
    TOKENMARK_TRY(Stopwatch::Work work, prepare(other));
    TOKENMARK_TRY(const Measured time, stopwatch.measure(work));
    if (time.median_s >= best_s) continue;
    best = other;
    best_work = std::move(work);
    best_s = time.median_s;
  }
  if (best == by_rule) return Fastest<Choice>{by_rule, rule_time.median_s, rule_time.median_s};
  return confirmed(stopwatch, by_rule, rule, best, best_work);
}

}  // namespace tokenmark::gpu
