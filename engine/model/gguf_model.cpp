#include "engine/model/gguf_model.h"

#include <algorithm>
#include <filesystem>

#include "engine/model/description_gguf.h"
#include "engine/model/shapes.h"
#include "engine/model/vocabulary_gguf.h"
#include "engine/model/weights.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {
namespace {

// Rotation tables of old converters, which say nothing that the keys do not.
bool may_be_ignored(std::string_view name) {
  return name.ends_with(".attn_rot_embd") || name.ends_with(".attn_rot_embd.weight") ||
         name.ends_with(".rope_freqs.weight");
}

std::string shape_text(std::uint64_t rows, std::uint64_t columns, std::uint32_t depth) {
  return depth == 1 ? fmt::format("{} rows and {} columns", rows, columns)
                    : fmt::format("{} matrices of {} rows and {} columns", depth, rows, columns);
}

// Finds the tensors of a description among a file's.
class Binder {
 public:
  Binder(const GgufParts& parts, const ModelDescription& model, FileWeights& weights)
      : parts_(parts), model_(model), weights_(weights) {
    for (const Tensor& tensor : parts.tensors) present_.emplace(tensor.name, &tensor);
  }

  Status bind_all() {
    std::vector<TensorShape> expected = model_tensors(model_);
    if (present_.contains("rope_freqs.weight"))
      expected.push_back({"rope_freqs.weight", 1, model_.rope_dim / 2, 1, true});
    for (const TensorShape& shape : expected) TOKENMARK_CHECK(bind(shape));
    for (const auto& [name, tensor] : present_)
      if (!used_.contains(name) && !may_be_ignored(name))
        return fail(ErrorKind::invalid_input,
                    "{}: tensor '{}' is not part of the {} architecture as it is known here", parts_.path(),
                    name, model_.architecture);
    weights_.finish();
    return {};
  }

 private:
  const Tensor* take(std::string_view name) {
    const auto found = present_.find(name);
    if (found == present_.end()) return nullptr;
    used_.emplace(found->first, true);
    return found->second;
  }

  Status bind(const TensorShape& shape) {
    if (const Tensor* found = take(shape.name)) return add(*found, shape);
    if (shape.name.ends_with(".ffn_norm.weight"))
      if (const Tensor* found = take(replaced(shape.name, "ffn_norm", "post_attention_norm")))
        return add(*found, shape);
    if (shape.depth > 1 && shape.name.find("_exps.") != std::string::npos)
      if (const Tensor* found = take(expert_name(shape, 0))) return gather(shape, *found);
    if (model_.latent.kv_lora > 0 &&
        (shape.name.ends_with(".attn_k_b.weight") || shape.name.ends_with(".attn_v_b.weight")))
      if (const Tensor* found =
              take(replaced(shape.name, shape.name.ends_with("k_b.weight") ? "k_b" : "v_b", "kv_b")))
        return split(shape, *found);
    if (shape.optional) return {};
    return fail(ErrorKind::invalid_input, "{}: tensor '{}' ({}{} × {}) is missing", parts_.path(), shape.name,
                shape.depth > 1 ? fmt::format("{} × ", shape.depth) : "", shape.rows, shape.columns);
  }

  static std::string replaced(std::string name, std::string_view part, std::string_view by) {
    return name.replace(name.find(part), part.size(), by);
  }
  // Old mixtures have a tensor an expert: blk.0.ffn_gate.7.weight.
  static std::string expert_name(const TensorShape& shape, std::uint32_t expert) {
    return replaced(shape.name, "_exps", fmt::format(".{}", expert));
  }

  Status check(const Tensor& tensor, const TensorShape& shape, std::uint32_t depth) const {
    // Some converters write all matrices of a tensor as one.
    const bool joined = tensor.depth == 1 && tensor.rows == shape.rows * depth;
    if (tensor.columns != shape.columns || !(joined || (tensor.rows == shape.rows && tensor.depth == depth)))
      return fail(ErrorKind::invalid_input, "{}: tensor '{}' has {}, expected {} by the file's keys",
                  parts_.path(), tensor.name, shape_text(tensor.rows, tensor.columns, tensor.depth),
                  depth == 1 ? fmt::format("{} and {}", shape.rows, shape.columns)
                             : shape_text(shape.rows, shape.columns, depth));
    if (shape.vector && tensor.format != Format::f32)
      return fail(ErrorKind::invalid_input, "{}: tensor '{}' is {}, expected F32 for a vector", parts_.path(),
                  tensor.name, format_name(tensor.format));
    return {};
  }

  Status add(const Tensor& found, const TensorShape& shape) {
    TOKENMARK_CHECK(check(found, shape, shape.depth));
    Tensor tensor = found;
    tensor.name = shape.name;
    tensor.rows = shape.rows;
    tensor.depth = shape.depth;
    weights_.add(std::move(tensor));
    return {};
  }

  Status gather(const TensorShape& shape, const Tensor& first) {
    std::vector<const std::byte*> matrices;
    for (std::uint32_t expert = 0; expert < shape.depth; ++expert) {
      const std::string name = expert_name(shape, expert);
      const Tensor* found = take(name);
      if (!found)
        return fail(ErrorKind::invalid_input, "{}: tensor '{}' ({} × {}) is missing", parts_.path(), name,
                    shape.rows, shape.columns);
      TOKENMARK_CHECK(check(*found, shape, 1));
      if (found->format != first.format)
        return fail(ErrorKind::invalid_input, "{}: tensor '{}' is {}, expected {} as the first expert's",
                    parts_.path(), name, format_name(found->format), format_name(first.format));
      matrices.push_back(found->mapped);
    }
    weights_.add(tensor_of(shape, first.format),
                 gathered_rows(std::move(matrices), shape.rows, row_bytes(first.format, shape.columns)));
    return {};
  }

  Status split(const TensorShape& shape, const Tensor& kv_b) {
    const LatentSplit part = latent_split(model_);
    TOKENMARK_CHECK(
        check(kv_b, {kv_b.name, std::uint64_t{part.heads} * (part.nope + part.value), part.kv_lora}, 1));
    const std::uint64_t bytes = row_bytes(kv_b.format, kv_b.columns);
    if (shape.name.ends_with("v_b.weight")) {
      weights_.add(tensor_of(shape, kv_b.format), value_rows(part, kv_b.mapped, bytes));
      return {};
    }
    const bool plain =
        kv_b.format == Format::f32 || kv_b.format == Format::f16 || kv_b.format == Format::bf16;
    const Format format = plain ? kv_b.format : Format::f16;
    const auto row = [kv_b, bytes](std::uint64_t index, float* out) {
      dequantize_row(kv_b.format, kv_b.mapped + index * bytes, kv_b.columns, out);
    };
    weights_.add(tensor_of(shape, format), transposed_key_rows(part, row, format));
    return {};
  }

  const GgufParts& parts_;
  const ModelDescription& model_;
  FileWeights& weights_;
  std::unordered_map<std::string_view, const Tensor*> present_;
  std::unordered_map<std::string_view, bool> used_;
};

// What the keys leave to the tensors: the vocabulary's size, a tied output, MTP layers that were left out.
Status complete(const GgufParts& parts, ModelDescription& model) {
  constexpr std::uint64_t kMostTokens = 1 << 30;
  const auto named = [&](std::string_view wanted) {
    return std::find_if(parts.tensors.begin(), parts.tensors.end(),
                        [&](const Tensor& tensor) { return tensor.name == wanted; });
  };
  const auto embedding = named("token_embd.weight");
  if (embedding == parts.tensors.end())
    return fail(ErrorKind::invalid_input, "{}: tensor 'token_embd.weight' is missing", parts.path());
  if (embedding->rows > kMostTokens)
    return fail(ErrorKind::invalid_input,
                "{}: tensor 'token_embd.weight' has {} rows, at most {} are supported", parts.path(),
                embedding->rows, kMostTokens);
  model.vocabulary = static_cast<std::uint32_t>(embedding->rows);
  TOKENMARK_TRY(const auto vocabulary, parts.first().integer(model.architecture + ".vocab_size"));
  if (vocabulary && *vocabulary != static_cast<std::int64_t>(model.vocabulary))
    return fail(ErrorKind::invalid_input,
                "{}: tensor 'token_embd.weight' has {} rows, expected {} by {}.vocab_size", parts.path(),
                model.vocabulary, *vocabulary, model.architecture);
  model.tied_output = named("output.weight") == parts.tensors.end();
  // Checked first: a layer count out of thin air would make a long list of expectations.
  if (model.layers > parts.tensors.size())
    return fail(ErrorKind::invalid_input, "{}: {}.block_count is {}, the file has {} tensors in all",
                parts.path(), model.architecture, model.layers, parts.tensors.size());
  if (named(fmt::format("blk.{}.nextn.eh_proj.weight", model.layers)) == parts.tensors.end())
    model.mtp_layers = 0;
  if (named("blk.0.attn_q.bias") != parts.tensors.end()) model.attention_bias = true;
  return {};
}

// A file's own name is often only "llama"; its path says more then.
std::string name_of(const std::string& path, const ModelDescription& model) {
  if (!model.name.empty() && model.name != model.architecture) return model.name;
  return std::filesystem::path(path).stem().string();
}

}  // namespace

Result<Model> open_gguf(const std::string& path) {
  TOKENMARK_TRY(const GgufParts parts, open_gguf_parts(path));
  const GgufFile& first = parts.first();
  if (parts.tensors.empty() && first.has("general.architecture"))
    return fail(ErrorKind::invalid_input, "{}: has no tensors: it is a vocabulary without a model", path);
  Model model;
  TOKENMARK_TRY(model.description, read_description(first));
  TOKENMARK_CHECK(complete(parts, model.description));
  model.description.name = name_of(path, model.description);

  std::vector<std::shared_ptr<const void>> files(parts.files.begin(), parts.files.end());
  auto weights = std::make_shared<FileWeights>(std::move(files));
  TOKENMARK_CHECK(Binder(parts, model.description, *weights).bind_all());
  count_weights(weights->tensors(), model.description);
  model.weights = std::move(weights);

  TOKENMARK_TRY(model.tokenizer, read_tokenizer(first));
  // The vocabulary may have fewer tokens than the embedding has rows (which are padded for speed), or more:
  // ids without a token are no text, ids without a row are refused with the request that has them.
  TOKENMARK_TRY(auto chat_template, first.text("tokenizer.chat_template"));
  model.chat_template = std::move(chat_template).value_or("");
  TOKENMARK_TRY(const auto random, first.boolean(kRandomWeightsKey));
  model.random_weights = random.value_or(false);
  model.source = path;
  for (const auto& file : parts.files) model.files.push_back(file->path());
  return model;
}

}  // namespace tokenmark
