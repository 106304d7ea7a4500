#include "kernels/gpu/emulated/machine.h"

#include <algorithm>
#include <boost/context/fiber.hpp>
#include <csignal>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

#include "kernels/gpu/emulated/memory.h"
#include "kernels/gpu/emulated/shared_memory.h"

namespace tokenmark::gpu::emulated {
namespace {

namespace context = boost::context;

// Stacks are kept from launch to launch. They do not lie at equal distances of a power of two: what all threads have at the
// top of theirs would share a few places of the caches.
constexpr std::size_t kStackBytes = 128 << 10, kStackDistance = kStackBytes + 5 * 64;

struct Stack {
  std::byte* begin;
  context::stack_context allocate() {
    context::stack_context stack;
    stack.size = kStackBytes;
    stack.sp = begin + kStackBytes;
    return stack;
  }
  void deallocate(context::stack_context&) noexcept {}
};

Stack stack_of(std::uint32_t thread) {
  constexpr std::size_t kMostThreads = 1024;
  thread_local const auto all = std::make_unique_for_overwrite<std::byte[]>(kMostThreads * kStackDistance);
  return {all.get() + thread * kStackDistance};
}

enum class State : std::uint8_t { ready, at_barrier, at_collective, at_wait, ended };

constexpr std::size_t kBlocksGuarded = 2;  // of a launch; which ones its seed decides

class Block;

// One thread of the block.
class Fiber final : public Thread {
 public:
  Fiber(Block& block, std::uint32_t index) : block_(block), index_(index) {}

  std::uint32_t thread() const override { return index_; }
  std::uint32_t block_threads() const override;
  Index3 block_index() const override;
  Grid grid_blocks() const override;
  void sync_block() override;
  const std::vector<std::uint32_t>& exchange(Collective kind, std::uint32_t value) override;
  std::uint32_t lane_value(const std::vector<std::uint32_t>& lanes, int lane) override;
  const std::byte* read_shared(std::uint64_t at, std::size_t bytes) override;
  std::byte* write_shared(std::uint64_t at, std::size_t bytes) override;
  const std::byte* shared_bytes() override;
  void check_shared_size(std::uint64_t bytes) override;
  [[noreturn]] void refuse(const char* why) override { throw Violation{why}; }
  void check_aligned(std::uint64_t address, const char* where) override;
  void begin_copy(std::uint64_t to, const void* from) override;
  void commit_copies() override;
  void wait_copies(int left) override;
  void let_others_run() override;
  void wait_for_previous() override;

  void give_way();
  Stamp stamp() const;

  State state = State::ready;
  bool waited = false;  // for the kernel before
  context::fiber resumption, scheduler;

 private:
  struct Copy {
    std::uint64_t to;
    const void* from;
  };
  Block& block_;
  std::uint32_t index_;
  std::vector<Copy> begun_;
  std::vector<std::vector<Copy>> groups_;
};

thread_local Fiber* current = nullptr;

struct Warp {
  Collective kind = Collective::none;
  std::uint32_t arrived = 0;
  std::uint64_t generation = 0;
  std::uint64_t epoch = 0;                  // operations that ordered its lanes
  std::vector<std::uint32_t> values[2];     // of this operation and the one before, which lanes may still be reading
};

class Block {
 public:
  Block(const Kernel& kernel, const Launch& launch, const void* args, SharedMemoryCells& shared)
      : kernel(kernel), launch(launch), args_(args), shared(shared), random_(launch.seed) {}

  // `guarded`: memory that other kernels write cannot be touched before wait_for_previous.
  Status run(Index3 which, bool guarded);
  bool guarded() const { return guard_.has_value(); }
  void thread_ended(Fiber& fiber);
  [[noreturn]] void break_rule(std::string what) const { throw Violation{std::move(what)}; }
  std::uint32_t lanes_of(std::uint32_t warp) const {
    const auto wave = static_cast<std::uint32_t>(kernel.wave);
    return std::min(wave, kernel.threads - warp * wave);
  }
  Warp& warp_of(std::uint32_t thread) { return warps[thread / static_cast<std::uint32_t>(kernel.wave)]; }

  const Kernel& kernel;
  const Launch& launch;
  Index3 index;
  std::vector<Warp> warps;
  std::vector<std::unique_ptr<Fiber>> fibers;

 private:
  void start();
  void resume(Fiber& fiber);
  void pass();
  bool release_barrier();
  bool release_wait();
  std::string stuck() const;

  const void* args_;

 public:
  SharedMemoryCells& shared;
  std::uint64_t epoch = 0;  // barriers passed
  std::string violation;

 private:
  std::mt19937_64 random_;
  std::vector<Fiber*> order_;
  std::optional<MemoryGuard> guard_;
};

// ---- what a thread may ask ------------------------------------------------------------------------------------------

std::uint32_t Fiber::block_threads() const { return block_.kernel.threads; }
Index3 Fiber::block_index() const { return block_.index; }
Grid Fiber::grid_blocks() const { return block_.launch.blocks; }

void Fiber::give_way() {
  scheduler = std::move(scheduler).resume();
  current = this;
}

Stamp Fiber::stamp() const {
  const auto wave = static_cast<std::uint32_t>(block_.kernel.wave);
  return {block_.epoch, block_.warps[index_ / wave].epoch, index_ / wave, index_ % wave};
}

void Fiber::sync_block() {
  state = State::at_barrier;
  give_way();
}

const std::vector<std::uint32_t>& Fiber::exchange(Collective kind, std::uint32_t value) {
  Warp& warp = block_.warp_of(index_);
  const auto wave = static_cast<std::uint32_t>(block_.kernel.wave), lanes = block_.lanes_of(index_ / wave);
  if (warp.arrived == 0) warp.kind = kind;
  if (warp.kind != kind)
    block_.break_rule("lanes of one warp are at different operations of the warp: not all of them took the same way");
  std::vector<std::uint32_t>& values = warp.values[warp.generation % 2];
  values.resize(wave);
  values[index_ % wave] = value;
  if (++warp.arrived == lanes) {
    warp.arrived = 0;
    ++warp.generation;
    ++warp.epoch;
    for (std::uint32_t l = 0; l < lanes; ++l) {
      Fiber& other = *block_.fibers[index_ / wave * wave + l];
      if (other.state == State::at_collective) other.state = State::ready;
    }
    return values;
  }
  state = State::at_collective;
  give_way();
  return values;
}

std::uint32_t Fiber::lane_value(const std::vector<std::uint32_t>& lanes, int lane) {
  if (lane < 0 || static_cast<std::size_t>(lane) >= lanes.size())
    block_.break_rule(fmt::format("shuffle from lane {} of {}", lane, lanes.size()));
  return lanes[static_cast<std::size_t>(lane)];
}

const std::byte* Fiber::read_shared(std::uint64_t at, std::size_t bytes) { return block_.shared.read(at, bytes, stamp()); }
const std::byte* Fiber::shared_bytes() { return block_.shared.bytes(); }
std::byte* Fiber::write_shared(std::uint64_t at, std::size_t bytes) { return block_.shared.write(at, bytes, stamp()); }

void Fiber::check_shared_size(std::uint64_t bytes) {
  if (bytes > block_.launch.shared_bytes)
    block_.break_rule(fmt::format("takes {} bytes of shared memory, the launch has {}", bytes, block_.launch.shared_bytes));
}

void Fiber::check_aligned(std::uint64_t address, const char* where) {
  if (address % 16 != 0) block_.break_rule(fmt::format("accesses 16 bytes of {} at address {:#x}, which is no multiple of 16", where, address));
}

// The place holds nothing of use until the copy was waited for.
void Fiber::begin_copy(std::uint64_t to, const void* from) {
  std::memset(write_shared(to, 16), 0xff, 16);
  begun_.push_back({to, from});
}

void Fiber::commit_copies() {
  groups_.push_back(std::move(begun_));
  begun_.clear();
}

void Fiber::wait_copies(int left) {
  while (groups_.size() > static_cast<std::size_t>(left)) {
    for (const Copy& copy : groups_.front()) std::memcpy(write_shared(copy.to, 16), copy.from, 16);
    groups_.erase(groups_.begin());
  }
}

void Fiber::let_others_run() {
  std::this_thread::yield();
  give_way();
}

void Fiber::wait_for_previous() {
  if (!block_.kernel.waits) block_.break_rule("calls wait_for_previous, which its kernel does not note (kWaits)");
  if (!waited && block_.guarded()) {
    state = State::at_wait;
    give_way();
  }
  waited = true;
}

// ---- a block --------------------------------------------------------------------------------------------------------

void Block::thread_ended(Fiber& fiber) {
  fiber.state = State::ended;
  if (violation.empty() && warp_of(fiber.thread()).arrived > 0)
    violation = fmt::format("thread {} ended while other lanes of its warp wait for it", fiber.thread());
  if (violation.empty() && kernel.waits && !fiber.waited)
    violation = fmt::format("thread {} ended without wait_for_previous, which its kernel promises (kWaits)", fiber.thread());
}

void Block::start() {
  fibers.clear();
  order_.clear();
  warps.assign((kernel.threads + static_cast<std::uint32_t>(kernel.wave) - 1) / static_cast<std::uint32_t>(kernel.wave), {});
  for (std::uint32_t t = 0; t < kernel.threads; ++t) {
    Fiber& fiber = *fibers.emplace_back(std::make_unique<Fiber>(*this, t));
    order_.push_back(&fiber);
    fiber.resumption = context::fiber(std::allocator_arg, stack_of(t), [this, &fiber](context::fiber&& from) {
      fiber.scheduler = std::move(from);
      try {
        kernel.run(args_);
      } catch (const Violation& broken) {
        if (violation.empty()) violation = fmt::format("thread {}: {}", fiber.thread(), broken.what);
      }
      thread_ended(fiber);
      return std::move(fiber.scheduler);
    });
  }
}

void Block::resume(Fiber& fiber) {
  current = &fiber;
  fiber.resumption = std::move(fiber.resumption).resume();
  current = nullptr;
}

// Every thread that can goes on until it waits for others.
void Block::pass() {
  for (Fiber* fiber : order_) {
    if (fiber->state == State::ready) resume(*fiber);
    if (!violation.empty()) return;
  }
}

bool Block::release_barrier() {
  for (const Fiber* fiber : order_)
    if (fiber->state != State::at_barrier) return false;
  for (Fiber* fiber : order_) fiber->state = State::ready;
  ++epoch;
  std::shuffle(order_.begin(), order_.end(), random_);
  return true;
}

bool Block::release_wait() {
  for (const Fiber* fiber : order_)
    if (fiber->state != State::at_wait) return false;
  guard_.reset();
  for (Fiber* fiber : order_) fiber->state = State::ready;
  return true;
}

std::string Block::stuck() const {
  std::uint32_t waiting = 0, ended = 0, example = 0;
  for (const auto& fiber : fibers) {
    if (fiber->state == State::at_wait)
      return fmt::format("thread {} waits for the kernel before (wait_for_previous), others are at a barrier or an operation of their warp", fiber->thread());
    ended += fiber->state == State::ended;
    if (fiber->state != State::at_barrier) continue;
    ++waiting;
    example = fiber->thread();
  }
  if (waiting == 0) return "lanes wait for others of their warp that never come";
  return fmt::format("{} threads, thread {} among them, wait at a barrier that {} others did not come to ({} of these have ended)",
                     waiting, example, kernel.threads - waiting, ended);
}

Status Block::run(Index3 which, bool guarded) {
  index = which;
  if (guarded) guard_.emplace();
  ++epoch;
  shared.begin_block(epoch);
  start();
  std::shuffle(order_.begin(), order_.end(), random_);
  const auto able = [&](State state) {
    return std::any_of(order_.begin(), order_.end(), [&](const Fiber* fiber) { return fiber->state == state; });
  };
  while (violation.empty()) {
    pass();
    if (!violation.empty() || able(State::ready)) continue;
    if (!able(State::at_barrier) && !able(State::at_collective) && !able(State::at_wait)) break;  // all have ended
    if (!release_barrier() && !release_wait()) violation = stuck();
  }
  guard_.reset();
  fibers.clear();  // unwinds those that were under way
  if (violation.empty()) return {};
  return fail(ErrorKind::invalid_input, "kernel '{}' (waves of {}), block {},{},{}: {}", kernel.name, kernel.wave, which.x, which.y,
              which.z, violation);
}

// ---- faults --------------------------------------------------------------------------------------------------------

struct sigaction segv_before;
std::mutex segv_mutex;
int segv_guards = 0;  // launches under way

// A kernel that leaves its memory is told so where it does (-fnon-call-exceptions); anyone else's fault stays one.
void on_segv(int signal, siginfo_t* what, void*) {
  if (current != nullptr) throw Violation{describe_fault(reinterpret_cast<std::uintptr_t>(what->si_addr))};
  sigaction(signal, &segv_before, nullptr);
}

class SegvGuard {
 public:
  SegvGuard() {
    const std::lock_guard lock(segv_mutex);
    if (segv_guards++ > 0) return;
    struct sigaction action{};
    action.sa_sigaction = on_segv;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGSEGV, &action, &segv_before);
  }
  ~SegvGuard() {
    const std::lock_guard lock(segv_mutex);
    if (--segv_guards == 0) sigaction(SIGSEGV, &segv_before, nullptr);
  }
};

std::map<std::pair<std::string, int>, Kernel>& kernels() {
  static std::map<std::pair<std::string, int>, Kernel> all;
  return all;
}

}  // namespace

Thread& running() { return *current; }

Registration::Registration(Kernel kernel) {
  const std::pair key(kernel.name, kernel.wave);
  kernels()[key] = std::move(kernel);
}

Result<const Kernel*> find_kernel(const std::string& name, int wave) {
  const auto found = kernels().find({name, wave});
  if (found == kernels().end()) return fail(ErrorKind::not_found, "there is no kernel '{}' for waves of {}", name, wave);
  return &found->second;
}

std::vector<std::string> kernel_names(int wave) {
  std::vector<std::string> names;
  for (const auto& [key, kernel] : kernels())
    if (key.second == wave) names.push_back(key.first);
  return names;
}

Status run(const Kernel& kernel, const Launch& launch, const void* args) {
  const auto lock = guardable();
  const SegvGuard guard;
  SharedMemoryCells shared(launch.shared_bytes);
  std::vector<Index3> order;
  for (std::uint32_t z = 0; z < launch.blocks.z; ++z)
    for (std::uint32_t y = 0; y < launch.blocks.y; ++y)
      for (std::uint32_t x = 0; x < launch.blocks.x; ++x) order.push_back({x, y, z});
  std::mt19937_64 random(launch.seed);
  if (!kernel.in_order) std::shuffle(order.begin(), order.end(), random);
  Block block(kernel, launch, args, shared);
  for (std::size_t i = 0; i < order.size(); ++i) TOKENMARK_CHECK(block.run(order[i], kernel.waits && i < kBlocksGuarded && lock.owns_lock()));
  if (const std::string written = written_before_allocations(); !written.empty())
    return fail(ErrorKind::invalid_input, "kernel '{}' (waves of {}): {}", kernel.name, kernel.wave, written);
  return {};
}

}  // namespace tokenmark::gpu::emulated
