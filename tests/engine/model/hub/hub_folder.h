// Model folders as on the hub, written from the formula weights of tests/plugins/cpu: the way back of what
// the engine reads, in its own words. That these are the folders transformers writes is proven by the
// manifests beside this file.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/plugins/cpu/formula_weights.h"

namespace tokenmark::test {

struct HubTensorBytes {
  std::string name, type;
  std::vector<std::uint64_t> shape;
  std::string bytes;
};

inline std::string as_bytes(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

inline std::string safetensors_bytes(const std::vector<HubTensorBytes>& tensors) {
  nlohmann::ordered_json header = {{"__metadata__", {{"format", "pt"}}}};
  std::string data;
  for (const HubTensorBytes& tensor : tensors) {
    header[tensor.name] = {{"dtype", tensor.type},
                           {"shape", tensor.shape},
                           {"data_offsets", {data.size(), data.size() + tensor.bytes.size()}}};
    data += tensor.bytes;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + text + data;
}

// A folder that goes away with the object.
class HubFolderOnDisk {
 public:
  explicit HubFolderOnDisk(const std::string& name)
      : path_(std::filesystem::temp_directory_path() / (name + "-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
    nlohmann::json words;
    for (int i = 0; i < 96; ++i) words[std::string(1, static_cast<char>(' ' + i))] = i;
    words.erase("\x7f");
    write("tokenizer.json",
          nlohmann::json{{"version", "1.0"},
                         {"model", {{"type", "BPE"}, {"vocab", words}, {"merges", nlohmann::json::array()}}}}
              .dump());
  }
  ~HubFolderOnDisk() { std::filesystem::remove_all(path_); }
  HubFolderOnDisk(const HubFolderOnDisk&) = delete;
  HubFolderOnDisk& operator=(const HubFolderOnDisk&) = delete;

  std::string path() const { return path_.string(); }
  std::string path(const std::string& name) const { return (path_ / name).string(); }
  // Written anew each time: a file that shrinks under an old mapping would be another matter.
  void write(const std::string& name, std::string_view bytes) const {
    std::filesystem::remove(path_ / name);
    std::ofstream(path_ / name, std::ios::binary) << bytes;
  }

 private:
  std::filesystem::path path_;
};

// The formula's tensors in the hub's names and arrangements.
class HubTensors {
 public:
  HubTensors(const tm_model& model, FormulaWeights& weights, bool mixtral = false, bool mxfp4 = false)
      : m_(model), weights_(weights), mixtral_(mixtral), mxfp4_(mxfp4) {
    plain("token_embd.weight", "model.embed_tokens.weight");
    plain("output_norm.weight", "model.norm.weight");
    if (weights.tensors().contains("output.weight")) plain("output.weight", "lm_head.weight");
    for (std::uint32_t l = 0; l < m_.layers + m_.mtp_layers; ++l) {
      blk_ = "blk." + std::to_string(l) + ".";
      layer_ = "model.layers." + std::to_string(l) + ".";
      add_layer(l);
    }
  }
  std::vector<HubTensorBytes> list;

 private:
  std::vector<float> values(const std::string& own) const {
    const auto& stored = weights_.tensors().at(own);
    std::vector<float> result(stored.bytes.size() / sizeof(float));
    std::memcpy(result.data(), stored.bytes.data(), stored.bytes.size());
    return result;
  }
  void plain(const std::string& own, const std::string& hub) {
    const auto found = weights_.tensors().find(own);
    if (found == weights_.tensors().end()) return;
    const auto& stored = found->second;
    std::vector<std::uint64_t> shape = {stored.rows, stored.columns};
    if (stored.rows == 1) shape.erase(shape.begin());
    list.push_back({hub, "F32", shape, as_bytes(values(own))});
  }
  void both(const std::string& own, const std::string& hub) {
    plain(blk_ + own + ".weight", layer_ + hub + ".weight");
    plain(blk_ + own + ".bias", layer_ + hub + ".bias");
  }

  void add_layer(std::uint32_t l) {
    both("attn_norm", "input_layernorm");
    both("ffn_norm", "post_attention_layernorm");
    for (const auto& [own, hub] : {std::pair{"attn_q", "q_proj"},
                                   {"attn_k", "k_proj"},
                                   {"attn_v", "v_proj"},
                                   {"attn_output", "o_proj"},
                                   {"attn_q_norm", "q_norm"},
                                   {"attn_k_norm", "k_norm"},
                                   {"attn_q_a", "q_a_proj"},
                                   {"attn_q_a_norm", "q_a_layernorm"},
                                   {"attn_q_b", "q_b_proj"},
                                   {"attn_kv_a_mqa", "kv_a_proj_with_mqa"},
                                   {"attn_kv_a_norm", "kv_a_layernorm"}})
      both(own, std::string("self_attn.") + hub);
    plain(blk_ + "attn_sinks.weight", layer_ + "self_attn.sinks");
    if (m_.kv_lora > 0) add_kv_b();
    if (m_.experts == 0 || l < m_.dense_layers)
      add_dense("", "mlp.");
    else if (m_.expert_bias)
      add_joint_experts();
    else
      add_experts();
    if (l < m_.layers) return;
    for (const auto& [own, hub] : {std::pair{"nextn.eh_proj", "eh_proj"},
                                   {"nextn.enorm", "enorm"},
                                   {"nextn.hnorm", "hnorm"},
                                   {"nextn.shared_head_norm", "shared_head.norm"}})
      both(own, hub);
    plain("token_embd.weight", layer_ + "embed_tokens.weight");  // copies, as DeepSeek's files have them
    plain("output.weight", layer_ + "shared_head.head.weight");
  }

  void add_dense(const std::string& suffix, const std::string& mlp) {
    for (const char* kind : {"gate", "up", "down"})
      plain(blk_ + "ffn_" + kind + suffix + ".weight", layer_ + mlp + kind + "_proj.weight");
  }

  void add_kv_b() {
    const auto k = values(blk_ + "attn_k_b.weight"), v = values(blk_ + "attn_v_b.weight");
    const std::uint64_t nope = m_.head_dim - m_.rope_dim, latent = m_.kv_lora;
    std::vector<float> joint;
    for (std::uint64_t h = 0; h < m_.heads; ++h) {
      for (std::uint64_t i = 0; i < nope; ++i)
        for (std::uint64_t c = 0; c < latent; ++c) joint.push_back(k[(h * latent + c) * nope + i]);
      for (std::uint64_t i = 0; i < m_.value_dim * latent; ++i)
        joint.push_back(v[h * m_.value_dim * latent + i]);
    }
    list.push_back({layer_ + "self_attn.kv_b_proj.weight",
                    "F32",
                    {m_.heads * (nope + m_.value_dim), latent},
                    as_bytes(joint)});
  }

  void add_experts() {
    const std::string place = layer_ + (mixtral_ ? "block_sparse_moe." : "mlp.");
    plain(blk_ + "ffn_gate_inp.weight", place + "gate.weight");
    plain(blk_ + "exp_probs_b.bias", place + "gate.e_score_correction_bias");
    for (const auto& [kind, mixtral] : {std::pair{"gate", "w1"}, {"down", "w2"}, {"up", "w3"}}) {
      const std::string own = blk_ + "ffn_" + kind + "_exps.weight";
      const auto all = values(own);
      const auto& stored = weights_.tensors().at(own);
      const auto size = static_cast<std::ptrdiff_t>(stored.rows * stored.columns);
      for (std::uint32_t e = 0; e < m_.experts; ++e)
        list.push_back({place + "experts." + std::to_string(e) + "." +
                            (mixtral_ ? mixtral : std::string(kind) + "_proj") + ".weight",
                        "F32",
                        {stored.rows, stored.columns},
                        as_bytes({all.begin() + e * size, all.begin() + (e + 1) * size})});
    }
    if (m_.shared_ffn_width > 0) add_dense("_shexp", "mlp.shared_experts.");
  }

  // gpt-oss: gate and up in alternating rows, floats transposed, MXFP4 as blocks and scales.
  void add_joint_experts() {
    const std::string place = layer_ + "mlp.experts.";
    plain(blk_ + "ffn_gate_inp.weight", layer_ + "mlp.router.weight");
    plain(blk_ + "ffn_gate_inp.bias", layer_ + "mlp.router.bias");
    add_joint({"ffn_gate_exps", "ffn_up_exps"}, place + "gate_up_proj");
    add_joint({"ffn_down_exps"}, place + "down_proj");
  }

  void add_joint(const std::vector<std::string>& own, const std::string& hub) {
    const std::uint64_t n = own.size(), experts = m_.experts;
    const auto& first = weights_.tensors().at(blk_ + own[0] + ".weight");
    const std::uint64_t rows = first.rows * n, columns = first.columns;
    if (mxfp4_) add_blocks(own, hub, rows, columns);
    std::vector<float> turned(mxfp4_ ? 0 : experts * columns * rows), bias(experts * rows);
    for (std::uint64_t part = 0; part < n; ++part) {
      const auto from = mxfp4_ ? std::vector<float>() : values(blk_ + own[part] + ".weight");
      const auto from_bias = values(blk_ + own[part] + ".bias");
      for (std::uint64_t e = 0; e < experts; ++e)
        for (std::uint64_t r = 0; r < first.rows; ++r) {
          bias[e * rows + r * n + part] = from_bias[e * first.rows + r];
          for (std::uint64_t c = 0; c < columns && !mxfp4_; ++c)
            turned[(e * columns + c) * rows + r * n + part] = from[(e * first.rows + r) * columns + c];
        }
    }
    if (!mxfp4_) list.push_back({hub, "F32", {experts, columns, rows}, as_bytes(turned)});
    list.push_back({hub + "_bias", "F32", {experts, rows}, as_bytes(bias)});
  }

  void add_blocks(const std::vector<std::string>& own, const std::string& hub, std::uint64_t rows,
                  std::uint64_t columns) {
    const std::uint64_t n = own.size(), experts = m_.experts, blocks = columns / 32;
    std::string packed(experts * rows * blocks * 16, '\0'), scales(experts * rows * blocks, '\0');
    for (std::uint64_t part = 0; part < n; ++part) {
      const auto& bytes = weights_.tensors().at(blk_ + own[part] + ".weight").bytes;
      for (std::uint64_t block = 0; block < experts * rows / n * blocks; ++block) {
        const std::uint64_t row = block / blocks, e = row / (rows / n), r = row % (rows / n);
        const std::uint64_t to = (e * rows + r * n + part) * blocks + block % blocks;
        const auto byte = [&](std::uint64_t i) { return static_cast<unsigned char>(bytes[block * 17 + i]); };
        const auto value = [&](std::uint64_t i) { return i < 16 ? byte(1 + i) & 15 : byte(1 + i - 16) >> 4; };
        scales[to] = static_cast<char>(byte(0));
        for (std::uint64_t j = 0; j < 16; ++j)
          packed[to * 16 + j] = static_cast<char>(value(2 * j) | value(2 * j + 1) << 4);
      }
    }
    list.push_back({hub + "_blocks", "U8", {experts, rows, blocks, 16}, packed});
    list.push_back({hub + "_scales", "U8", {experts, rows, blocks}, scales});
  }

  const tm_model& m_;
  FormulaWeights& weights_;
  bool mixtral_, mxfp4_;
  std::string blk_, layer_;
};

}  // namespace tokenmark::test
