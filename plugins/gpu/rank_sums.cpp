#include "plugins/gpu/rank_sums.h"

#include <algorithm>

#include "plugins/api/device_ids.h"

namespace tokenmark::gpu {
namespace {

// By our kernels at once, at most; the library's rings and trees, which keep all links busy, win above.
constexpr std::uint64_t kOwnValues = 512 << 10;
constexpr std::uint32_t kNarrowBlock = 2048;  // values

}  // namespace

Result<std::unique_ptr<RankSums>> RankSums::make(const std::vector<Gpu*>& gpus, GroupLinks links) {
  const std::string names = joined(links.ids, ", ");
  if (gpus.size() > kMostRanks)
    return fail(ErrorKind::invalid_input, "{} are {} GPUs; one model can be split over at most {}", names, gpus.size(), kMostRanks);
  if (!links.see_each_other && !links.library)
    return fail(ErrorKind::unavailable, "{} do not see each other's memory, and there is no library for sums over them: {}", names, links.library.error().message);
  std::unique_ptr<RankSums> sums(new RankSums(gpus, std::move(links)));
  if (sums->links_.see_each_other) TOKENMARK_CHECK(sums->share_regions());
  if (sums->links_.library) TOKENMARK_CHECK(sums->open_library());
  return sums;
}

RankSums::~RankSums() {
  for (void* communicator : communicators_) links_.library->destroy(communicator);
  for (std::size_t r = 0; r < regions_.size(); ++r) gpus_[r]->release(regions_[r]);
  gpus_[0]->release_pinned(stopped_);
}

Status RankSums::share_regions() {
  TOKENMARK_TRY(void* const stopped, gpus_[0]->allocate_pinned(sizeof *stopped_));
  stopped_ = static_cast<std::uint32_t*>(stopped);
  *stopped_ = 0;
  for (Gpu* gpu : gpus_) {
    TOKENMARK_TRY(void* const region, gpu->allocate_shared(exchange_bytes(kOwnValues)));
    regions_.push_back(region);
    TOKENMARK_CHECK(gpu->fill(region, 0, exchange_bytes(kOwnValues)));
    TOKENMARK_CHECK(gpu->wait());
  }
  for (std::uint32_t r = 0; r < ranks(); ++r) {
    TOKENMARK_TRY(const AllReduceKernels kernels, AllReduceKernels::make(*gpus_[r], r, regions_, kOwnValues, false, stopped_));
    kernels_.push_back(kernels);
  }
  return {};
}

Status RankSums::open_library() {
  std::vector<void*> made(gpus_.size());
  TOKENMARK_CHECK(done(links_.library->init_all(made.data(), static_cast<int>(made.size()), links_.devices.data()), "connecting the GPUs"));
  communicators_ = std::move(made);
  return {};
}

Status RankSums::done(int code, const char* what) const {
  if (code == 0) return {};
  const char* text = links_.library->error_text(code);
  return fail(ErrorKind::unavailable, "{}: {} failed on {}: {} ({})", links_.library->name, what, joined(links_.ids, ", "), text ? text : "unknown", code);
}

bool RankSums::by_library(std::uint64_t n) const { return links_.library && (kernels_.empty() || n > kOwnValues); }

// Once stopped the communicators are gone.
Status RankSums::sum_by_library(std::uint32_t rank, void* values, std::uint64_t n, int type) {
  void* communicator = nullptr;
  {
    const std::lock_guard lock(stopping_);
    if (communicators_.empty()) return fail(ErrorKind::unavailable, "{}: sums over {} were stopped", links_.library->name, joined(links_.ids, ", "));
    communicator = communicators_[rank];
  }
  return done(links_.library->all_reduce(values, values, n, type, SumLibrary::kSum, communicator, gpus_[rank]->stream()), "a sum");
}

Status RankSums::add(std::uint32_t rank, const float* values, std::uint16_t* narrow, float* out, std::uint64_t n) {
  Gpu& gpu = *gpus_[rank];
  if (!by_library(n)) {
    for (std::uint64_t at = 0; at < n; at += kOwnValues)
      TOKENMARK_CHECK(kernels_[rank].add(gpu, values + at, out + at, std::min(kOwnValues, n - at)));
    return {};
  }
  const Grid blocks{static_cast<std::uint32_t>((n + kNarrowBlock - 1) / kNarrowBlock)};
  TOKENMARK_CHECK(launch(gpu, "narrow", blocks, 0, NarrowArguments{values, narrow, n}));
  TOKENMARK_CHECK(sum_by_library(rank, narrow, n, SumLibrary::kBf16));
  return launch(gpu, "add_narrow", blocks, 0, AddNarrowArguments{narrow, out, n});
}

Status RankSums::replace(std::uint32_t rank, float* values, std::uint64_t n) {
  if (by_library(n)) return sum_by_library(rank, values, n, SumLibrary::kFloat);
  for (std::uint64_t at = 0; at < n; at += kOwnValues)
    TOKENMARK_CHECK(kernels_[rank].replace(*gpus_[rank], values + at, std::min(kOwnValues, n - at)));
  return {};
}

void RankSums::stop(const std::string& why) {
  const std::lock_guard lock(stopping_);
  if (why_stopped_.empty()) why_stopped_ = why;
  if (stopped_) std::atomic_ref(*stopped_).store(1, std::memory_order_release);
  for (void* communicator : communicators_) links_.library->abort(communicator);
  communicators_.clear();
}

std::string RankSums::stopped() const {
  const std::lock_guard lock(stopping_);
  return why_stopped_;
}

}  // namespace tokenmark::gpu
