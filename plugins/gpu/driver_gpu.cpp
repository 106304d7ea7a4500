#include "plugins/gpu/driver_gpu.h"

#include <map>

namespace tokenmark::gpu {

// A function of a module.
class Kernel {
 public:
  void* function = nullptr;
  std::string name;
  std::uint32_t threads = 0, args_bytes = 0;
  bool waits = false;  // for the kernel before, by itself
};

namespace {

constexpr unsigned kNonBlocking = 1, kPortable = 1;
constexpr int kThreadLocalCapture = 1;
constexpr int kMaxDynamicSharedBytes = 8;           // an attribute of a function
constexpr std::uint32_t kAlwaysAllowedShared = 48 << 10;

struct DriverGraph final : Graph {
  const DriverFunctions* functions;
  void* executable = nullptr;
  ~DriverGraph() override { functions->graph_executable_destroy(executable); }
};

struct DriverEvent final : Event {
  const DriverFunctions* functions;
  void* event = nullptr;
  ~DriverEvent() override { functions->event_destroy(event); }
};

class DriverGpu final : public Gpu {
 public:
  DriverGpu(Driver driver, GpuFacts facts) : driver_(std::move(driver)), f_(driver_.functions), facts_(std::move(facts)) {}
  ~DriverGpu() override {
    driver_.activate();
    if (stream_) f_.stream_destroy(stream_);
    for (void* module : modules_) f_.module_unload(module);
    driver_.close();
  }

  Status open(std::span<const void* const> images) {
    TOKENMARK_CHECK(done(driver_.activate(), "making the device this thread's"));
    TOKENMARK_CHECK(done(f_.stream_create(&stream_, kNonBlocking), "making a stream"));
    for (const void* image : images) {
      void* module = nullptr;
      if (const int code = f_.module_load(&module, image); code != 0)
        return fail(ErrorKind::unavailable, "{}: the kernels cannot be loaded on {} ({}): {}; there are {}", driver_.name, facts_.name,
                    facts_.architecture, driver_.error_text(code), driver_.kernels);
      modules_.push_back(module);
    }
    return {};
  }

  const GpuFacts& facts() const override { return facts_; }
  Result<std::uint64_t> free_memory() override {
    std::size_t free = 0, total = 0;
    TOKENMARK_CHECK(call([&] { return f_.memory_info(&free, &total); }, "asking for free memory"));
    return free;
  }

  Result<void*> allocate(std::size_t bytes) override {
    return take(bytes, [&](void** out, std::size_t size) { return f_.memory_allocate(out, size); });
  }
  Result<void*> allocate_shared(std::size_t bytes) override {
    if (!f_.memory_allocate_kind) return allocate(bytes);
    return take(bytes, [&](void** out, std::size_t size) { return f_.memory_allocate_kind(out, size, driver_.shared_memory_kind); });
  }
  void release(void* memory) override {
    if (memory && driver_.activate() == 0) f_.memory_free(memory);
  }
  Result<void*> allocate_pinned(std::size_t bytes) override {
    void* memory = nullptr;
    TOKENMARK_CHECK(call([&] { return f_.host_allocate(&memory, std::max<std::size_t>(bytes, 16), kPortable); }, "setting host memory aside"));
    return memory;
  }
  void release_pinned(void* memory) override {
    if (memory && driver_.activate() == 0) f_.host_free(memory);
  }

  Status copy_in(void* device, const void* host, std::size_t bytes) override {
    return bytes == 0 ? Status{} : call([&] { return f_.copy_in(device, host, bytes, stream_); }, "copying to the device");
  }
  Status copy_out(void* host, const void* device, std::size_t bytes) override {
    return bytes == 0 ? Status{} : call([&] { return f_.copy_out(host, device, bytes, stream_); }, "copying from the device");
  }
  Status copy(void* to, const void* from, std::size_t bytes) override {
    return bytes == 0 ? Status{} : call([&] { return f_.copy_within(to, from, bytes, stream_); }, "copying within the device");
  }
  Status fill(void* device, std::uint8_t byte, std::size_t bytes) override {
    return bytes == 0 ? Status{} : call([&] { return f_.fill(device, byte, bytes, stream_); }, "filling memory");
  }

  Result<const Kernel*> kernel(const std::string& name) override;
  Status launch(const Kernel& kernel, Grid blocks, std::uint32_t shared_bytes, const void* args, std::size_t args_bytes) override;
  Status wait() override {
    return call([&] { return f_.stream_wait(stream_); }, "waiting");
  }

  Status begin_capture() override {
    return call([&] { return f_.begin_capture(stream_, kThreadLocalCapture); }, "beginning a graph");
  }
  Result<std::unique_ptr<Graph>> end_capture() override {
    void* graph = nullptr;
    TOKENMARK_CHECK(call([&] { return f_.end_capture(stream_, &graph); }, "ending a graph"));
    auto made = std::make_unique<DriverGraph>();
    made->functions = &f_;
    const Status instantiated = call([&] { return f_.graph_instantiate(&made->executable, graph, 0); }, "making a graph");
    f_.graph_destroy(graph);
    TOKENMARK_CHECK(instantiated);
    return made;
  }
  Status launch(const Graph& graph) override {
    return call([&] { return f_.graph_launch(static_cast<const DriverGraph&>(graph).executable, stream_); }, "launching a graph");
  }

  Result<std::unique_ptr<Event>> record() override {
    auto event = std::make_unique<DriverEvent>();
    event->functions = &f_;
    TOKENMARK_CHECK(call([&] { return f_.event_create(&event->event, 0); }, "making an event"));
    TOKENMARK_CHECK(call([&] { return f_.event_record(event->event, stream_); }, "recording an event"));
    return event;
  }
  Status wait(const Event& event) override {
    return call([&] { return f_.event_wait(static_cast<const DriverEvent&>(event).event); }, "waiting for an event");
  }
  Result<double> seconds_between(const Event& begin, const Event& end) override {
    float milliseconds = 0;
    TOKENMARK_CHECK(call([&] {
      return f_.event_elapsed(&milliseconds, static_cast<const DriverEvent&>(begin).event, static_cast<const DriverEvent&>(end).event);
    }, "timing"));
    return double{milliseconds} * 1e-3;
  }

  void* stream() override { return stream_; }

 private:
  template <class Allocate>
  Result<void*> take(std::size_t bytes, Allocate&& allocate) {
    void* memory = nullptr;
    int code = driver_.activate();
    if (code == 0) code = allocate(&memory, std::max<std::size_t>(bytes, 16));
    if (code == 0) return memory;
    return fail(ErrorKind::exhausted, "{}: {} bytes of memory of {} cannot be had: {}", driver_.name, bytes, facts_.name, driver_.error_text(code));
  }
  Status done(int code, const char* what) const {
    if (code == 0) return {};
    return fail(ErrorKind::unavailable, "{}: {} failed on {}: {}", driver_.name, what, facts_.name, driver_.error_text(code));
  }
  template <class Call>
  Status call(Call&& call, const char* what) const {
    if (const int code = driver_.activate(); code != 0) return done(code, what);
    return done(call(), what);
  }

  Driver driver_;
  const DriverFunctions& f_;
  GpuFacts facts_;
  void* stream_ = nullptr;
  std::vector<void*> modules_;
  std::map<std::string, Kernel> kernels_;
};

// A kernel is where one of the modules has it, with what TM_KERNEL noted beside it.
Result<const Kernel*> DriverGpu::kernel(const std::string& name) {
  if (const auto known = kernels_.find(name); known != kernels_.end()) return &known->second;
  TOKENMARK_CHECK(done(driver_.activate(), "looking for a kernel"));
  for (void* module : modules_) {
    Kernel kernel{nullptr, name};
    if (f_.module_function(&kernel.function, module, name.c_str()) != 0) continue;
    void* noted = nullptr;
    std::size_t bytes = 0;
    std::uint32_t facts[3] = {};
    TOKENMARK_CHECK(done(f_.module_global(&noted, &bytes, module, (name + "_facts").c_str()), "asking what a kernel takes"));
    if (bytes != sizeof facts) return fail(ErrorKind::internal, "{}: kernel '{}' says {} bytes about itself", driver_.name, name, bytes);
    TOKENMARK_CHECK(copy_out(facts, noted, sizeof facts));
    TOKENMARK_CHECK(wait());
    kernel.threads = facts[0];
    kernel.args_bytes = facts[1];
    kernel.waits = facts[2] != 0;
    if (f_.function_set_attribute && facts_.shared_bytes > kAlwaysAllowedShared)
      TOKENMARK_CHECK(done(f_.function_set_attribute(kernel.function, kMaxDynamicSharedBytes, static_cast<int>(facts_.shared_bytes)),
                           "allowing a kernel all of the shared memory"));
    return &(kernels_[name] = kernel);
  }
  return fail(ErrorKind::not_found, "{}: there is no kernel '{}' in the {} modules for {}", driver_.name, name, modules_.size(), facts_.architecture);
}

Status DriverGpu::launch(const Kernel& kernel, Grid blocks, std::uint32_t shared_bytes, const void* args, std::size_t args_bytes) {
  if (args_bytes != kernel.args_bytes)
    return fail(ErrorKind::internal, "kernel '{}' takes an argument of {} bytes, not {}", kernel.name, kernel.args_bytes, args_bytes);
  void* arguments[] = {const_cast<void*>(args)};
  int code = driver_.activate();
  if (code == 0 && kernel.waits && f_.launch_configured) {
    LaunchAttribute early{.id = kBeginsEarly};
    early.value.begins_early = 1;
    const LaunchConfiguration configuration{blocks.x, blocks.y, blocks.z, kernel.threads, 1, 1, shared_bytes, stream_, &early, 1};
    code = f_.launch_configured(&configuration, kernel.function, arguments, nullptr);
  } else if (code == 0) {
    code = f_.launch(kernel.function, blocks.x, blocks.y, blocks.z, kernel.threads, 1, 1, shared_bytes, stream_, arguments, nullptr);
  }
  if (code == 0) return {};
  return fail(ErrorKind::unavailable, "{}: kernel '{}' with {} × {} × {} blocks of {} threads and {} bytes of shared memory: {}", driver_.name,
              kernel.name, blocks.x, blocks.y, blocks.z, kernel.threads, shared_bytes, driver_.error_text(code));
}

}  // namespace

Result<std::unique_ptr<Gpu>> make_driver_gpu(Driver driver, GpuFacts facts, std::span<const void* const> images) {
  auto gpu = std::make_unique<DriverGpu>(std::move(driver), std::move(facts));
  TOKENMARK_CHECK(gpu->open(images));
  return gpu;
}

}  // namespace tokenmark::gpu
