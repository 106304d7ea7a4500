#include "engine/model/hub_model.h"

#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "engine/model/description_config.h"
#include "engine/model/gguf.h"
#include "engine/model/hub_rows.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/tokenizer_json.h"

namespace tokenmark {
namespace {

// A layer's tensors: ours (without ".weight" or ".bias"), theirs (within model.layers.N).
struct NamePair {
  std::string_view own, hub;
};
constexpr NamePair kLayerNames[] = {{"attn_norm", "input_layernorm"},
                                    {"ffn_norm", "post_attention_layernorm"},
                                    {"attn_q", "self_attn.q_proj"},
                                    {"attn_k", "self_attn.k_proj"},
                                    {"attn_v", "self_attn.v_proj"},
                                    {"attn_output", "self_attn.o_proj"},
                                    {"attn_q_norm", "self_attn.q_norm"},
                                    {"attn_k_norm", "self_attn.k_norm"},
                                    {"attn_q_a", "self_attn.q_a_proj"},
                                    {"attn_q_a_norm", "self_attn.q_a_layernorm"},
                                    {"attn_q_b", "self_attn.q_b_proj"},
                                    {"attn_kv_a_mqa", "self_attn.kv_a_proj_with_mqa"},
                                    {"attn_kv_a_norm", "self_attn.kv_a_layernorm"},
                                    {"ffn_gate", "mlp.gate_proj"},
                                    {"ffn_up", "mlp.up_proj"},
                                    {"ffn_down", "mlp.down_proj"},
                                    {"ffn_gate_shexp", "mlp.shared_experts.gate_proj"},
                                    {"ffn_up_shexp", "mlp.shared_experts.up_proj"},
                                    {"ffn_down_shexp", "mlp.shared_experts.down_proj"},
                                    {"nextn.eh_proj", "eh_proj"},
                                    {"nextn.enorm", "enorm"},
                                    {"nextn.hnorm", "hnorm"},
                                    {"nextn.shared_head_norm", "shared_head.norm"}};

// Where the tensors of a class with experts are.
struct ExpertSpelling {
  std::string_view router, prefix, gate, up, down;  // prefix + number + "." + gate + ".weight"
};
ExpertSpelling spelling_of(ExpertNames names) {
  if (names == ExpertNames::mixtral)
    return {"block_sparse_moe.gate", "block_sparse_moe.experts.", "w1", "w3", "w2"};
  if (names == ExpertNames::gpt_oss)
    return {"mlp.router", "mlp.experts.", "gate_up_proj", "gate_up_proj", "down_proj"};
  return {"mlp.gate", "mlp.experts.", "gate_proj", "up_proj", "down_proj"};
}

// What says nothing that the engine uses: rotation tables, scales of activations and caches.
bool may_be_ignored(std::string_view name) {
  for (const std::string_view end :
       {".rotary_emb.inv_freq", ".input_scale", ".activation_scale", ".k_scale", ".v_scale"})
    if (name.ends_with(end)) return true;
  return false;
}

// "blk.7.attn_q.weight" taken apart; the layer's part is empty for tensors outside layers.
struct OwnName {
  std::string layer;              // "model.layers.7."
  std::string_view part, suffix;  // "attn_q", ".weight"
};
OwnName take_apart(std::string_view name) {
  OwnName own;
  const std::size_t dot = name.find('.', 4), last = name.rfind('.');
  own.layer = fmt::format("model.layers.{}.", name.substr(4, dot - 4));
  own.part = name.substr(dot + 1, last - dot - 1);
  own.suffix = name.substr(last);
  return own;
}

class Binder {
 public:
  Binder(const HubFolder& folder, const ModelConfig& config, FileWeights& weights)
      : folder_(folder), config_(config), model_(config.description), weights_(weights) {}

  Status bind_all() {
    for (const TensorShape& shape : model_tensors(model_)) TOKENMARK_CHECK(bind(shape));
    for (const auto& [name, tensor] : folder_.tensors)
      if (!used_.contains(name) && !may_be_ignored(name) && !left_out(name))
        return fail(ErrorKind::invalid_input,
                    "{}: tensor '{}' is not part of the {} architecture as it is known here", tensor.file,
                    tensor.name, model_.architecture);
    weights_.finish();
    return {};
  }

 private:
  // A copy of the embedding in tied models; the MTP layer's copies of embedding and head (its own where they
  // are absent is the model's), or all of it where the file has only some.
  bool left_out(std::string_view name) const {
    if (name == "lm_head.weight") return model_.tied_output;
    constexpr std::string_view kLayers = "model.layers.";
    if (!name.starts_with(kLayers)) return false;
    std::uint64_t layer = 0;
    const auto end = std::from_chars(name.data() + kLayers.size(), name.data() + name.size(), layer).ptr;
    if (layer < model_.layers) return false;
    const std::string_view part(end, static_cast<std::size_t>(name.data() + name.size() - end));
    return model_.mtp_layers == 0 || part.starts_with(".embed_tokens.") ||
           part.starts_with(".shared_head.head.");
  }

  const HubTensor* take(const std::string& name) {
    const HubTensor* found = folder_.find(name);
    if (found) used_.insert(name);
    return found;
  }

  // The tensor, its type and shape checked.
  Result<const HubTensor*> require(const std::string& name, const std::vector<std::uint64_t>& shape) {
    const HubTensor* found = take(name);
    if (!found)
      return fail(ErrorKind::invalid_input, "{}: tensor '{}' of shape {} is missing", folder_.path, name,
                  shape_text(shape));
    if (found->shape != shape)
      return fail(ErrorKind::invalid_input, "{}: tensor '{}' has shape {}, expected {} by config.json",
                  found->file, found->name, shape_text(found->shape), shape_text(shape));
    return found;
  }

  tl::unexpected<Error> wrong_type(const HubTensor& tensor, std::string_view expected) const {
    return fail(ErrorKind::invalid_input, "{}: tensor '{}' is of type {}, expected {}", tensor.file,
                tensor.name, tensor.type_name, expected);
  }

  Result<HubMatrix> matrix(const std::string& name, const std::vector<std::uint64_t>& shape) {
    TOKENMARK_TRY(const HubTensor* found, require(name, shape));
    if (found->type == HubType::u8 || found->type == HubType::other)
      return wrong_type(*found, "F32, F16, BF16, F8_E4M3 or F8_E4M3FNUZ");
    HubMatrix matrix{found->data, found->type, shape.size() > 1 ? shape.front() : 1, shape.back()};
    for (std::size_t i = 1; i + 1 < shape.size(); ++i) matrix.rows *= shape[i];
    if (is_fp8(found->type)) TOKENMARK_CHECK(add_scales(*found, name, matrix));
    return matrix;
  }

  // A scale for all, one a row, or one a block (DeepSeek's weight_scale_inv, which multiplies all the same).
  Status add_scales(const HubTensor& tensor, const std::string& name, HubMatrix& matrix) {
    const HubTensor* scales = take(name + "_scale_inv");
    if (!scales) scales = take(name + "_scale");
    if (!scales)
      return fail(ErrorKind::invalid_input, "{}: tensor '{}' is FP8, but '{}_scale_inv' is missing",
                  tensor.file, tensor.name, tensor.name);
    if (scales->type != HubType::f32 && scales->type != HubType::bf16 && scales->type != HubType::f16)
      return wrong_type(*scales, "F32, BF16 or F16");
    matrix.scales = scales->data;
    matrix.scale_type = scales->type;
    const auto blocks = [](std::uint64_t size, std::uint64_t block) { return (size + block - 1) / block; };
    using Shape = std::vector<std::uint64_t>;
    if (scales->shape.empty() || scales->shape == Shape{1}) {
      matrix.scale_rows = matrix.rows;
      matrix.scale_columns = matrix.columns;
    } else if (scales->shape == Shape{matrix.rows} || scales->shape == Shape{matrix.rows, 1}) {
      matrix.scale_columns = matrix.columns;
    } else {
      matrix.scale_rows = config_.scale_rows;
      matrix.scale_columns = config_.scale_columns;
      const Shape expected = {blocks(matrix.rows, matrix.scale_rows),
                              blocks(matrix.columns, matrix.scale_columns)};
      if (scales->shape != expected)
        return fail(ErrorKind::invalid_input,
                    "{}: tensor '{}' has shape {}, expected {} for blocks of {} × {}", scales->file,
                    scales->name, shape_text(scales->shape), shape_text(expected), matrix.scale_rows,
                    matrix.scale_columns);
    }
    return {};
  }

  Status bind(const TensorShape& shape) {
    if (shape.name == "token_embd.weight") return add(shape, "model.embed_tokens.weight");
    if (shape.name == "output_norm.weight") return add(shape, "model.norm.weight");
    if (shape.name == "output.weight") return add(shape, "lm_head.weight");
    const OwnName own = take_apart(shape.name);
    if (own.part == "attn_k_b" || own.part == "attn_v_b") return add_latent(shape, own);
    const ExpertSpelling experts = spelling_of(config_.expert_names);
    if (own.part == "ffn_gate_inp")
      return add(shape, fmt::format("{}{}{}", own.layer, experts.router, own.suffix));
    if (own.part == "exp_probs_b") return add(shape, own.layer + "mlp.gate.e_score_correction_bias");
    if (own.part == "attn_sinks") return add(shape, own.layer + "self_attn.sinks");
    if (own.part.ends_with("_exps")) return add_experts(shape, own);
    for (const NamePair& pair : kLayerNames)
      if (pair.own == own.part) return add(shape, fmt::format("{}{}{}", own.layer, pair.hub, own.suffix));
    return {};  // optional ones that the folder spells out as copies (left_out)
  }

  Status add(const TensorShape& shape, const std::string& name) {
    if (shape.optional && !folder_.find(name)) return {};
    using Shape = std::vector<std::uint64_t>;
    TOKENMARK_TRY(HubMatrix found,
                  matrix(name, shape.vector ? Shape{shape.columns} : Shape{shape.rows, shape.columns}));
    return add_parts(shape, {found});
  }

  Status add_parts(const TensorShape& shape, std::vector<HubMatrix> parts) {
    const Format format = shape.vector ? Format::f32 : natural_format(parts.front());
    Tensor tensor = tensor_of(shape, format);
    const bool as_it_lies = parts.size() == 1 && format != Format::fp8 &&
                            natural_format(parts.front()) == format && !is_fp8(parts.front().type);
    // Kernels read mapped rows in place: not where the file did not align them.
    if (as_it_lies && reinterpret_cast<std::uintptr_t>(parts.front().data) % 8 == 0) {
      tensor.mapped = parts.front().data;
      weights_.add(std::move(tensor));
    } else {
      weights_.add(std::move(tensor), matrix_rows(std::move(parts), shape.rows, 0, 1, format));
    }
    return {};
  }

  Status add_latent(const TensorShape& shape, const OwnName& own) {
    const LatentSplit split = latent_split(model_);
    TOKENMARK_TRY(const HubMatrix kv_b,
                  matrix(own.layer + "self_attn.kv_b_proj.weight",
                         {std::uint64_t{split.heads} * (split.nope + split.value), split.kv_lora}));
    const Format format = natural_format(kv_b);
    if (own.part == "attn_v_b") {
      // Not by value_rows: FP8 rows need their scales, which belong to the row's place in the whole.
      const std::uint64_t head = split.nope + split.value;
      weights_.add(tensor_of(shape, format),
                   [=](std::uint64_t first, std::uint64_t count, std::byte* out) -> Status {
                     const auto row = matrix_rows({kv_b}, kv_b.rows, 0, 1, format);
                     const std::uint64_t bytes = row_bytes(format, split.kv_lora);
                     for (std::uint64_t i = first; i < first + count; ++i, out += bytes)
                       TOKENMARK_CHECK(row(i / split.value * head + split.nope + i % split.value, 1, out));
                     return {};
                   });
      return {};
    }
    const Format turned = format == Format::fp8 ? Format::bf16 : format;
    weights_.add(tensor_of(shape, turned),
                 transposed_key_rows(
                     split, [kv_b](std::uint64_t row, float* out) { kv_b.float_row(row, out); }, turned));
    return {};
  }

  Status add_experts(const TensorShape& shape, const OwnName& own) {
    if (config_.expert_names == ExpertNames::gpt_oss) return add_joint_experts(shape, own);
    const ExpertSpelling names = spelling_of(config_.expert_names);
    const std::string_view kind = own.part == "ffn_gate_exps" ? names.gate
                                  : own.part == "ffn_up_exps" ? names.up
                                                              : names.down;
    std::vector<HubMatrix> parts;
    for (std::uint32_t expert = 0; expert < shape.depth; ++expert) {
      const std::string name = fmt::format("{}{}{}.{}.weight", own.layer, names.prefix, expert, kind);
      TOKENMARK_TRY(const HubMatrix part, matrix(name, {shape.rows, shape.columns}));
      if (!parts.empty() && natural_format(part) != natural_format(parts.front()))
        return wrong_type(*folder_.find(name), "the first expert's");
      parts.push_back(part);
    }
    return add_parts(shape, std::move(parts));
  }

  // gpt-oss: one tensor for all experts, gate and up in alternating rows; MXFP4 or transposed floats.
  Status add_joint_experts(const TensorShape& shape, const OwnName& own) {
    const bool down = own.part == "ffn_down_exps";
    const std::uint64_t stride = down ? 1 : 2, offset = own.part == "ffn_up_exps" ? 1 : 0;
    const std::uint64_t experts = model_.experts.count;
    const std::string name = own.layer + (down ? "mlp.experts.down_proj" : "mlp.experts.gate_up_proj");
    if (own.suffix == ".bias") {
      TOKENMARK_TRY(const HubMatrix bias, matrix(name + "_bias", {experts, stride * shape.columns}));
      weights_.add(tensor_of(shape, Format::f32), strided_values(bias, shape.columns, offset, stride));
      return {};
    }
    if (folder_.find(name + "_blocks")) return add_mxfp4(shape, name, offset, stride);
    TOKENMARK_TRY(const HubMatrix all, matrix(name, {experts, shape.columns, stride * shape.rows}));
    if (is_fp8(all.type)) return wrong_type(*folder_.find(name), "BF16, F16 or F32");
    std::vector<HubMatrix> parts;
    for (std::uint64_t expert = 0; expert < experts; ++expert)
      parts.push_back({all.row(expert * shape.columns), all.type, shape.columns, stride * shape.rows});
    const Format format = natural_format(all);
    weights_.add(tensor_of(shape, format), transposed_rows(std::move(parts), shape.rows, offset, stride));
    return {};
  }

  Status add_mxfp4(const TensorShape& shape, const std::string& name, std::uint64_t offset,
                   std::uint64_t stride) {
    constexpr std::uint64_t kValues = BlockMxfp4::kValues;
    const std::uint64_t experts = model_.experts.count, rows = stride * shape.rows,
                        blocks = shape.columns / kValues;
    if (shape.columns % kValues != 0)
      return fail(ErrorKind::invalid_input,
                  "{}: tensor '{}_blocks' has {} columns, MXFP4 needs a multiple of {}", folder_.path, name,
                  shape.columns, kValues);
    TOKENMARK_TRY(const HubTensor* values, require(name + "_blocks", {experts, rows, blocks, kValues / 2}));
    TOKENMARK_TRY(const HubTensor* scales, require(name + "_scales", {experts, rows, blocks}));
    if (values->type != HubType::u8) return wrong_type(*values, "U8");
    if (scales->type != HubType::u8) return wrong_type(*scales, "U8");
    weights_.add(tensor_of(shape, Format::mxfp4),
                 mxfp4_rows({values->data, scales->data, rows, shape.columns}, shape.rows, offset, stride));
    return {};
  }

  const HubFolder& folder_;
  const ModelConfig& config_;
  const ModelDescription& model_;
  FileWeights& weights_;
  std::unordered_set<std::string> used_;
};

// What the config leaves to the tensors.
Status complete(const HubFolder& folder, ModelConfig& config) {
  ModelDescription& model = config.description;
  if (model.layers > folder.tensors.size())
    return fail(ErrorKind::invalid_input,
                "{}/config.json: 'num_hidden_layers' is {}, the folder has {} tensors in all", folder.path,
                model.layers, folder.tensors.size());
  if (!config.tied_said) model.tied_output = folder.find("lm_head.weight") == nullptr;
  if (!folder.find(fmt::format("model.layers.{}.eh_proj.weight", model.layers))) model.mtp_layers = 0;
  return {};
}

}  // namespace

Result<Model> open_hub_model(const std::string& path) {
  const std::string config_path = (std::filesystem::path(path) / "config.json").string();
  std::error_code error;
  if (!std::filesystem::exists(config_path, error))
    return fail(ErrorKind::invalid_input,
                "{}: is a folder without config.json; expected a GGUF file or a model folder as on"
                " the hub",
                path);
  TOKENMARK_TRY(const nlohmann::json document, read_json_object(config_path));
  TOKENMARK_TRY(ModelConfig config, read_config(document, config_path));
  TOKENMARK_TRY(const HubFolder folder, open_hub_folder(path));
  TOKENMARK_CHECK(complete(folder, config));
  Model model;
  std::vector<std::shared_ptr<const void>> files(folder.files.begin(), folder.files.end());
  auto weights = std::make_shared<FileWeights>(std::move(files));
  TOKENMARK_CHECK(Binder(folder, config, *weights).bind_all());
  model.description = std::move(config.description);
  model.description.name = std::filesystem::absolute(path).lexically_normal().filename().string();
  if (model.description.name.empty()) model.description.name = model.description.architecture;
  count_weights(weights->tensors(), model.description);
  model.weights = std::move(weights);
  TOKENMARK_TRY(FolderTokenizer tokenizer, read_tokenizer_folder(path));
  model.tokenizer = std::move(tokenizer.tokenizer);
  model.chat_template = std::move(tokenizer.chat_template);
  model.source = path;
  model.files.push_back(config_path);
  for (const auto& file : folder.files) model.files.push_back(file->path());
  return model;
}

}  // namespace tokenmark
