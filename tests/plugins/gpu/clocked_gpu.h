// A Gpu whose clock is the test's: every launch takes as long as the test says. What is launched outside of captures runs on
// the emulated GPU, so that a launch that cannot be is found; graphs only take their time.
#pragma once

#include <functional>
#include <map>

#include "plugins/gpu/emulated_gpu.h"

namespace tokenmark::gpu {

class ClockedGpu final : public Gpu {
 public:
  // Seconds of one launch.
  using Cost = std::function<double(const std::string& kernel, Grid blocks)>;
  ClockedGpu(int wave, Cost cost, bool runs) : inner_(make_emulated_gpu(wave)), cost_(std::move(cost)), runs_(runs) {}

  const GpuFacts& facts() const override { return inner_->facts(); }
  Result<std::uint64_t> free_memory() override { return std::uint64_t{256} << 20; }
  Result<void*> allocate(std::size_t bytes) override {
    if (bytes > (128 << 20)) return fail(ErrorKind::exhausted, "{} bytes are too many", bytes);
    return inner_->allocate(bytes);
  }
  void release(void* memory) override { inner_->release(memory); }
  Result<void*> allocate_pinned(std::size_t bytes) override { return inner_->allocate_pinned(bytes); }
  void release_pinned(void* memory) override { inner_->release_pinned(memory); }
  Status copy_in(void* device, const void* host, std::size_t bytes) override { return inner_->copy_in(device, host, bytes); }
  Status copy_out(void* host, const void* device, std::size_t bytes) override { return inner_->copy_out(host, device, bytes); }
  Status copy(void* to, const void* from, std::size_t bytes) override { return inner_->copy(to, from, bytes); }
  Status fill(void* device, std::uint8_t byte, std::size_t bytes) override { return inner_->fill(device, byte, bytes); }
  Result<const Kernel*> kernel(const std::string& name) override {
    TOKENMARK_TRY(const Kernel* found, inner_->kernel(name));
    names_[found] = name;
    return found;
  }
  Status launch(const Kernel& kernel, Grid blocks, std::uint32_t shared_bytes, const void* args, std::size_t args_bytes) override {
    const double seconds = cost_(names_.at(&kernel), blocks);
    if (capture_) {
      capture_->seconds += seconds;
      return {};
    }
    now_s += seconds;
    ++launches;
    return runs_ ? inner_->launch(kernel, blocks, shared_bytes, args, args_bytes) : Status{};
  }
  Status wait() override { return {}; }
  void* stream() override { return inner_->stream(); }
  Status begin_capture() override {
    capture_ = std::make_unique<ClockGraph>();
    return {};
  }
  Result<std::unique_ptr<Graph>> end_capture() override { return std::move(capture_); }
  Status launch(const Graph& graph) override {
    now_s += static_cast<const ClockGraph&>(graph).seconds * noise();
    return {};
  }
  Result<std::unique_ptr<Event>> record() override {
    auto event = std::make_unique<ClockEvent>();
    event->at_s = now_s;
    return event;
  }
  Status wait(const Event&) override { return {}; }
  Result<double> seconds_between(const Event& begin, const Event& end) override {
    return static_cast<const ClockEvent&>(end).at_s - static_cast<const ClockEvent&>(begin).at_s;
  }

  double now_s = 0;
  int launches = 0;
  std::function<double()> noise = [] { return 1.0; };  // factor of a graph's time

 private:
  struct ClockGraph final : Graph {
    double seconds = 0;
  };
  struct ClockEvent final : Event {
    double at_s = 0;
  };
  std::unique_ptr<Gpu> inner_;
  Cost cost_;
  bool runs_;
  std::map<const Kernel*, std::string> names_;
  std::unique_ptr<ClockGraph> capture_;
};

}  // namespace tokenmark::gpu
