#include <algorithm>

#include "core/workload/arrivals.h"
#include "core/workload/exact_math.h"
#include "core/workload/lengths.h"
#include "core/workload/planning.h"
#include "core/statistics/random.h"
#include "core/workload/traffic.h"

namespace tokenmark {
namespace {

class RandomRequests {
 public:
  RandomRequests(const Point& point, bool warmups, Plan& plan)
      : workload_(point.workload), warmups_(warmups), offset_(warmups ? kWarmup : 0), prompts_(prompt_stream(point)),
        mix_(workload_, random_at(workload_.seed, offset_ + kClass, 0)), groups_(workload_.prefix_groups, workload_.prefix_zipf),
        plan_(plan) {}

  std::int64_t number() const { return number_; }
  int turns_of_next() const { return mix_.classes()[mix_.class_of(conversation_)].turns; }

  // `turns`: so many of them, where the list ends within the conversation.
  void add_conversation(std::int64_t arrival_ns, std::int64_t turns) {
    const std::size_t which = mix_.class_of(conversation_);
    const TrafficClass& kind = mix_.classes()[which];
    for (std::int32_t turn = 0; turn < turns; ++turn, ++number_) {
      const auto index = static_cast<std::uint64_t>(number_);
      PlannedRequest request;
      request.input = drawn_length(workload_, kind.input, random(kInput, index));
      request.output = drawn_length(workload_, kind.output, random(kOutput, index));
      request.prompt_seed = random_at(prompts_, offset_ + kPrompt, index);
      request.warmup = warmups_;
      request.arrival_ns = turn == 0 ? arrival_ns : -1;
      request.traffic_class = static_cast<std::uint16_t>(which);
      if (kind.turns > 1 && !warmups_) {
        request.group = static_cast<std::int32_t>(conversation_);
        request.turn = turn;
        if (turn > 0) request.think_ns = think_time_ns(workload_, number_);
      }
      if (turn == 0 && kind.prefix > 0) add_prefix(which, kind.prefix, request);
      plan_.requests.push_back(request);
    }
    ++conversation_;
  }

 private:
  std::uint64_t random(std::uint64_t stream, std::uint64_t index) const {
    return random_at(workload_.seed, offset_ + stream, index);
  }

  // Groups of different classes share nothing.
  void add_prefix(std::size_t which, std::int32_t tokens, PlannedRequest& request) {
    const auto group = static_cast<std::uint64_t>(groups_.group(random(kGroup, conversation_)));
    const std::uint64_t seed = random_at(random_at(prompts_, offset_ + kPrefix, which), 0, group);
    request.first_piece = static_cast<std::uint32_t>(plan_.pieces.size());
    request.pieces = 2;
    plan_.pieces.push_back({seed, tokens});
    plan_.pieces.push_back({request.prompt_seed, request.input});
    request.input += tokens;
  }

  const Workload& workload_;
  bool warmups_;
  std::uint64_t offset_, prompts_;
  TrafficMix mix_;
  ZipfGroups groups_;
  Plan& plan_;
  std::int64_t number_ = 0;
  std::uint64_t conversation_ = 0;
};

}  // namespace

void plan_warmups(const Point& point, Plan& plan) {
  RandomRequests requests(point, true, plan);
  while (requests.number() < warmup_requests(point.load)) requests.add_conversation(-1, 1);
}

Status plan_random(const Point& point, Plan& plan) {
  RandomRequests requests(point, false, plan);
  const std::int64_t most = most_requests(point.load);
  const auto add = [&](std::int64_t arrival_ns) {
    requests.add_conversation(arrival_ns, std::min<std::int64_t>(requests.turns_of_next(), most - requests.number()));
  };
  if (!is_open_loop(point.load)) {
    while (requests.number() < most) add(-1);
    return {};
  }
  TOKENMARK_TRY(const auto arrivals, arrival_times(point.load, random_at(point.workload.seed, kArrival, 0)));
  for (std::size_t i = 0; i < arrivals.size() && requests.number() < most; ++i) add(arrivals[i]);
  return {};
}

}  // namespace tokenmark
