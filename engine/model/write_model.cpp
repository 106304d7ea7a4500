#include "engine/model/write_model.h"

#include <cmath>
#include <cstring>
#include <mutex>

#include "engine/model/description_gguf.h"
#include "engine/model/metadata_gguf.h"

namespace tokenmark {
namespace {

constexpr std::string_view kRopeFreqs = "rope_freqs.weight";

bool fits(Format format, std::uint64_t columns) {
  return columns % static_cast<std::uint64_t>(block_values(format)) == 0;
}

// Sums over the values of a tensor; several threads add to them.
struct Errors {
  double squares = 0, lost = 0;  // of the values; of what the new format changed
  std::uint64_t not_finite = 0;

  void add(const float* before, const float* after, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const double value = before[i], difference = value - after[i];
      if (!std::isfinite(before[i])) {
        ++not_finite;
        continue;
      }
      squares += value * value;
      lost += difference * difference;
    }
  }
  void add(const Errors& other) {
    squares += other.squares;
    lost += other.lost;
    not_finite += other.not_finite;
  }
  double relative() const { return squares > 0 ? std::sqrt(lost / squares) : 0; }
};

// One tensor on its way from the model into the file.
struct Move {
  const Tensor* source = nullptr;  // null: made here
  std::vector<float> made;
  bool permuted = false;  // rows change from (i, i + d/2) to interleaved pairs
  bool fell_back = false;
  Errors errors;
};

class Writer {
 public:
  Writer(const Model& model, const WriteOptions& options) : model_(model), options_(options) {}

  Status plan() {
    const ModelDescription& description = model_.description;
    const Architecture* row = find_architecture(description.architecture);
    if (!row)
      return fail(ErrorKind::invalid_input, "{}: architecture '{}' cannot be written; known are {}", model_.source,
                  description.architecture, known_architectures());
    if (row->rope_interleaved && !description.rope_interleaved && description.latent.kv_lora > 0)
      return fail(ErrorKind::invalid_input, "{}: its latent attention rotates halves, GGUF files of {} hold pairs: it"
                  " cannot be written", model_.source, description.architecture);
    if (description.activation_limit != row->activation_limit)
      return fail(ErrorKind::invalid_input, "{}: its activation has a limit of {}, in GGUF files of {} it is {}: it cannot"
                  " be written", model_.source, description.activation_limit, description.architecture,
                  row->activation_limit);
    if (options_.output_format && !model_.weights->find("output.weight"))
      return fail(ErrorKind::invalid_input, "{}: its output is the embedding: give the embedding's format instead",
                  model_.source);
    std::unordered_set<std::string> vectors = {std::string(kRopeFreqs)};
    for (const TensorShape& shape : model_tensors(description))
      if (shape.vector) vectors.insert(shape.name);
    const bool pairs_apart = row->rope_interleaved && !description.rope_interleaved && description.latent.kv_lora == 0;
    for (const Tensor& tensor : model_.weights->tensors()) {
      Move move{&tensor, {}, pairs_apart && is_rotated(tensor.name), false, {}};
      const Format format = format_of(tensor, vectors.contains(tensor.name), move.fell_back);
      add(tensor, format, std::move(move));
    }
    if (description.rope_scaling.kind == RopeScalingKind::llama3 && !model_.weights->find(kRopeFreqs)) {
      Move move{nullptr, llama3_rope_divisors(description), false, false, {}};
      const Tensor tensor{std::string(kRopeFreqs), Format::f32, 1, move.made.size(), 0, nullptr, 1};
      add(tensor, Format::f32, std::move(move));
    }
    return {};
  }

  Result<WrittenModel> write(const std::string& path, const WriteProgress& progress) {
    TOKENMARK_TRY(GgufMetadata metadata, metadata_for(model_, tensors_));
    if (const std::vector<std::int32_t> dropped(options_.dropped_layers.begin(), options_.dropped_layers.end());
        !dropped.empty() && !metadata.has(std::string(kDroppedLayersKey)))
      metadata.add(kDroppedLayersKey, std::span<const std::int32_t>(dropped));
    const auto rows = [this](const Tensor& tensor, std::uint64_t first, std::uint64_t count, std::byte* out) {
      return make_rows(static_cast<std::size_t>(&tensor - tensors_.data()), first, count, out);
    };
    TOKENMARK_CHECK(write_gguf(path, metadata, tensors_, rows, progress, options_.threads));
    return report();
  }

  WrittenModel report() const {
    WrittenModel written;
    Errors all;
    for (std::size_t i = 0; i < moves_.size(); ++i) {
      const Move& move = moves_[i];
      const Tensor& target = tensors_[i];
      const Tensor& source = move.source ? *move.source : target;
      written.tensors.push_back({target.name, source.format, target.format, move.fell_back,
                                 target.depth * target.rows * target.columns, move.source ? source.bytes : 0,
                                 target.bytes, move.errors.relative(), move.errors.not_finite});
      written.bytes_before += written.tensors.back().bytes_before;
      written.bytes_after += target.bytes;
      all.add(move.errors);
    }
    written.relative_error = all.relative();
    return written;
  }

 private:
  static bool is_rotated(std::string_view name) {
    return name.ends_with(".attn_q.weight") || name.ends_with(".attn_k.weight");
  }

  void add(const Tensor& tensor, Format format, Move move) {
    Tensor target{file_tensor_name(model_.description, tensor.name), format, tensor.rows, tensor.columns, 0, nullptr,
                  tensor.depth};
    target.bytes = row_bytes(format, tensor.columns) * tensor.rows * tensor.depth;
    tensors_.push_back(std::move(target));
    moves_.push_back(std::move(move));
  }

  Format format_of(const Tensor& tensor, bool vector, bool& fell_back) const {
    if (vector || tensor.name.find(".ffn_gate_inp.") != std::string::npos) return options_.format ? Format::f32 : tensor.format;
    std::optional<Format> wanted = options_.format;
    const bool expert = tensor.name.find("_exps.") != std::string::npos;
    if (wanted == Format::mxfp4 && model_.description.experts.count > 0 && !expert) wanted = Format::q8_0;
    if (tensor.name == "token_embd.weight" && options_.embedding_format) wanted = options_.embedding_format;
    if (tensor.name == "output.weight" && options_.output_format) wanted = options_.output_format;
    if (!wanted) return tensor.format;
    if (fits(*wanted, tensor.columns)) return *wanted;
    fell_back = true;
    return fits(Format::q8_0, tensor.columns) ? Format::q8_0 : Format::f16;
  }

  std::uint64_t source_row(const Move& move, std::uint64_t row) const {
    if (!move.permuted) return row;
    const std::uint64_t d = model_.description.head_dim, within = row % d, rotated = model_.description.rope_dim;
    return within < rotated ? row - within + within % 2 * (rotated / 2) + within / 2 : row;
  }

  // Rows as they are in the model: in place where they are mapped, else in `buffer`.
  Result<const std::byte*> source_rows(const Move& move, std::uint64_t first, std::uint64_t count,
                                       std::vector<std::byte>& buffer) const {
    const std::uint64_t bytes = row_bytes(move.source->format, move.source->columns);
    if (move.source->mapped && !move.permuted) return move.source->mapped + first * bytes;
    buffer.resize(count * bytes);
    if (!move.permuted) {
      TOKENMARK_CHECK(model_.weights->read_rows(*move.source, first, count, buffer.data()));
    } else {
      for (std::uint64_t r = 0; r < count; ++r)
        TOKENMARK_CHECK(
            model_.weights->read_rows(*move.source, source_row(move, first + r), 1, buffer.data() + r * bytes));
    }
    return buffer.data();
  }

  Status make_rows(std::size_t index, std::uint64_t first, std::uint64_t count, std::byte* out) {
    Move& move = moves_[index];
    const Tensor& target = tensors_[index];
    const std::uint64_t columns = target.columns, target_bytes = row_bytes(target.format, columns);
    if (!move.source) {
      std::memcpy(out, move.made.data() + first * columns, count * target_bytes);
      return {};
    }
    std::vector<std::byte> buffer;
    TOKENMARK_TRY(const std::byte* source, source_rows(move, first, count, buffer));
    const Format from = move.source->format;
    if (from == target.format) {
      std::memcpy(out, source, count * target_bytes);
      return {};
    }
    Errors errors;
    std::vector<float> before(columns), after(columns);
    for (std::uint64_t r = 0; r < count; ++r, out += target_bytes) {
      dequantize_row(from, source + r * row_bytes(from, columns), columns, before.data());
      quantize_row(target.format, before.data(), columns, out);
      dequantize_row(target.format, out, columns, after.data());
      errors.add(before.data(), after.data(), columns);
    }
    std::lock_guard lock(mutex_);
    move.errors.add(errors);
    return {};
  }

  const Model& model_;
  const WriteOptions& options_;
  std::vector<Tensor> tensors_;  // of the file
  std::vector<Move> moves_;      // one for each
  std::mutex mutex_;             // over the moves' errors
};

}  // namespace

Result<WrittenModel> plan_model(const Model& model, const WriteOptions& options) {
  Writer writer(model, options);
  TOKENMARK_CHECK(writer.plan());
  return writer.report();
}

Result<WrittenModel> write_model(const Model& model, const WriteOptions& options, const std::string& path,
                                 const WriteProgress& progress) {
  Writer writer(model, options);
  TOKENMARK_CHECK(writer.plan());
  return writer.write(path, progress);
}

}  // namespace tokenmark
