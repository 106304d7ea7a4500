#include "plugins/cpu/weights.h"

#include <atomic>
#include <cstring>

namespace tokenmark::cpu_plugin {
namespace {

constexpr std::uint64_t kAlignment = 64;
constexpr std::uint64_t kChunkBytes = 512 << 10;  // of the source that a thread reads and packs at a time: fits its cache

std::uint64_t aligned(std::uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

Weight shape_of(const tm_tensor& tensor) {
  Weight weight;
  weight.matrix = {static_cast<Format>(tensor.format), tensor.rows, tensor.columns, nullptr};
  weight.depth = tensor.depth;
  return weight;
}

std::uint64_t packed_stride(const cpu::Kernels& kernels, const cpu::Matrix& m) {
  return aligned((m.rows + cpu::kPanelRows - 1) / cpu::kPanelRows * kernels.panel_bytes(m.format, m.columns));
}

// Counts bytes.
struct Planner {
  const cpu::Kernels& kernels;
  std::uint64_t bytes = 0;

  Result<Weight> matrix(const std::string&, const tm_tensor& tensor) {
    Weight weight = shape_of(tensor);
    weight.stride = packed_stride(kernels, weight.matrix);
    bytes += weight.stride * weight.depth;
    return weight;
  }
  Result<Weight> embedding(const std::string&, const tm_tensor& tensor) {
    Weight weight = shape_of(tensor);
    weight.packed = false;
    if (!tensor.mapped) bytes += aligned(tensor.bytes);
    return weight;
  }
  Result<Vector> vector(const std::string&, const tm_tensor& tensor) {
    bytes += aligned(tensor.depth * tensor.rows * tensor.columns * sizeof(float));
    return Vector{};
  }
};

// Sets memory aside tensor by tensor and notes what is to be brought there; that is then done by all threads at once.
class Loader {
 public:
  Loader(const cpu::Kernels& kernels, const tm_weight_source& source, Memory& memory)
      : kernels_(kernels), source_(source), memory_(memory) {}

  Result<Weight> matrix(const std::string& name, const tm_tensor& tensor) {
    Weight weight = shape_of(tensor);
    weight.stride = packed_stride(kernels_, weight.matrix);
    weight.matrix.values = take(weight.stride * weight.depth);
    tensors_.push_back({name, weight, static_cast<const std::byte*>(tensor.mapped), nullptr});
    return weight;
  }

  Result<Weight> embedding(const std::string& name, const tm_tensor& tensor) {
    Weight weight = shape_of(tensor);
    weight.packed = false;
    weight.matrix.values = tensor.mapped;
    if (tensor.mapped) return weight;
    std::byte* to = take(tensor.bytes);
    weight.matrix.values = to;
    tensors_.push_back({name, weight, nullptr, to});
    return weight;
  }

  // Norms and biases are small: read and brought to float at once.
  Result<Vector> vector(const std::string& name, const tm_tensor& tensor) {
    TOKENMARK_TRY(const auto values, executor::read_floats(source_, name, tensor));
    std::byte* to = take(values.size() * sizeof(float));
    std::memcpy(to, values.data(), values.size() * sizeof(float));
    return reinterpret_cast<Vector>(to);
  }

  Status fill(ThreadPool& pool) {
    if (!source_.read_rows) return fill_tensor_by_tensor(pool);
    for (std::uint32_t i = 0; i < tensors_.size(); ++i) cut(i);
    return run_chunks(pool);
  }

 private:
  struct Tensor {
    std::string name;
    Weight weight;
    const std::byte* mapped;  // used only where rows cannot be read
    std::byte* raw;           // not null: the rows are copied here as they are
    std::uint64_t row_bytes() const { return tokenmark::row_bytes(weight.matrix.format, weight.matrix.columns); }
  };
  struct Chunk {
    std::uint32_t tensor, matrix;
    std::uint64_t row_begin, row_end;  // of the matrix; whole panels
  };

  std::byte* take(std::uint64_t bytes) {
    std::byte* at = memory_.bytes() + taken_;
    taken_ += aligned(bytes);
    return at;
  }

  void cut(std::uint32_t i) {
    const Weight& w = tensors_[i].weight;
    const std::uint64_t panel = cpu::kPanelRows * tensors_[i].row_bytes();
    const std::uint64_t rows = std::max<std::uint64_t>(kChunkBytes / panel, 1) * cpu::kPanelRows;
    for (std::uint32_t d = 0; d < w.depth; ++d)
      for (std::uint64_t row = 0; row < w.matrix.rows; row += rows)
        chunks_.push_back({i, d, row, std::min(row + rows, w.matrix.rows)});
  }

  // A source that cannot read by rows gives whole tensors, one at a time.
  Status fill_tensor_by_tensor(ThreadPool& pool) {
    for (std::uint32_t i = 0; i < tensors_.size(); ++i) {
      Tensor& tensor = tensors_[i];
      Memory whole;
      if (!tensor.mapped) {
        const std::uint64_t bytes = tensor.weight.depth * tensor.weight.matrix.rows * tensor.row_bytes();
        TOKENMARK_TRY(whole, Memory::allocate(bytes));
        if (source_.read(source_.context, tensor.name.c_str(), whole.bytes(), bytes) != TM_OK)
          return unreadable(tensor.name);
        tensor.mapped = whole.bytes();
      }
      chunks_.clear();
      cut(i);
      TOKENMARK_CHECK(run_chunks(pool));
    }
    return {};
  }

  Status run_chunks(ThreadPool& pool) {
    std::atomic<std::int64_t> failed{-1};
    std::vector<std::vector<std::byte>> staging(pool.threads());
    pool.run(static_cast<std::uint32_t>(chunks_.size()), [&](std::uint32_t i, std::uint32_t thread) {
      const Chunk& chunk = chunks_[chunks_.size() - 1 - i];  // the pool counts down, files are read upwards
      if (failed.load(std::memory_order_relaxed) < 0 && !bring(chunk, staging[thread])) failed.store(chunk.tensor);
    });
    if (failed.load() < 0) return {};
    return unreadable(tensors_[static_cast<std::size_t>(failed.load())].name);
  }

  bool bring(const Chunk& chunk, std::vector<std::byte>& staging) const {
    const Tensor& tensor = tensors_[chunk.tensor];
    const cpu::Matrix& m = tensor.weight.matrix;
    const std::uint64_t row = tensor.row_bytes(), rows = chunk.row_end - chunk.row_begin;
    const std::uint64_t first = chunk.matrix * m.rows + chunk.row_begin;
    if (tensor.raw) return read(tensor, first, rows, tensor.raw + first * row);
    const std::byte* source = tensor.mapped ? tensor.mapped + first * row : nullptr;
    if (source_.read_rows) {
      staging.resize(std::max<std::size_t>(staging.size(), rows * row));
      if (!read(tensor, first, rows, staging.data())) return false;
      source = staging.data();
    }
    auto* panel = static_cast<std::byte*>(const_cast<void*>(tensor.weight.at(chunk.matrix).values)) +
                  chunk.row_begin / cpu::kPanelRows * kernels_.panel_bytes(m.format, m.columns);
    for (std::uint64_t r = 0; r < rows; r += cpu::kPanelRows, panel += kernels_.panel_bytes(m.format, m.columns))
      kernels_.pack_panel(m.format, source + r * row, std::min(cpu::kPanelRows, rows - r), m.columns, panel);
    return true;
  }

  bool read(const Tensor& tensor, std::uint64_t first, std::uint64_t rows, std::byte* to) const {
    if (source_.read_rows) return source_.read_rows(source_.context, tensor.name.c_str(), first, rows, to) == TM_OK;
    std::memcpy(to, tensor.mapped + first * tensor.row_bytes(), rows * tensor.row_bytes());
    return true;
  }

  static Status unreadable(const std::string& name) {
    return fail(ErrorKind::io, "the weights of tensor '{}' could not be read", name);
  }

  const cpu::Kernels& kernels_;
  const tm_weight_source& source_;
  Memory& memory_;
  std::uint64_t taken_ = 0;
  std::vector<Tensor> tensors_;
  std::vector<Chunk> chunks_;
};

}  // namespace

Result<PlannedWeights> plan_weights(const cpu::Kernels& kernels, const tm_model& model, const tm_weight_source& source) {
  Planner planner{kernels};
  PlannedWeights planned;
  TOKENMARK_TRY(planned.shapes, (executor::load_weights<Weight, Vector>(model, source, planner)));
  planned.bytes = planner.bytes;
  return planned;
}

Result<LoadedWeights> load_weights(const cpu::Kernels& kernels, ThreadPool& pool, const tm_model& model,
                                   const tm_weight_source& source, std::uint64_t planned_bytes) {
  LoadedWeights weights;
  TOKENMARK_TRY(weights.memory, Memory::allocate(planned_bytes));
  Loader loader(kernels, source, weights.memory);
  TOKENMARK_TRY(weights.model, (executor::load_weights<Weight, Vector>(model, source, loader)));
  TOKENMARK_CHECK(loader.fill(pool));
  return weights;
}

}  // namespace tokenmark::cpu_plugin
