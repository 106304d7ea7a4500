#include "plugins/gpu/weights.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "kernels/gpu/pack.h"

namespace tokenmark::gpu {
namespace {

constexpr std::uint64_t kPieceBytes = 8 << 20;   // of the packed form that a thread makes at a time
constexpr unsigned kMostThreads = 16;

std::uint64_t aligned(std::uint64_t bytes) { return (bytes + 255) / 256 * 256; }

Matrix shape_of(const tm_tensor& tensor, const Planes& planes) {
  Matrix m;
  m.format = static_cast<std::uint32_t>(packed_format(static_cast<Format>(tensor.format)));
  m.depth = tensor.depth;
  m.rows = static_cast<std::uint32_t>(tensor.rows);
  m.columns = static_cast<std::uint32_t>(tensor.columns);
  m.row_pitch = planes.row_pitch;
  m.scale_pitch = planes.scale_pitch;
  return m;
}

Planes planes_of_tensor(const tm_tensor& tensor) {
  return planes_of(static_cast<Format>(tensor.format), tensor.depth * tensor.rows, tensor.columns);
}

// Counts bytes.
struct Planner {
  std::uint64_t bytes = 0;

  Result<Matrix> matrix(const std::string&, const tm_tensor& tensor) {
    const Planes planes = planes_of_tensor(tensor);
    bytes += aligned(planes.values) + aligned(planes.scales);
    return shape_of(tensor, planes);
  }
  Result<Matrix> embedding(const std::string& name, const tm_tensor& tensor) { return matrix(name, tensor); }
  Result<Vector> vector(const std::string&, const tm_tensor& tensor) {
    bytes += aligned(tensor.depth * tensor.rows * tensor.columns * sizeof(float));
    return nullptr;
  }
};

// Some rows of a tensor and where they go.
struct Piece {
  const std::string* name;
  Format format;
  std::uint64_t first, rows, columns;
  std::byte* values;
  std::byte* scales;
  Planes planes() const { return gpu::planes_of(format, rows, columns); }
};

// Places for packed pieces: made by threads, copied by the caller's.
class Pipeline {
 public:
  Pipeline(Gpu& gpu, const tm_weight_source& source, const std::vector<Piece>& pieces) : gpu_(gpu), source_(source), pieces_(pieces) {}
  ~Pipeline() {
    stop();
    for (Slot& slot : slots_) gpu_.release_pinned(slot.bytes);
  }

  Status run() {
    std::uint64_t largest = 0;
    for (const Piece& piece : pieces_) largest = std::max(largest, piece.planes().values + piece.planes().scales);
    const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1u, kMostThreads);
    slots_.resize(std::min<std::size_t>(2 * threads, pieces_.size()));
    for (Slot& slot : slots_) {
      TOKENMARK_TRY(void* const memory, gpu_.allocate_pinned(largest));
      slot.bytes = static_cast<std::byte*>(memory);
      free_.push_back(&slot);
    }
    for (unsigned t = 0; t < threads; ++t) threads_.emplace_back([this] { make_pieces(); });
    const Status copied = copy_pieces();
    stop();
    TOKENMARK_CHECK(copied);
    return gpu_.wait();
  }

 private:
  struct Slot {
    std::byte* bytes = nullptr;
    const Piece* piece = nullptr;
    std::unique_ptr<Event> copied;
  };

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    threads_.clear();
  }

  // A thread: take the next piece and a free place, fill it.
  void make_pieces() {
    std::vector<std::byte> rows;
    for (std::size_t next = next_++; next < pieces_.size(); next = next_++) {
      Slot* slot = nullptr;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || !free_.empty(); });
        if (stopped_) return;
        slot = free_.front();
        free_.pop_front();
      }
      const Piece& piece = pieces_[next];
      slot->piece = &piece;
      rows.resize(piece.rows * row_bytes(piece.format, piece.columns));
      const bool read = source_.read_rows(source_.context, piece.name->c_str(), piece.first, piece.rows, rows.data()) == TM_OK;
      if (read) pack_rows(piece.format, rows.data(), piece.rows, piece.columns, slot->bytes, slot->bytes + piece.planes().values);
      const std::lock_guard lock(mutex_);
      if (!read) unreadable_ = piece.name;
      made_.push_back(slot);
      changed_.notify_all();
    }
  }

  Status copy_pieces() {
    std::deque<Slot*> under_way;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      // Places whose copies are done are free again; with none to fill, the oldest is waited for.
      while (under_way.size() + 1 > slots_.size() / 2 && !under_way.empty()) {
        Slot* slot = under_way.front();
        under_way.pop_front();
        TOKENMARK_CHECK(gpu_.wait(*slot->copied));
        const std::lock_guard lock(mutex_);
        free_.push_back(slot);
        changed_.notify_all();
      }
      Slot* slot = nullptr;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !made_.empty(); });
        if (unreadable_) return fail(ErrorKind::io, "the weights of tensor '{}' could not be read", *unreadable_);
        slot = made_.front();
        made_.pop_front();
      }
      const Planes planes = slot->piece->planes();
      TOKENMARK_CHECK(gpu_.copy_in(slot->piece->values, slot->bytes, planes.values));
      TOKENMARK_CHECK(gpu_.copy_in(slot->piece->scales, slot->bytes + planes.values, planes.scales));
      TOKENMARK_TRY(slot->copied, gpu_.record());
      under_way.push_back(slot);
    }
    return {};
  }

  Gpu& gpu_;
  const tm_weight_source& source_;
  const std::vector<Piece>& pieces_;
  std::vector<Slot> slots_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Slot*> free_, made_;
  const std::string* unreadable_ = nullptr;
  bool stopped_ = false;
  std::vector<std::jthread> threads_;
};

// Sets device memory aside tensor by tensor and notes the pieces to bring there.
class Loader {
 public:
  Loader(Gpu& gpu, const tm_weight_source& source, std::vector<DeviceArray<std::byte>>& memory) : gpu_(gpu), source_(source), memory_(memory) {}

  Result<Matrix> matrix(const std::string& name, const tm_tensor& tensor) {
    const Planes planes = planes_of_tensor(tensor);
    Matrix m = shape_of(tensor, planes);
    TOKENMARK_TRY(std::byte* const values, take(planes.values));
    std::byte* scales = nullptr;
    if (planes.scales > 0) {
      TOKENMARK_TRY(scales, take(planes.scales));
    }
    m.values = values;
    m.scales = scales;
    if (!source_.read_rows) return bring_whole(name, tensor, m, values, scales);
    names_.push_back(name);
    const std::uint64_t rows = tensor.depth * tensor.rows;
    const std::uint64_t at_once = std::max<std::uint64_t>(kPieceBytes / (planes.row_pitch + planes.scale_pitch), 1);
    for (std::uint64_t first = 0; first < rows; first += at_once)
      pieces_.push_back({&names_.back(), static_cast<Format>(tensor.format), first, std::min(at_once, rows - first), tensor.columns,
                         values + first * planes.row_pitch, scales ? scales + first * planes.scale_pitch : nullptr});
    return m;
  }
  Result<Matrix> embedding(const std::string& name, const tm_tensor& tensor) { return matrix(name, tensor); }

  // Norms and biases are small: read, brought to float and copied at once.
  Result<Vector> vector(const std::string& name, const tm_tensor& tensor) {
    TOKENMARK_TRY(const auto values, executor::read_floats(source_, name, tensor));
    TOKENMARK_TRY(std::byte* const to, take(values.size() * sizeof(float)));
    TOKENMARK_CHECK(gpu_.copy_in(to, values.data(), values.size() * sizeof(float)));
    TOKENMARK_CHECK(gpu_.wait());
    return reinterpret_cast<Vector>(to);
  }

  Status fill() {
    if (pieces_.empty()) return {};
    return Pipeline(gpu_, source_, pieces_).run();
  }

 private:
  Result<std::byte*> take(std::uint64_t bytes) {
    TOKENMARK_TRY(auto memory, DeviceArray<std::byte>::make(gpu_, aligned(bytes)));
    memory_.push_back(std::move(memory));
    return memory_.back().get();
  }

  // A source that cannot read by rows gives whole tensors, one at a time.
  Result<Matrix> bring_whole(const std::string& name, const tm_tensor& tensor, const Matrix& m, std::byte* values, std::byte* scales) {
    std::vector<std::byte> file(tensor.bytes);
    if (source_.read(source_.context, name.c_str(), file.data(), tensor.bytes) != TM_OK)
      return fail(ErrorKind::io, "the weights of tensor '{}' could not be read", name);
    const Planes planes = planes_of_tensor(tensor);
    std::vector<std::byte> packed(planes.values + planes.scales);
    pack_rows(static_cast<Format>(tensor.format), file.data(), tensor.depth * tensor.rows, tensor.columns, packed.data(), packed.data() + planes.values);
    TOKENMARK_CHECK(gpu_.copy_in(values, packed.data(), planes.values));
    TOKENMARK_CHECK(gpu_.copy_in(scales, packed.data() + planes.values, planes.scales));
    TOKENMARK_CHECK(gpu_.wait());
    return m;
  }

  Gpu& gpu_;
  const tm_weight_source& source_;
  std::vector<DeviceArray<std::byte>>& memory_;
  std::deque<std::string> names_;  // that pieces point to
  std::vector<Piece> pieces_;
};

}  // namespace

Result<std::uint64_t> weight_bytes(const tm_model& model, const tm_weight_source& source, std::uint64_t output_rows) {
  Planner planner;
  TOKENMARK_TRY([[maybe_unused]] const Weights shapes, (executor::load_weights<Matrix, Vector>(model, source, planner, output_rows)));
  return planner.bytes;
}

Result<Weights> weight_shapes(const tm_model& model, const tm_weight_source& source) {
  Planner planner;
  return executor::load_weights<Matrix, Vector>(model, source, planner);
}

Result<LoadedWeights> load_weights(Gpu& gpu, const tm_model& model, const tm_weight_source& source, std::uint64_t output_rows) {
  LoadedWeights weights;
  Loader loader(gpu, source, weights.memory);
  TOKENMARK_TRY(weights.model, (executor::load_weights<Matrix, Vector>(model, source, loader, output_rows)));
  TOKENMARK_CHECK(loader.fill());
  return weights;
}

}  // namespace tokenmark::gpu
