#include "plugins/gpu/group_executor.h"

#include <pthread.h>

#include "plugins/api/device_ids.h"
#include "plugins/gpu/slices.h"

namespace tokenmark::gpu {

// ---- threads --------------------------------------------------------------------------------------------------------

RankThreads::RankThreads(std::size_t ranks) {
  for (std::size_t rank = 1; rank < ranks; ++rank) threads_.emplace_back([this, rank] { serve(rank); });
}

RankThreads::~RankThreads() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void RankThreads::run(const std::function<void(std::size_t)>& work) {
  if (threads_.empty()) return work(0);
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    under_way_ = threads_.size();
    ++round_;
  }
  changed_.notify_all();
  work(0);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return under_way_ == 0; });
}

void RankThreads::serve(std::size_t rank) {
  pthread_setname_np(pthread_self(), fmt::format("rank {}", rank).c_str());
  for (std::uint64_t done = 0;; ++done) {
    const std::function<void(std::size_t)>* work = nullptr;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return ending_ || round_ > done; });
      if (ending_) return;
      work = work_;
    }
    (*work)(rank);
    const std::lock_guard lock(mutex_);
    if (--under_way_ == 0) changed_.notify_all();
  }
}

// ---- making ---------------------------------------------------------------------------------------------------------

namespace {

// A rank's part of a model, or all of a model of one GPU.
struct RankModel {
  const tm_model* model = nullptr;
  const tm_weight_source* source = nullptr;
  Part part;
  std::unique_ptr<RankSlices> slices;
};

Result<std::vector<RankModel>> split(Device& device, const tm_model& model, const tm_weight_source& source, const tm_executor_options& options) {
  TOKENMARK_CHECK(executor::check_all(model, source, options));
  std::vector<RankModel> ranks(device.gpus.size());
  if (!device.sums) {
    ranks[0] = {&model, &source, {{}, model.vocabulary}, nullptr};
    return ranks;
  }
  TOKENMARK_TRY([[maybe_unused]] const std::uint64_t all_is_there, weight_bytes(model, source, model.vocabulary));
  for (std::uint32_t r = 0; r < ranks.size(); ++r) {
    auto slices = RankSlices::make(model, source, {r, static_cast<std::uint32_t>(ranks.size())});
    if (!slices) return fail(slices.error().kind, "{}: {}", joined(device.sums->ids(), ", "), slices.error().message);
    const Span vocabulary = (*slices)->vocabulary();
    const Part part{{device.sums.get(), r, static_cast<std::uint32_t>(vocabulary.begin)}, vocabulary.count};
    ranks[r] = {&(*slices)->model(), &(*slices)->source(), part, std::move(*slices)};
  }
  return ranks;
}

// On a rank's thread, which exceptions must not leave.
template <class Work>
Status guarded(Work&& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return fail(ErrorKind::exhausted, "memory ran out");
  } catch (const std::exception& error) {
    return fail(ErrorKind::internal, "{}", error.what());
  }
}

tl::unexpected<Error> failure_of(const Device& device, std::size_t rank, const Error& error) {
  return fail(error.kind, "{}: {}", device.sums->ids()[rank], error.message);
}

}  // namespace

Result<std::uint64_t> GroupExecutor::memory_needed(Device& device, const tm_model& model, const tm_weight_source& source,
                                                   const tm_executor_options& options) {
  TOKENMARK_TRY(const auto ranks, split(device, model, source, options));
  std::uint64_t all = 0;
  for (std::size_t r = 0; r < ranks.size(); ++r) {
    TOKENMARK_TRY(const std::uint64_t bytes, Executor::memory_needed(*device.gpus[r], *ranks[r].model, *ranks[r].source, options, ranks[r].part));
    all += bytes;
  }
  return all;
}

Result<std::unique_ptr<GroupExecutor>> GroupExecutor::create(Device& device, const tm_model& model, const tm_weight_source& source,
                                                             const tm_executor_options& options) {
  TOKENMARK_TRY(const auto ranks, split(device, model, source, options));
  std::unique_ptr<GroupExecutor> group(new GroupExecutor(device));
  const std::lock_guard lock(device.busy);
  std::vector<Status> made(ranks.size());
  group->threads_.run([&](std::size_t r) {
    made[r] = guarded([&]() -> Status {
      TOKENMARK_TRY(group->ranks_[r], Executor::create(*device.gpus[r], *ranks[r].model, *ranks[r].source, options, ranks[r].part));
      return {};
    });
  });
  for (std::size_t r = 0; r < made.size(); ++r)
    if (!made[r]) return device.sums ? failure_of(device, r, made[r].error()) : tl::unexpected(made[r].error());
  return group;
}

GroupExecutor::~GroupExecutor() {
  const std::lock_guard lock(device_.busy);
  ranks_.clear();
}

// ---- steps ----------------------------------------------------------------------------------------------------------

// The first failure lets the other ranks go, who wait for one that will not come.
Status GroupExecutor::launch_on_all(const std::function<Status(Executor&)>& work) {
  if (!device_.sums) return work(*ranks_[0]);
  if (const std::string why = device_.sums->stopped(); !why.empty()) return fail(ErrorKind::unavailable, "{}", why);
  threads_.run([&](std::size_t rank) {
    if (const Status done = guarded([&] { return work(*ranks_[rank]); }); !done) device_.sums->stop(failure_of(device_, rank, done.error()).value().message);
  });
  const std::string why = device_.sums->stopped();
  if (why.empty()) return {};
  for (const auto& gpu : device_.gpus) (void)gpu->wait().has_value();  // until the caller's buffers are written no more
  return fail(ErrorKind::unavailable, "{}", why);
}

Status GroupExecutor::warm(std::span<const std::uint32_t> step_tokens) {
  const std::lock_guard lock(device_.busy);
  return launch_on_all([&](Executor& rank) { return rank.warm(step_tokens); });
}

Status GroupExecutor::step(const tm_step& step, tm_step_result& result) {
  TOKENMARK_CHECK(ranks_[0]->check(step, result));
  const std::lock_guard lock(device_.busy);
  return launch_on_all([&](Executor& rank) { return rank.step(step, result); });
}

Status GroupExecutor::wait() {
  const std::lock_guard lock(device_.busy);
  return launch_on_all([](Executor& rank) { return rank.wait(); });
}

}  // namespace tokenmark::gpu
