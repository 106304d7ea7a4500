#include "engine/model/gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "engine/model/gguf_cursor.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMaxNameBytes = 65535;  // GGUF's limit for keys; tensor names are held to it as well
constexpr std::uint32_t kMaxExtents = 4;

struct TypeFacts {
  std::string_view name;
  std::uint64_t bytes;  // 0: of its own length
};
constexpr std::array<TypeFacts, 13> kTypes = {{{"u8", 1},   {"i8", 1},   {"u16", 2},    {"i16", 2},  {"u32", 4},
                                               {"i32", 4},  {"f32", 4},  {"bool", 1},   {"string", 0}, {"array", 0},
                                               {"u64", 8},  {"i64", 8},  {"f64", 8}}};

const TypeFacts& facts(GgufType type) { return kTypes[static_cast<std::size_t>(type)]; }

// Names of ggml's tensor types that files carry, so that an error can say which one it found.
std::string tensor_type_name(std::uint32_t type) {
  static constexpr std::array<std::string_view, 40> kNames = {
      "F32",     "F16",    "Q4_0",  "Q4_1",   "",      "",     "Q5_0", "Q5_1",  "Q8_0",   "Q8_1",
      "Q2_K",    "Q3_K",   "Q4_K",  "Q5_K",   "Q6_K",  "Q8_K", "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S",
      "IQ4_NL",  "IQ3_S",  "IQ2_S", "IQ4_XS", "I8",    "I16",  "I32",  "I64",   "F64",    "IQ1_M",
      "BF16",    "",       "",      "",       "TQ1_0", "TQ2_0", "",    "",      "",       "MXFP4"};
  if (type < kNames.size() && !kNames[type].empty()) return std::string(kNames[type]);
  return fmt::format("number {}", type);
}

Result<GgufType> read_type(GgufCursor& cursor, const std::string& path, std::string_view key) {
  TOKENMARK_TRY(const auto number, cursor.value<std::uint32_t>("a value's type"));
  if (number >= kTypes.size())
    return fail(ErrorKind::invalid_input, "{}: key '{}' has type number {}, the highest known is 12", path, printable(key),
                number);
  return static_cast<GgufType>(number);
}

Status skip_strings(GgufCursor& cursor, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) TOKENMARK_CHECK(cursor.string("a string of an array"));
  return {};
}

Result<GgufValue> read_value(GgufCursor& cursor, const std::string& path, std::span<const std::byte> file,
                             std::string_view key) {
  GgufValue value;
  TOKENMARK_TRY(value.type, read_type(cursor, path, key));
  if (value.type == GgufType::array) {
    value.is_array = true;
    TOKENMARK_TRY(value.type, read_type(cursor, path, key));
    TOKENMARK_TRY(value.count, cursor.value<std::uint64_t>("an array's length"));
    if (value.type == GgufType::array)
      return fail(ErrorKind::invalid_input, "{}: key '{}' is an array of arrays, which is not supported", path,
                  printable(key));
  }
  const std::uint64_t element = std::max<std::uint64_t>(facts(value.type).bytes, value.type == GgufType::string ? 8 : 1);
  if (value.count > cursor.remaining() / element)
    return fail(ErrorKind::invalid_input, "{}: key '{}' claims {} elements of type {}, {} bytes are left in the file",
                path, printable(key), value.count, facts(value.type).name, cursor.remaining());
  const std::uint64_t begin = cursor.position();
  if (value.type == GgufType::string)
    TOKENMARK_CHECK(skip_strings(cursor, value.count));
  else
    TOKENMARK_CHECK(cursor.take(value.count * facts(value.type).bytes, printable(key)));
  value.payload = file.subspan(begin, cursor.position() - begin);
  return value;
}

Result<std::string_view> read_name(GgufCursor& cursor, const std::string& path, std::string_view what) {
  TOKENMARK_TRY(const auto name, cursor.string(what));
  if (name.empty() || name.size() > kMaxNameBytes)
    return fail(ErrorKind::invalid_input, "{}: {} of {} bytes before byte {}, expected 1 to {}", path, what, name.size(),
                cursor.position(), kMaxNameBytes);
  return name;
}

template <class T>
T element(const GgufValue& value, std::uint64_t index) {
  T result;
  std::memcpy(&result, value.payload.data() + index * sizeof(T), sizeof(T));
  return result;
}

// An element of an integer type; nothing for other types and for what does not fit.
std::optional<std::int64_t> integer_element(const GgufValue& value, std::uint64_t index) {
  switch (value.type) {
    case GgufType::u8: return element<std::uint8_t>(value, index);
    case GgufType::i8: return element<std::int8_t>(value, index);
    case GgufType::u16: return element<std::uint16_t>(value, index);
    case GgufType::i16: return element<std::int16_t>(value, index);
    case GgufType::u32: return element<std::uint32_t>(value, index);
    case GgufType::i32: return element<std::int32_t>(value, index);
    case GgufType::i64: return element<std::int64_t>(value, index);
    case GgufType::u64: {
      const auto wide = element<std::uint64_t>(value, index);
      if (wide > INT64_MAX) return std::nullopt;
      return static_cast<std::int64_t>(wide);
    }
    default: return std::nullopt;
  }
}

std::optional<double> number_element(const GgufValue& value, std::uint64_t index) {
  if (value.type == GgufType::f32) return element<float>(value, index);
  if (value.type == GgufType::f64) return element<double>(value, index);
  if (const auto whole = integer_element(value, index)) return static_cast<double>(*whole);
  return std::nullopt;
}

}  // namespace

std::string printable(std::string_view name) {
  std::string text(name.substr(0, 80));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  return text;
}

bool is_own_format(Format format) { return format == Format::fp8 || format == Format::mxfp6; }

std::string_view gguf_type_name(GgufType type) { return facts(type).name; }

Result<std::shared_ptr<const GgufFile>> GgufFile::open(const std::string& path) {
  TOKENMARK_TRY(auto mapped, MappedFile::open(path));
  std::shared_ptr<GgufFile> file(new GgufFile(std::move(mapped)));
  TOKENMARK_CHECK(file->parse());
  return std::shared_ptr<const GgufFile>(std::move(file));
}

Status GgufFile::parse() {
  GgufCursor cursor(path(), file_->bytes());
  TOKENMARK_TRY(const auto magic, cursor.take(4, "the magic 'GGUF'"));
  if (std::memcmp(magic.data(), "GGUF", 4) != 0)
    return fail(ErrorKind::invalid_input, "{}: is not a GGUF file: it does not begin with 'GGUF'", path());
  TOKENMARK_TRY(const auto version, cursor.value<std::uint32_t>("the version"));
  if ((version & 0xffff) == 0)
    return fail(ErrorKind::invalid_input, "{}: is a big-endian GGUF file, only little-endian ones are supported", path());
  if (version != 2 && version != 3)
    return fail(ErrorKind::invalid_input, "{}: is of GGUF version {}, supported are 2 and 3", path(), version);
  TOKENMARK_TRY(const auto tensors, cursor.value<std::uint64_t>("the number of tensors"));
  TOKENMARK_TRY(const auto keys, cursor.value<std::uint64_t>("the number of keys"));
  TOKENMARK_CHECK(parse_metadata(cursor, keys));
  TOKENMARK_TRY(const auto alignment, integer("general.alignment"));
  if (alignment) {
    if (*alignment < 8 || *alignment > (1 << 20) || !std::has_single_bit(static_cast<std::uint64_t>(*alignment)))
      return fail(ErrorKind::invalid_input, "{}: general.alignment is {}, expected a power of two from 8 to 1048576",
                  path(), *alignment);
    alignment_ = static_cast<std::uint64_t>(*alignment);
  }
  TOKENMARK_CHECK(parse_tensors(cursor, tensors));
  data_begin_ = (cursor.position() + alignment_ - 1) / alignment_ * alignment_;
  return {};
}

Status GgufFile::parse_metadata(GgufCursor& cursor, std::uint64_t count) {
  constexpr std::uint64_t kSmallest = 8 + 1 + 4 + 1;  // length, name, type, value
  if (count > cursor.remaining() / kSmallest)
    return fail(ErrorKind::invalid_input, "{}: claims {} keys, {} bytes are left in the file", path(), count,
                cursor.remaining());
  for (std::uint64_t i = 0; i < count; ++i) {
    TOKENMARK_TRY(const auto key, read_name(cursor, path(), "a key's name"));
    TOKENMARK_TRY(const auto value, read_value(cursor, path(), file_->bytes(), key));
    if (!metadata_.emplace(key, value).second)
      return fail(ErrorKind::invalid_input, "{}: key '{}' stands twice in the file", path(), printable(key));
  }
  return {};
}

Status GgufFile::parse_tensors(GgufCursor& cursor, std::uint64_t count) {
  constexpr std::uint64_t kSmallest = 8 + 1 + 4 + 8 + 4 + 8;  // name, extents, type, offset
  if (count > cursor.remaining() / kSmallest)
    return fail(ErrorKind::invalid_input, "{}: claims {} tensors, {} bytes are left in the file", path(), count,
                cursor.remaining());
  std::unordered_set<std::string_view> names;
  for (std::uint64_t i = 0; i < count; ++i) {
    GgufTensor tensor;
    TOKENMARK_TRY(const auto name, read_name(cursor, path(), "a tensor's name"));
    tensor.name = printable(name);
    if (!names.insert(name).second)
      return fail(ErrorKind::invalid_input, "{}: tensor '{}' stands twice in the file", path(), tensor.name);
    TOKENMARK_TRY(const auto extents, cursor.value<std::uint32_t>("a tensor's number of extents"));
    if (extents == 0 || extents > kMaxExtents)
      return fail(ErrorKind::invalid_input, "{}: tensor '{}' has {} extents, expected 1 to {}", path(), tensor.name,
                  extents, kMaxExtents);
    for (std::uint32_t e = 0; e < extents; ++e) {
      TOKENMARK_TRY(const auto extent, cursor.value<std::uint64_t>("a tensor's extent"));
      tensor.extents.push_back(extent);
    }
    TOKENMARK_TRY(tensor.type, cursor.value<std::uint32_t>("a tensor's type"));
    TOKENMARK_TRY(tensor.offset, cursor.value<std::uint64_t>("a tensor's offset"));
    tensors_.push_back(std::move(tensor));
  }
  return {};
}

Result<Tensor> GgufFile::place(const GgufTensor& header) const {
  const auto format = format_from_number(header.type);
  if (!format)
    return fail(ErrorKind::invalid_input, "{}: tensor '{}' is of type {} (number {}), which is not supported; supported"
                " are F32, F16, BF16, Q8_0, Q4_0, Q4_K, Q5_K, Q6_K and MXFP4", path(), header.name,
                tensor_type_name(header.type), header.type);
  if (is_own_format(*format) && !has(kFormatsKey))
    return fail(ErrorKind::invalid_input, "{}: tensor '{}' is of type number {}, which other programs do not know; it is"
                " {} only in files with the key {}", path(), header.name, header.type, format_name(*format), kFormatsKey);
  Tensor tensor{header.name, *format, 1, header.extents[0], 0, nullptr};
  std::uint64_t depth = 1, rows_in_all = 1;
  for (std::size_t e = 2; e < header.extents.size(); ++e)
    if (header.extents[e] == 0 || __builtin_mul_overflow(depth, header.extents[e], &depth)) depth = UINT64_MAX;
  if (header.extents.size() > 1) tensor.rows = header.extents[1];
  bool fits = tensor.columns > 0 && tensor.columns < (1ull << 40);  // so that a row's bytes cannot overflow
  fits = fits && tensor.rows > 0 && depth <= UINT32_MAX && !__builtin_mul_overflow(tensor.rows, depth, &rows_in_all);
  tensor.depth = static_cast<std::uint32_t>(depth);
  const auto block = static_cast<std::uint64_t>(block_values(*format));
  if (fits && tensor.columns % block != 0)
    return fail(ErrorKind::invalid_input, "{}: tensor '{}' has {} columns, {} needs a multiple of {}", path(),
                header.name, tensor.columns, format_name(*format), block);
  if (!fits || __builtin_mul_overflow(row_bytes(*format, tensor.columns), rows_in_all, &tensor.bytes))
    return fail(ErrorKind::invalid_input, "{}: tensor '{}' has an impossible shape: {}", path(), header.name,
                fmt::join(header.extents, " × "));
  if (header.offset % alignment_ != 0)
    return fail(ErrorKind::invalid_input, "{}: tensor '{}' begins at offset {}, which is not a multiple of the alignment {}",
                path(), header.name, header.offset, alignment_);
  const std::uint64_t size = file_->bytes().size();
  const std::uint64_t available = size > data_begin_ ? size - data_begin_ : 0;
  if (header.offset > available || tensor.bytes > available - header.offset)
    return fail(ErrorKind::invalid_input,
                "{}: tensor '{}' needs {} bytes at byte {}, the file ends at {}: it is damaged or was not copied completely",
                path(), header.name, tensor.bytes, data_begin_ + header.offset, size);
  tensor.mapped = file_->bytes().data() + data_begin_ + header.offset;
  return tensor;
}

Result<std::vector<Tensor>> GgufFile::tensors() const {
  std::vector<Tensor> placed;
  for (const GgufTensor& header : tensors_) {
    TOKENMARK_TRY(auto tensor, place(header));
    placed.push_back(std::move(tensor));
  }
  std::vector<const Tensor*> by_address;
  for (const Tensor& tensor : placed) by_address.push_back(&tensor);
  std::sort(by_address.begin(), by_address.end(), [](auto* a, auto* b) { return a->mapped < b->mapped; });
  for (std::size_t i = 1; i < by_address.size(); ++i)
    if (by_address[i - 1]->mapped + by_address[i - 1]->bytes > by_address[i]->mapped)
      return fail(ErrorKind::invalid_input, "{}: tensors '{}' and '{}' overlap in the file", path(),
                  by_address[i - 1]->name, by_address[i]->name);
  return placed;
}

Result<const GgufValue*> GgufFile::find(std::string_view key, bool is_array, std::string_view expected) const {
  const auto found = metadata_.find(key);
  if (found == metadata_.end()) return nullptr;
  if (found->second.is_array != is_array)
    return fail(ErrorKind::invalid_input, "{}: key '{}' is {}, expected {}", path(), key,
                is_array ? "a single value" : "an array", expected);
  return &found->second;
}

namespace {

tl::unexpected<Error> wrong_type(const std::string& path, std::string_view key, const GgufValue& value,
                                 std::string_view expected) {
  return fail(ErrorKind::invalid_input, "{}: key '{}' has a value of type {} that is not {}", path, key,
              gguf_type_name(value.type), expected);
}

}  // namespace

Result<std::optional<std::int64_t>> GgufFile::integer(std::string_view key) const {
  TOKENMARK_TRY(const GgufValue* value, find(key, false, "an integer"));
  if (!value) return std::nullopt;
  const auto found = integer_element(*value, 0);
  if (!found) return wrong_type(path(), key, *value, "an integer of 63 bits");
  return found;
}

Result<std::optional<double>> GgufFile::number(std::string_view key) const {
  TOKENMARK_TRY(const GgufValue* value, find(key, false, "a number"));
  if (!value) return std::nullopt;
  const auto found = number_element(*value, 0);
  if (!found) return wrong_type(path(), key, *value, "a number");
  return found;
}

Result<std::optional<bool>> GgufFile::boolean(std::string_view key) const {
  TOKENMARK_TRY(const GgufValue* value, find(key, false, "a truth value"));
  if (!value) return std::nullopt;
  if (value->type != GgufType::boolean) return wrong_type(path(), key, *value, "a truth value");
  return element<std::uint8_t>(*value, 0) != 0;
}

Result<std::optional<std::string>> GgufFile::text(std::string_view key) const {
  TOKENMARK_TRY(const GgufValue* value, find(key, false, "a string"));
  if (!value) return std::nullopt;
  if (value->type != GgufType::string) return wrong_type(path(), key, *value, "a string");
  GgufCursor cursor(path(), value->payload);
  TOKENMARK_TRY(const auto found, cursor.string(key));
  return std::string(found);
}

Result<std::optional<std::vector<std::string>>> GgufFile::texts(std::string_view key) const {
  TOKENMARK_TRY(const GgufValue* value, find(key, true, "an array of strings"));
  if (!value) return std::nullopt;
  if (value->type != GgufType::string) return wrong_type(path(), key, *value, "a string");
  GgufCursor cursor(path(), value->payload);
  std::vector<std::string> found;
  found.reserve(value->count);
  for (std::uint64_t i = 0; i < value->count; ++i) {
    TOKENMARK_TRY(const auto text, cursor.string(key));
    found.emplace_back(text);
  }
  return found;
}

Result<std::optional<std::vector<float>>> GgufFile::numbers(std::string_view key) const {
  TOKENMARK_TRY(const GgufValue* value, find(key, true, "an array of numbers"));
  if (!value) return std::nullopt;
  std::vector<float> found;
  found.reserve(value->count);
  for (std::uint64_t i = 0; i < value->count; ++i) {
    const auto number = number_element(*value, i);
    if (!number) return wrong_type(path(), key, *value, "a number");
    found.push_back(static_cast<float>(*number));
  }
  return found;
}

Result<std::optional<std::vector<std::int64_t>>> GgufFile::integers(std::string_view key) const {
  TOKENMARK_TRY(const GgufValue* value, find(key, true, "an array of integers"));
  if (!value) return std::nullopt;
  std::vector<std::int64_t> found;
  found.reserve(value->count);
  for (std::uint64_t i = 0; i < value->count; ++i) {
    const auto number = integer_element(*value, i);
    if (!number) return wrong_type(path(), key, *value, "an integer");
    found.push_back(*number);
  }
  return found;
}

}  // namespace tokenmark
