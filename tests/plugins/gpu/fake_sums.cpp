// A stand-in for libnccl.so.2 and librccl.so.1 that sums for emulated GPUs, whose streams it gets (plugins/gpu/emulated_gpu.h):
// ranks are threads that meet. $TOKENMARK_FAKE_SUMS makes it fail: no-init, no-sum.
// With LACKS_EVERYTHING it has none of the functions.
#include <bit>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugins/gpu/emulated_gpu.h"

#ifndef LACKS_EVERYTHING

namespace {

using namespace tokenmark;

constexpr int kSystemError = 2, kInvalidArgument = 4, kRemoteError = 6, kFloat = 7, kBf16 = 9;

bool plays(const char* part) {
  const char* wanted = std::getenv("TOKENMARK_FAKE_SUMS");
  return wanted && std::string(wanted) == part;
}

struct Group {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<const void*> values;  // of each rank
  std::size_t arrived = 0;
  std::uint64_t round = 0;
  bool aborted = false;

  // Until all ranks are here; false: they will not be.
  bool meet() {
    std::unique_lock lock(mutex);
    const std::uint64_t mine = round;
    if (++arrived == values.size()) {
      arrived = 0;
      ++round;
      changed.notify_all();
    }
    changed.wait(lock, [&] { return round != mine || aborted; });
    return !aborted;
  }
};

struct Communicator {
  std::shared_ptr<Group> group;  // with the other ranks
  std::size_t rank = 0;
};

float value_at(const void* values, std::size_t i, int type) {
  if (type == kFloat) return static_cast<const float*>(values)[i];
  return std::bit_cast<float>(std::uint32_t{static_cast<const std::uint16_t*>(values)[i]} << 16);
}

Status sum(const Communicator& communicator, const void* values, void* out, std::size_t n, int type) {
  Group& group = *communicator.group;
  group.values[communicator.rank] = values;
  if (!group.meet()) return fail(ErrorKind::cancelled, "a sum was aborted");
  std::vector<float> sums(n);
  for (std::size_t i = 0; i < n; ++i)
    for (const void* of_rank : group.values) sums[i] += value_at(of_rank, i, type);
  if (!group.meet()) return fail(ErrorKind::cancelled, "a sum was aborted");
  for (std::size_t i = 0; i < n; ++i) {
    if (type == kFloat) static_cast<float*>(out)[i] = sums[i];
    else static_cast<std::uint16_t*>(out)[i] = static_cast<std::uint16_t>((std::bit_cast<std::uint32_t>(sums[i]) + 0x8000) >> 16);
  }
  return {};
}

}  // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))

EXPORTED int ncclCommInitAll(void** communicators, int n, const int* devices) {
  if (plays("no-init")) return kSystemError;
  const auto group = std::make_shared<Group>();
  group->values.resize(static_cast<std::size_t>(n));
  for (int r = 0; r < n; ++r) {
    if (devices[r] < 0) return kInvalidArgument;
    communicators[r] = new Communicator{group, static_cast<std::size_t>(r)};
  }
  return 0;
}
EXPORTED int ncclAllReduce(const void* values, void* out, std::size_t n, int type, int operation, void* communicator, void* stream) {
  if (plays("no-sum")) return kSystemError;
  if ((type != kFloat && type != kBf16) || operation != 0) return kInvalidArgument;
  const Communicator here = *static_cast<Communicator*>(communicator);
  const Status done = static_cast<gpu::EmulatedStream*>(stream)->perform([=] { return sum(here, values, out, n, type); });
  return done ? 0 : kRemoteError;
}
EXPORTED int ncclCommAbort(void* communicator) {
  const auto* aborted = static_cast<Communicator*>(communicator);
  {
    const std::lock_guard lock(aborted->group->mutex);
    aborted->group->aborted = true;
  }
  aborted->group->changed.notify_all();
  delete aborted;
  return 0;
}
EXPORTED int ncclCommDestroy(void* communicator) {
  delete static_cast<Communicator*>(communicator);
  return 0;
}
EXPORTED const char* ncclGetErrorString(int code) {
  switch (code) {
    case kSystemError: return "unhandled system error";
    case kInvalidArgument: return "invalid argument";
    default: return "remote process exited or there was a network error";
  }
}

#endif
