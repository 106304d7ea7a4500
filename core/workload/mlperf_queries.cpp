#include "core/workload/mlperf_queries.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>

#ifndef __GLIBCXX__
#error "LoadGen's queries are those of libstdc++'s distributions"
#endif

namespace tokenmark {
namespace {

constexpr std::int64_t kMaxRequests = 10'000'000;

std::mt19937 generator(std::uint64_t seed) { return std::mt19937(static_cast<std::uint32_t>(seed)); }

std::vector<std::int32_t> counted(std::int64_t count, std::int64_t step = 1) {
  std::vector<std::int32_t> numbers;
  for (std::int64_t i = 0; i < count; i += step) numbers.push_back(static_cast<std::int32_t>(i));
  return numbers;
}

// One set of samples that fits into a benchmark's memory; `own` of them, then padding so that the samples of a
// multi-stream query are always neighbours.
struct LoadedSet {
  std::vector<std::int32_t> samples;
  std::int64_t own = 0;
};

std::vector<LoadedSet> loaded_sets(const MlperfSettings& s) {
  std::mt19937 random = generator(s.round.seeds.qsl);
  std::vector<std::int32_t> order = counted(std::min(s.accuracy ? s.accuracy_samples : s.performance_samples, s.samples));
  std::shuffle(order.begin(), order.end(), random);
  const std::size_t size = static_cast<std::size_t>(s.performance_samples);
  const std::size_t padding = s.scenario.loadgen == "MultiStream" ? static_cast<std::size_t>(s.samples_per_query) - 1 : 0;
  std::vector<LoadedSet> sets;
  for (std::size_t begin = 0; begin < order.size(); begin += size) {
    const std::size_t own = std::min(size, order.size() - begin);
    LoadedSet set{{order.begin() + static_cast<std::ptrdiff_t>(begin), order.begin() + static_cast<std::ptrdiff_t>(begin + own)},
                  static_cast<std::int64_t>(own)};
    for (std::size_t i = 0; i < padding; ++i) set.samples.push_back(set.samples[i]);
    sets.push_back(std::move(set));
    if (!s.accuracy) break;
  }
  return sets;
}

// Draws positions in a loaded set, one of LoadGen's ways after the other: all of them take their random numbers when
// they are made, whether they are used or not.
class Positions {
 public:
  Positions(const MlperfSettings& s, const LoadedSet& set, std::int64_t min_queries, std::mt19937& random)
      : random_(random), uniform_(0, static_cast<int>(set.own) - 1), accuracy_(s.accuracy), equal_(s.equal_issue) {
    const std::int64_t stride = s.scenario.loadgen == "MultiStream" ? s.samples_per_query : 1;
    if (accuracy_) {
      once_ = counted(set.own, stride);
      std::shuffle(once_.begin(), once_.end(), random);
    }
    std::vector<std::int32_t> unused = counted(set.own, stride);
    std::shuffle(unused.begin(), unused.end(), random);
    std::vector<std::int32_t> all = counted(static_cast<std::int64_t>(set.samples.size()));
    for (std::int64_t j = 0; j < min_queries; j += static_cast<std::int64_t>(all.size())) {
      std::shuffle(all.begin(), all.end(), random);
      equally_.insert(equally_.end(), all.begin(), all.end());
    }
  }
  std::int32_t drawn() { return accuracy_ ? once_[used_++] : uniform_(random_); }
  std::int32_t next() { return equal_ ? equally_[used_++ % equally_.size()] : drawn(); }

 private:
  std::mt19937& random_;
  std::uniform_int_distribution<> uniform_;
  bool accuracy_, equal_;
  std::vector<std::int32_t> once_, equally_;
  std::size_t used_ = 0;
};

// The one query of Offline: the set again and again, each time shuffled anew where all are to be issued equally often.
void add_offline_query(const MlperfSettings& s, const LoadedSet& set, std::int64_t count, std::mt19937& random, std::vector<std::int32_t>& out) {
  for (std::int64_t left = count; left > 0;) {
    const auto take = static_cast<std::ptrdiff_t>(std::min<std::int64_t>(left, static_cast<std::int64_t>(set.samples.size())));
    const auto begin = static_cast<std::ptrdiff_t>(out.size());
    out.insert(out.end(), set.samples.begin(), set.samples.begin() + take);
    if (s.equal_issue) std::shuffle(out.begin() + begin, out.end(), random);
    left -= take;
  }
}

// What is generated until it is enough; the streams get twice of what they are expected to need.
class Generation {
 public:
  Generation(const MlperfSettings& s, const LoadedSet& set) : s_(s), set_(set), samples_(s.samples_per_query), min_queries_(s.min_queries) {
    const auto size = static_cast<std::int64_t>(set.samples.size());
    if (s.scenario.loadgen == "Server") enough_ns_ = s.min_duration_ns;
    else if (s.scenario.loadgen != "Offline") enough_ns_ = 2 * s.min_duration_ns;
    if (s.accuracy) {
      if (s.scenario.loadgen == "Offline") samples_ = set.own;
      enough_ns_ = 0;
      min_queries_ = size / samples_;
    }
    drawn_from_ = min_queries_;
    std::int64_t& padded = s.scenario.loadgen == "Offline" ? samples_ : min_queries_;
    if (!s.accuracy && s.equal_issue && padded % size != 0) padded += size - padded % size;
  }

  // Appends to `out`, its times counted from `begin_ns`. False: more than can be held.
  bool run(std::int64_t begin_ns, MlperfQueries& out) {
    std::mt19937 random = generator(s_.round.seeds.sample_index), gaps = generator(s_.round.seeds.schedule);
    Positions positions(s_, set_, drawn_from_, random);
    std::exponential_distribution<> poisson(s_.target_qps);
    std::int64_t at = 0, before = 0, count = 0;
    while (before < enough_ns_ || count < min_queries_) {
      if (static_cast<std::int64_t>(out.samples.size()) + samples_ > kMaxRequests) return false;
      out.first.push_back(static_cast<std::int64_t>(out.samples.size()));
      out.scheduled_ns.push_back(begin_ns + at);
      add_query(positions, random, out.samples);
      ++count;
      before = at;
      at += gap_ns(poisson, gaps);
      // Another whole round through the set where it takes more to fill the time.
      const bool more = s_.equal_issue && s_.scenario.loadgen != "Offline" && count >= min_queries_ && before < enough_ns_;
      if (more) min_queries_ += static_cast<std::int64_t>(set_.samples.size());
    }
    out.duration_ns = begin_ns + at;
    return true;
  }

 private:
  void add_query(Positions& positions, std::mt19937& random, std::vector<std::int32_t>& out) {
    if (s_.scenario.loadgen == "Offline") return add_offline_query(s_, set_, samples_, random, out);
    if (s_.scenario.loadgen == "MultiStream") {
      const auto begin = set_.samples.begin() + positions.drawn();
      out.insert(out.end(), begin, begin + samples_);
      return;
    }
    for (std::int64_t i = 0; i < samples_; ++i) out.push_back(set_.samples[static_cast<std::size_t>(positions.next())]);
  }
  std::int64_t gap_ns(std::exponential_distribution<>& poisson, std::mt19937& gaps) const {
    const double seconds = s_.scenario.loadgen == "Server" ? poisson(gaps) : 1.0 / s_.target_qps;
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds)).count();
  }

  const MlperfSettings& s_;
  const LoadedSet& set_;
  std::int64_t samples_, min_queries_, drawn_from_ = 0, enough_ns_ = 0;
};

}  // namespace

Result<MlperfQueries> mlperf_queries(const MlperfSettings& settings) {
  MlperfQueries queries;
  for (const LoadedSet& set : loaded_sets(settings)) {
    if (queries.loaded.empty()) queries.loaded = set.samples;
    Generation generation(settings, set);
    if (!generation.run(queries.duration_ns, queries))
      return fail(ErrorKind::invalid_input, "load: {} s at {} queries a second are more than {} requests: lower load.rate or load.duration_s",
                  static_cast<double>(settings.min_duration_ns) * 1e-9, settings.target_qps, kMaxRequests);
  }
  return queries;
}

std::optional<MlperfStop> mlperf_stop(const MlperfSettings& settings) {
  const bool stream = settings.scenario.loadgen == "SingleStream" || settings.scenario.loadgen == "MultiStream";
  if (!stream || settings.accuracy) return {};
  return MlperfStop{settings.min_duration_ns, settings.min_queries};
}

}  // namespace tokenmark
