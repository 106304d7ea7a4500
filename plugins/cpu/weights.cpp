#include "plugins/cpu/weights.h"

#include <atomic>
#include <cstring>

namespace tokenmark::cpu_plugin {
namespace {

struct Counter {
  std::uint64_t bytes = 0;
  Result<cpu::Matrix> matrix(const std::string&, const tm_tensor& tensor) {
    bytes += tensor.bytes;
    return cpu::Matrix{};
  }
  Result<Vector> vector(const std::string&, const tm_tensor& tensor) {
    bytes += tensor.columns * sizeof(float);
    return Vector{};
  }
};

// Sets memory aside tensor by tensor and notes what to read into it; the reading is then done by all threads at once,
// since making or converting weights can take longer than moving them.
class Loader {
 public:
  Loader(const tm_weight_source& source, bool copy_mapped) : source_(source), copy_mapped_(copy_mapped) {}

  Result<cpu::Matrix> matrix(const std::string& name, const tm_tensor& tensor) {
    cpu::Matrix matrix{static_cast<Format>(tensor.format), tensor.rows, tensor.columns, tensor.mapped};
    if (tensor.mapped && !copy_mapped_) return matrix;
    TOKENMARK_TRY(Memory memory, Memory::allocate(tensor.bytes));
    matrix.values = memory.bytes();
    reads_.push_back({name, tensor.mapped, memory.bytes(), tensor.bytes});
    memory_.push_back(std::move(memory));
    return matrix;
  }

  // Norm weights are small: read and brought to float at once.
  Result<Vector> vector(const std::string& name, const tm_tensor& tensor) {
    std::vector<std::byte> raw(tensor.bytes);
    TOKENMARK_CHECK(fill({name, tensor.mapped, raw.data(), tensor.bytes}));
    TOKENMARK_TRY(Memory memory, Memory::allocate(tensor.columns * sizeof(float)));
    dequantize_row(static_cast<Format>(tensor.format), raw.data(), tensor.columns, memory.as<float>());
    memory_.push_back(std::move(memory));
    return Vector{memory_.back().as<float>()};
  }

  Status read_all(ThreadPool& pool) {
    std::atomic<std::int64_t> failed{-1};
    pool.run(static_cast<std::uint32_t>(reads_.size()), [&](std::uint32_t i, std::uint32_t) {
      if (failed.load() < 0 && !fill_quietly(reads_[i])) failed.store(i);
    });
    if (failed.load() < 0) return {};
    return unreadable(reads_[static_cast<std::size_t>(failed.load())].name);
  }

  std::vector<Memory> take_memory() { return std::move(memory_); }

 private:
  struct Read {
    std::string name;
    const void* mapped;
    std::byte* destination;
    std::uint64_t bytes;
  };

  static Status unreadable(const std::string& name) {
    return fail(ErrorKind::io, "the weights of tensor '{}' could not be read", name);
  }

  bool fill_quietly(const Read& read) const {
    if (!read.mapped) return source_.read(source_.context, read.name.c_str(), read.destination, read.bytes) == TM_OK;
    std::memcpy(read.destination, read.mapped, read.bytes);
    return true;
  }

  Status fill(const Read& read) const { return fill_quietly(read) ? Status{} : unreadable(read.name); }

  const tm_weight_source& source_;
  bool copy_mapped_;
  std::vector<Read> reads_;
  std::vector<Memory> memory_;
};

}  // namespace

Result<std::uint64_t> weight_bytes(const tm_model& model, const tm_weight_source& source) {
  Counter counter;
  TOKENMARK_CHECK((executor::load_llama<cpu::Matrix, Vector>(model, source, counter).map([](const auto&) {})));
  return counter.bytes;
}

Result<Weights> load_weights(const tm_model& model, const tm_weight_source& source, ThreadPool& pool) {
  TOKENMARK_TRY(const std::uint64_t bytes, weight_bytes(model, source));
  // Half of what is free: the file's own pages are in memory as well, as long as nobody else wants it.
  Loader loader(source, bytes < available_memory_bytes() / 2);
  Weights weights;
  TOKENMARK_TRY(weights.llama, (executor::load_llama<cpu::Matrix, Vector>(model, source, loader)));
  TOKENMARK_CHECK(loader.read_all(pool));
  weights.memory = loader.take_memory();
  return weights;
}

}  // namespace tokenmark::cpu_plugin
