// A tiny but complete llama model as the bytes of a GGUF file, with every part open to change.
#pragma once

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "engine/model/gguf_writer.h"
#include "engine/tokenizer/vocabulary.h"

namespace tokenmark {

struct TinyGguf {
  std::uint32_t layers = 1, width = 32, ffn_width = 64, heads = 4, kv_heads = 2, vocabulary = 264;
  std::vector<std::string> left_out;                              // keys
  std::function<void(GgufMetadata&)> add_keys = [](GgufMetadata&) {};
  std::function<void(std::vector<Tensor>&)> change_tensors = [](std::vector<Tensor>&) {};

  bool wanted(std::string_view key) const {
    for (const std::string& name : left_out)
      if (name == key) return false;
    return true;
  }
  template <class T>
  void add(GgufMetadata& metadata, std::string_view key, T value) const {
    if (wanted(key)) metadata.add(key, value);
  }

  GgufMetadata metadata() const {
    GgufMetadata metadata;
    add(metadata, "general.architecture", "llama");
    add(metadata, "llama.block_count", layers);
    add(metadata, "llama.context_length", 128u);
    add(metadata, "llama.embedding_length", width);
    add(metadata, "llama.feed_forward_length", ffn_width);
    add(metadata, "llama.attention.head_count", heads);
    add(metadata, "llama.attention.head_count_kv", kv_heads);
    add(metadata, "llama.attention.layer_norm_rms_epsilon", 1e-5f);
    const Vocabulary words = synthetic_vocabulary(static_cast<std::int32_t>(vocabulary));
    std::vector<std::int32_t> types;
    for (const TokenType type : words.types) types.push_back(static_cast<std::int32_t>(type));
    add(metadata, "tokenizer.ggml.model", "llama");
    add(metadata, "tokenizer.ggml.tokens", std::span<const std::string>(words.tokens));
    add(metadata, "tokenizer.ggml.scores", std::span<const float>(words.scores));
    add(metadata, "tokenizer.ggml.token_type", std::span<const std::int32_t>(types));
    add_keys(metadata);
    return metadata;
  }

  std::vector<Tensor> tensors() const {
    const std::uint64_t head_dim = width / heads;
    std::vector<Tensor> list;
    const auto add_tensor = [&](std::string name, std::uint64_t rows, std::uint64_t columns) {
      list.push_back({std::move(name), Format::f32, rows, columns, rows * columns * sizeof(float), nullptr});
    };
    add_tensor("token_embd.weight", vocabulary, width);
    add_tensor("output_norm.weight", 1, width);
    for (std::uint32_t layer = 0; layer < layers; ++layer) {
      const std::string block = "blk." + std::to_string(layer) + ".";
      add_tensor(block + "attn_norm.weight", 1, width);
      add_tensor(block + "attn_q.weight", width, width);
      add_tensor(block + "attn_k.weight", kv_heads * head_dim, width);
      add_tensor(block + "attn_v.weight", kv_heads * head_dim, width);
      add_tensor(block + "attn_output.weight", width, width);
      add_tensor(block + "ffn_norm.weight", 1, width);
      add_tensor(block + "ffn_gate.weight", ffn_width, width);
      add_tensor(block + "ffn_up.weight", ffn_width, width);
      add_tensor(block + "ffn_down.weight", width, ffn_width);
    }
    change_tensors(list);
    return list;
  }

  std::string bytes() const {
    const auto list = tensors();
    std::string file = metadata().header(list);
    for (const Tensor& tensor : list) {
      file.append(tensor.bytes, '\x01');
      file.resize((file.size() + 31) / 32 * 32, '\0');
    }
    return file;
  }
};

// A file of the given bytes that goes away with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view bytes = {}, std::string_view name = "tokenmark-test.gguf")
      : path_(std::filesystem::temp_directory_path() / (std::to_string(getpid()) + "-" + std::string(name))) {
    write(bytes);
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  void write(std::string_view bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace tokenmark
