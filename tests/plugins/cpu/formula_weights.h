// Small models in memory: weights from a formula (the same as in golden/make_golden.py), in any format.
#pragma once

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "kernels/formats/format.h"
#include "plugins/api/plugin.h"

namespace tokenmark::test {

inline tm_model small_model() {
  tm_model m{};
  m.size = sizeof m;
  m.version = TM_ABI_VERSION;
  m.architecture = "llama";
  m.layers = 2;
  m.width = 64;
  m.ffn_width = 96;
  m.heads = 8;
  m.kv_heads = 2;
  m.head_dim = 16;
  m.value_dim = 16;
  m.rope_dim = 16;
  m.vocabulary = 96;
  m.context = 512;
  m.rms_epsilon = 1e-5f;
  m.rope_style = TM_ROPE_HALF;
  m.rope_scaling = TM_ROPE_LLAMA3;
  m.rope_theta = 500000;
  m.rope_factor = 8;
  m.rope_low = 1;
  m.rope_high = 4;
  m.rope_original_context = 64;
  return m;
}

// 24 random bits a value from the tensor's name and the index: exact in float.
inline std::vector<float> formula(const std::string& name, std::uint64_t n, double scale, double offset = 0) {
  std::uint64_t seed = 0xCBF29CE484222325u;
  for (const unsigned char byte : name) seed = (seed ^ byte) * 0x100000001B3u;
  std::vector<float> values;
  for (std::uint64_t i = 0; i < n; ++i) {
    std::uint64_t x = seed + i + 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    x ^= x >> 31;
    values.push_back(static_cast<float>(offset + scale * (static_cast<double>(x >> 40) / (1 << 24) - 0.5)));
  }
  return values;
}

class FormulaWeights {
 public:
  explicit FormulaWeights(const tm_model& m, Format format = Format::f32, bool untied = true, bool mapped = true)
      : mapped_(mapped) {
    const std::uint64_t heads = std::uint64_t{m.heads} * m.head_dim, kv = std::uint64_t{m.kv_heads} * m.head_dim;
    add("token_embd.weight", format, m.vocabulary, m.width, 4);
    if (untied) add("output.weight", format, m.vocabulary, m.width, 0.5);
    add("output_norm.weight", Format::f32, 1, m.width, 0.5, 1);
    for (std::uint32_t l = 0; l < m.layers; ++l) {
      const std::string blk = "blk." + std::to_string(l) + ".";
      add(blk + "attn_q.weight", format, heads, m.width, 0.5);
      add(blk + "attn_k.weight", format, kv, m.width, 0.5);
      add(blk + "attn_v.weight", format, kv, m.width, 0.5);
      add(blk + "attn_output.weight", format, m.width, heads, 0.5);
      add(blk + "ffn_gate.weight", format, m.ffn_width, m.width, 0.5);
      add(blk + "ffn_up.weight", format, m.ffn_width, m.width, 0.5);
      add(blk + "ffn_down.weight", format, m.width, m.ffn_width, 0.5);
      add(blk + "attn_norm.weight", Format::f32, 1, m.width, 0.5, 1);
      add(blk + "ffn_norm.weight", Format::f32, 1, m.width, 0.5, 1);
    }
  }

  void add(const std::string& name, Format format, std::uint64_t rows, std::uint64_t columns, double scale,
           double offset = 0) {
    set(name, format, rows, columns, formula(name, rows * columns, scale, offset));
  }

  void set(const std::string& name, Format format, std::uint64_t rows, std::uint64_t columns,
           const std::vector<float>& values) {
    Stored stored{format, rows, columns, std::vector<std::byte>(rows * row_bytes(format, columns))};
    for (std::uint64_t r = 0; r < rows; ++r)
      quantize_row(format, values.data() + r * columns, columns, stored.bytes.data() + r * row_bytes(format, columns));
    tensors_[name] = std::move(stored);
  }

  struct Stored {
    Format format;
    std::uint64_t rows, columns;
    std::vector<std::byte> bytes;
  };
  std::map<std::string, Stored>& tensors() { return tensors_; }

  tm_weight_source source() {
    tm_weight_source s{};
    s.size = sizeof s;
    s.version = TM_ABI_VERSION;
    s.context = this;
    s.find = [](void* context, const char* name, tm_tensor* out) {
      auto& self = *static_cast<FormulaWeights*>(context);
      const auto found = self.tensors_.find(name);
      if (found == self.tensors_.end()) return TM_NOT_FOUND;
      const Stored& stored = found->second;
      out->format = static_cast<std::uint32_t>(stored.format);
      out->depth = 1;
      out->rows = stored.rows;
      out->columns = stored.columns;
      out->bytes = stored.bytes.size();
      out->mapped = self.mapped_ ? stored.bytes.data() : nullptr;
      return TM_OK;
    };
    s.read = [](void* context, const char* name, void* destination, std::uint64_t bytes) {
      auto& self = *static_cast<FormulaWeights*>(context);
      const auto found = self.tensors_.find(name);
      if (found == self.tensors_.end()) return TM_NOT_FOUND;
      if (bytes != found->second.bytes.size()) return TM_INVALID;
      std::memcpy(destination, found->second.bytes.data(), bytes);
      return TM_OK;
    };
    return s;
  }

 private:
  bool mapped_;
  std::map<std::string, Stored> tensors_;
};

}  // namespace tokenmark::test
