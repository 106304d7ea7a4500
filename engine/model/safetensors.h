// Model folders as on the hub: safetensors files and the JSON beside them. Hostile input: lengths, JSON,
// types, shapes and offsets are checked before they are used; errors name file, tensor, expected against
// found. Format: github.com/huggingface/safetensors (8 bytes of length, a JSON header, data).
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "engine/model/mapped_file.h"

namespace tokenmark {

// f8_e4m3fnuz: as AMD's CDNA 3 has it (format.h).
enum class HubType { f32, f16, bf16, f8_e4m3, f8_e4m3fnuz, u8, other };

inline bool is_fp8(HubType type) { return type == HubType::f8_e4m3 || type == HubType::f8_e4m3fnuz; }

struct HubTensor {
  std::string name;
  HubType type = HubType::other;
  std::string type_name;             // as the file has it: "BF16"
  std::vector<std::uint64_t> shape;  // outermost first
  const std::byte* data = nullptr;
  std::uint64_t bytes = 0;
  std::string_view file;  // path, of a mapping that lives with the folder
};

// Tensors of one file, in its order.
Result<std::vector<HubTensor>> read_safetensors(const MappedFile& file);

struct HubFolder {
  std::string path;
  std::vector<std::shared_ptr<const MappedFile>> files;  // shared: weights point into them
  std::unordered_map<std::string, HubTensor> tensors;    // of all files

  const HubTensor* find(const std::string& name) const;  // null: absent
};

// model.safetensors, or the files that model.safetensors.index.json lists.
Result<HubFolder> open_hub_folder(const std::string& path);

// A JSON object from a file of the folder. Depth and size are limited.
Result<nlohmann::json> read_json_object(const std::string& path);
Result<nlohmann::json> parse_json_object(std::string_view text, std::string_view path);

std::string shape_text(const std::vector<std::uint64_t>& shape);  // "[32, 64]"

}  // namespace tokenmark
