#include "engine/model/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/model/gguf.h"

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::uint64_t kLargestHeader = 32 << 20;  // a tensor takes about 150 bytes: 200,000 of them
constexpr std::size_t kDeepest = 32;
constexpr std::size_t kMostExtents = 8;

struct TypeFacts {
  std::string_view name;
  std::uint64_t bytes;
  HubType type;
};
constexpr TypeFacts kTypes[] = {
    {"F32", 4, HubType::f32},         {"F16", 2, HubType::f16},   {"BF16", 2, HubType::bf16},
    {"F8_E4M3", 1, HubType::f8_e4m3}, {"U8", 1, HubType::u8},     {"F8_E5M2", 1, HubType::other},
    {"F8_E4M3FNUZ", 1, HubType::f8_e4m3fnuz},
    {"F8_E8M0", 1, HubType::u8},      {"I8", 1, HubType::other},  {"BOOL", 1, HubType::other},
    {"I16", 2, HubType::other},       {"U16", 2, HubType::other}, {"I32", 4, HubType::other},
    {"U32", 4, HubType::other},       {"I64", 8, HubType::other}, {"U64", 8, HubType::other},
    {"F64", 8, HubType::other}};

Status check_depth(std::string_view text, std::string_view path) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepest)
        return fail(ErrorKind::invalid_input, "{}: its JSON is nested deeper than {} levels", path, kDeepest);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return {};
}

std::optional<std::vector<std::uint64_t>> whole_numbers(const json& value) {
  if (!value.is_array() || value.size() > kMostExtents) return std::nullopt;
  std::vector<std::uint64_t> numbers;
  for (const json& one : value) {
    if (!one.is_number_unsigned()) return std::nullopt;
    numbers.push_back(one.get<std::uint64_t>());
  }
  return numbers;
}

// An entry of the header: {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]}.
Result<HubTensor> read_entry(const MappedFile& file, const std::string& name, const json& entry,
                             std::span<const std::byte> data) {
  const std::string& path = file.path();
  HubTensor tensor{.name = printable(name), .file = path};
  const auto part = [&](const char* key) -> const json& {
    static const json absent;
    const auto found = entry.is_object() ? entry.find(key) : entry.end();
    return entry.is_object() && found != entry.end() ? *found : absent;
  };
  const auto shape = whole_numbers(part("shape")), offsets = whole_numbers(part("data_offsets"));
  if (!part("dtype").is_string() || !shape || !offsets || offsets->size() != 2)
    return fail(ErrorKind::invalid_input, "{}: tensor '{}' needs a dtype, a shape and two data_offsets", path,
                tensor.name);
  tensor.type_name = printable(part("dtype").get_ref<const std::string&>());
  const auto* facts = std::find_if(std::begin(kTypes), std::end(kTypes),
                                   [&](const TypeFacts& one) { return one.name == tensor.type_name; });
  if (facts == std::end(kTypes))
    return fail(ErrorKind::invalid_input, "{}: tensor '{}' is of type {}, which is not known", path,
                tensor.name, tensor.type_name);
  tensor.type = facts->type;
  tensor.shape = *shape;
  std::uint64_t bytes = facts->bytes;
  bool fits = true;
  for (const std::uint64_t extent : tensor.shape)
    fits = fits && !__builtin_mul_overflow(bytes, extent, &bytes);
  const std::uint64_t begin = (*offsets)[0], end = (*offsets)[1];
  if (begin > end || end > data.size())
    return fail(ErrorKind::invalid_input,
                "{}: tensor '{}' lies at {} to {}, the file has {} bytes of data: it is damaged or"
                " was not copied completely",
                path, tensor.name, begin, end, data.size());
  if (!fits || bytes != end - begin)
    return fail(ErrorKind::invalid_input, "{}: tensor '{}' has {} bytes, expected {} for {} of shape {}",
                path, tensor.name, end - begin, fits ? fmt::format("{}", bytes) : "more than a file can hold",
                tensor.type_name, shape_text(tensor.shape));
  tensor.bytes = bytes;
  tensor.data = data.data() + begin;
  return tensor;
}

Status check_overlaps(const std::string& path, const std::vector<HubTensor>& tensors) {
  std::vector<const HubTensor*> by_address;
  for (const HubTensor& tensor : tensors)
    if (tensor.bytes > 0) by_address.push_back(&tensor);
  std::sort(by_address.begin(), by_address.end(), [](auto* a, auto* b) { return a->data < b->data; });
  for (std::size_t i = 1; i < by_address.size(); ++i)
    if (by_address[i - 1]->data + by_address[i - 1]->bytes > by_address[i]->data)
      return fail(ErrorKind::invalid_input, "{}: tensors '{}' and '{}' overlap in the file", path,
                  by_address[i - 1]->name, by_address[i]->name);
  return {};
}

Status add_file(const std::string& name, HubFolder& folder, const json* only) {
  const std::string path = (std::filesystem::path(folder.path) / name).string();
  TOKENMARK_TRY(auto file, MappedFile::open(path));
  TOKENMARK_TRY(auto tensors, read_safetensors(*file));
  for (HubTensor& tensor : tensors) {
    const auto listed = only ? only->find(tensor.name) : json::const_iterator();
    if (only && (listed == only->end() || *listed != name)) continue;
    folder.tensors.emplace(tensor.name, std::move(tensor));
  }
  folder.files.push_back(std::move(file));
  return {};
}

Status add_indexed(const std::string& index_path, HubFolder& folder) {
  TOKENMARK_TRY(const json index, read_json_object(index_path));
  const auto map = index.find("weight_map");
  if (map == index.end() || !map->is_object())
    return fail(ErrorKind::invalid_input, "{}: has no object 'weight_map'", index_path);
  std::set<std::string> names;
  for (const auto& [tensor, file] : map->items()) {
    // Only files of the folder itself: a name that leads elsewhere is an attack or a mistake.
    if (!file.is_string() || file.get_ref<const std::string&>().find('/') != std::string::npos ||
        !file.get_ref<const std::string&>().ends_with(".safetensors"))
      return fail(ErrorKind::invalid_input, "{}: weight_map gives no safetensors file of the folder for '{}'",
                  index_path, printable(tensor));
    names.insert(file.get<std::string>());
  }
  for (const std::string& name : names) TOKENMARK_CHECK(add_file(name, folder, &*map));
  for (const auto& [tensor, file] : map->items())
    if (!folder.tensors.contains(tensor))
      return fail(ErrorKind::invalid_input, "{}: tensor '{}' is not in {}, where the index says it is",
                  index_path, printable(tensor), printable(file.get_ref<const std::string&>()));
  return {};
}

}  // namespace

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

Result<json> parse_json_object(std::string_view text, std::string_view path) {
  TOKENMARK_CHECK(check_depth(text, path));
  json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return fail(ErrorKind::invalid_input, "{}: is not valid JSON", path);
  if (!document.is_object()) return fail(ErrorKind::invalid_input, "{}: holds no JSON object", path);
  return document;
}

Result<json> read_json_object(const std::string& path) {
  TOKENMARK_TRY(const auto file, MappedFile::open(path));
  if (file->bytes().size() > kLargestHeader)
    return fail(ErrorKind::invalid_input, "{}: has {} bytes, at most {} are read", path, file->bytes().size(),
                kLargestHeader);
  return parse_json_object({reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size()}, path);
}

Result<std::vector<HubTensor>> read_safetensors(const MappedFile& file) {
  const auto bytes = file.bytes();
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length)
    return fail(ErrorKind::invalid_input, "{}: is not a safetensors file: it has {} bytes", file.path(),
                bytes.size());
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > bytes.size() - sizeof length || length > kLargestHeader)
    return fail(ErrorKind::invalid_input,
                "{}: its header claims {} bytes, expected at most {}: it is damaged or no"
                " safetensors file",
                file.path(), length, std::min<std::uint64_t>(bytes.size() - sizeof length, kLargestHeader));
  const std::string_view header(reinterpret_cast<const char*>(bytes.data()) + sizeof length, length);
  TOKENMARK_TRY(const json entries, parse_json_object(header, file.path()));
  std::vector<HubTensor> tensors;
  for (const auto& [name, entry] : entries.items()) {
    if (name == "__metadata__") continue;
    TOKENMARK_TRY(auto tensor, read_entry(file, name, entry, bytes.subspan(sizeof length + length)));
    tensors.push_back(std::move(tensor));
  }
  TOKENMARK_CHECK(check_overlaps(file.path(), tensors));
  return tensors;
}

const HubTensor* HubFolder::find(const std::string& name) const {
  const auto found = tensors.find(name);
  return found == tensors.end() ? nullptr : &found->second;
}

Result<HubFolder> open_hub_folder(const std::string& path) {
  namespace fs = std::filesystem;
  HubFolder folder{.path = path};
  std::error_code error;
  const fs::path index = fs::path(path) / "model.safetensors.index.json";
  if (fs::exists(fs::path(path) / "model.safetensors", error))
    TOKENMARK_CHECK(add_file("model.safetensors", folder, nullptr));
  else if (fs::exists(index, error))
    TOKENMARK_CHECK(add_indexed(index.string(), folder));
  else
    return fail(ErrorKind::not_found, "{}: has neither model.safetensors nor model.safetensors.index.json",
                path);
  if (folder.tensors.empty()) return fail(ErrorKind::invalid_input, "{}: its files hold no tensors", path);
  return folder;
}

}  // namespace tokenmark
