#include "plugins/gpu/emulated_gpu.h"

#include <chrono>
#include <cstring>
#include <functional>
#include <map>

#include "kernels/gpu/emulated/machine.h"
#include "kernels/gpu/emulated/memory.h"

namespace tokenmark::gpu {

// The emulation's own kernels are told apart from it by the address alone.
class Kernel {
 public:
  const emulated::Kernel* emulated;
};

namespace {

using Clock = std::chrono::steady_clock;

struct EmulatedGraph final : Graph {
  std::vector<std::function<Status()>> calls;
};
struct EmulatedEvent final : Event {
  Clock::time_point at = Clock::now();
};

class EmulatedGpu final : public Gpu, public EmulatedStream {
 public:
  EmulatedGpu(int wave, std::uint64_t seed) : seed_(seed) {
    facts_ = {"emulated GPU", "emulated", "", static_cast<std::uint32_t>(wave), 4, 227 << 10, std::uint64_t{4} << 30, "emulation"};
    ++emulated::gpus_there();
  }
  ~EmulatedGpu() override { --emulated::gpus_there(); }

  const GpuFacts& facts() const override { return facts_; }
  Result<std::uint64_t> free_memory() override { return facts_.memory_bytes; }

  Result<void*> allocate(std::size_t bytes) override {
    TOKENMARK_TRY(emulated::Allocation allocation, emulated::Allocation::make(bytes));
    void* memory = allocation.bytes();
    allocations_.emplace(memory, std::move(allocation));
    return memory;
  }
  void release(void* memory) override { allocations_.erase(memory); }
  Result<void*> allocate_pinned(std::size_t bytes) override { return operator new(bytes); }
  void release_pinned(void* memory) override { operator delete(memory); }

  Status copy_in(void* device, const void* host, std::size_t bytes) override { return perform([=] { return emulated::copy_in(device, host, bytes), Status{}; }); }
  Status copy_out(void* host, const void* device, std::size_t bytes) override { return copy(host, device, bytes); }
  Status copy(void* to, const void* from, std::size_t bytes) override { return perform([=] { return emulated::copy(to, from, bytes), Status{}; }); }
  Status fill(void* device, std::uint8_t byte, std::size_t bytes) override { return perform([=] { return emulated::fill(device, byte, bytes), Status{}; }); }

  Result<const Kernel*> kernel(const std::string& name) override {
    const auto known = kernels_.find(name);
    if (known != kernels_.end()) return &known->second;
    TOKENMARK_TRY(const emulated::Kernel* found, emulated::find_kernel(name, static_cast<int>(facts_.wave)));
    return &(kernels_[name] = Kernel{found});
  }
  Status launch(const Kernel& kernel, Grid blocks, std::uint32_t shared_bytes, const void* args, std::size_t args_bytes) override {
    if (args_bytes != kernel.emulated->args_bytes)
      return fail(ErrorKind::invalid_input, "kernel '{}' takes an argument of {} bytes, not {}", kernel.emulated->name, kernel.emulated->args_bytes, args_bytes);
    if (shared_bytes > facts_.shared_bytes)
      return fail(ErrorKind::invalid_input, "kernel '{}': {} bytes of shared memory are wanted, a block may have {}", kernel.emulated->name, shared_bytes, facts_.shared_bytes);
    const auto* bytes = static_cast<const std::byte*>(args);
    return perform([this, run = kernel.emulated, blocks, shared_bytes, copy = std::vector<std::byte>(bytes, bytes + args_bytes)] {
      return emulated::run(*run, {blocks, shared_bytes, seed_++}, copy.data());
    });
  }
  Status wait() override { return {}; }
  void* stream() override { return static_cast<EmulatedStream*>(this); }

  Status begin_capture() override {
    capture_ = std::make_unique<EmulatedGraph>();
    return {};
  }
  Result<std::unique_ptr<Graph>> end_capture() override {
    if (!capture_) return fail(ErrorKind::invalid_input, "no graph is being captured");
    return std::move(capture_);
  }
  Status launch(const Graph& graph) override {
    for (const auto& call : static_cast<const EmulatedGraph&>(graph).calls) TOKENMARK_CHECK(call());
    return {};
  }

  Result<std::unique_ptr<Event>> record() override { return std::make_unique<EmulatedEvent>(); }
  Status wait(const Event&) override { return {}; }
  Result<double> seconds_between(const Event& begin, const Event& end) override {
    return std::chrono::duration<double>(static_cast<const EmulatedEvent&>(end).at - static_cast<const EmulatedEvent&>(begin).at).count();
  }

  Status perform(std::function<Status()> call) override {
    if (!capture_) return call();
    capture_->calls.push_back(std::move(call));
    return {};
  }

 private:
  GpuFacts facts_;
  std::uint64_t seed_;
  std::map<void*, emulated::Allocation> allocations_;
  std::map<std::string, Kernel> kernels_;
  std::unique_ptr<EmulatedGraph> capture_;
};

}  // namespace

std::unique_ptr<Gpu> make_emulated_gpu(int wave, std::uint64_t seed) { return std::make_unique<EmulatedGpu>(wave, seed); }

}  // namespace tokenmark::gpu
