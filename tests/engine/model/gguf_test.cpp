// The container: what is read, and what is refused with a name.
#include <gmock/gmock.h>

#include "engine/model/model.h"
#include "tests/engine/model/tiny_gguf.h"

namespace tokenmark {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string error_of(std::string_view bytes) {
  const TemporaryFile file(bytes);
  const auto model = open_model(file.path());
  if (model) return "no error";
  EXPECT_THAT(model.error().message, HasSubstr(file.path()));
  return model.error().message;
}

template <class T>
void overwrite(std::string& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(value));
}

// Where a key's type or a tensor's number of extents stands: right after its name.
std::size_t after_name(const std::string& bytes, const std::string& name) {
  const std::size_t at = bytes.find(name);
  EXPECT_NE(at, std::string::npos);
  return at + name.size();
}

TEST(Gguf, values_of_all_kinds_come_back) {
  GgufMetadata metadata;
  metadata.add("a.count", 7u);
  metadata.add("a.share", 0.5f);
  metadata.add("a.flag", true);
  metadata.add("a.text", "äöü");
  metadata.add("a.texts", std::span<const std::string>(std::vector<std::string>{"", "x", "long enough"}));
  metadata.add("a.numbers", std::span<const float>(std::vector<float>{1, -2.5f}));
  metadata.add("a.integers", std::span<const std::int32_t>(std::vector<std::int32_t>{-1, 1 << 30}));
  const TemporaryFile file(metadata.header({}));
  const auto gguf = GgufFile::open(file.path());
  ASSERT_TRUE(gguf) << gguf.error().message;
  EXPECT_EQ(**(*gguf)->integer("a.count"), 7);
  EXPECT_EQ(**(*gguf)->number("a.count"), 7.0);
  EXPECT_EQ(**(*gguf)->number("a.share"), 0.5);
  EXPECT_EQ(**(*gguf)->boolean("a.flag"), true);
  EXPECT_EQ(**(*gguf)->text("a.text"), "äöü");
  EXPECT_EQ(**(*gguf)->texts("a.texts"), (std::vector<std::string>{"", "x", "long enough"}));
  EXPECT_EQ(**(*gguf)->numbers("a.numbers"), (std::vector<float>{1, -2.5f}));
  EXPECT_EQ(**(*gguf)->integers("a.integers"), (std::vector<std::int64_t>{-1, 1 << 30}));
  EXPECT_EQ(*(*gguf)->integer("a.absent"), std::nullopt);
  EXPECT_THAT((*gguf)->integer("a.text").error().message, AllOf(HasSubstr("'a.text'"), HasSubstr("string")));
  EXPECT_THAT((*gguf)->integer("a.integers").error().message, HasSubstr("an array, expected an integer"));
  EXPECT_THAT((*gguf)->texts("a.text").error().message, HasSubstr("a single value, expected an array of strings"));
}

TEST(Gguf, what_is_no_gguf_file_is_said) {
  EXPECT_THAT(error_of(""), HasSubstr("magic"));
  EXPECT_THAT(error_of("GG"), HasSubstr("magic"));
  EXPECT_THAT(error_of("PK\x03\x04 something else"), HasSubstr("not a GGUF file"));
  const auto folder = open_model("/");
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message, HasSubstr("is a folder"));
  const auto absent = open_model("/no/such/file.gguf");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::not_found);
  const auto device = open_model("/dev/zero");
  ASSERT_FALSE(device);
  EXPECT_THAT(device.error().message, HasSubstr("not a regular file"));
}

TEST(Gguf, other_versions_and_byte_orders_are_named) {
  std::string bytes = TinyGguf().bytes();
  overwrite<std::uint32_t>(bytes, 4, 1);
  EXPECT_THAT(error_of(bytes), HasSubstr("version 1, supported are 2 and 3"));
  overwrite<std::uint32_t>(bytes, 4, 0x03000000);
  EXPECT_THAT(error_of(bytes), HasSubstr("big-endian"));
  overwrite<std::uint32_t>(bytes, 4, 2);
  EXPECT_EQ(error_of(bytes), "no error");
}

TEST(Gguf, counts_that_the_file_cannot_hold_are_refused) {
  std::string bytes = TinyGguf().bytes();
  for (const std::uint64_t count : {std::uint64_t{1} << 20, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    std::string tensors = bytes, keys = bytes, elements = bytes, length = bytes;
    overwrite(tensors, 8, count);
    EXPECT_THAT(error_of(tensors), HasSubstr("tensors"));
    overwrite(keys, 16, count);
    EXPECT_THAT(error_of(keys), testing::AnyOf(HasSubstr("keys"), HasSubstr("type"), HasSubstr("name"), HasSubstr("needs")));
    overwrite(elements, after_name(bytes, "tokenizer.ggml.scores") + 8, count);
    EXPECT_THAT(error_of(elements), AllOf(HasSubstr("tokenizer.ggml.scores"), HasSubstr("elements")));
    overwrite(length, after_name(bytes, "general.architecture") + 4, count);
    EXPECT_THAT(error_of(length), HasSubstr("needs"));
  }
}

TEST(Gguf, unknown_and_nested_types_are_refused) {
  std::string unknown = TinyGguf().bytes(), nested = unknown;
  overwrite<std::uint32_t>(unknown, after_name(unknown, "llama.block_count"), 13);
  EXPECT_THAT(error_of(unknown), AllOf(HasSubstr("'llama.block_count'"), HasSubstr("13")));
  overwrite<std::uint32_t>(nested, after_name(nested, "tokenizer.ggml.scores") + 4, 9);
  EXPECT_THAT(error_of(nested), HasSubstr("array of arrays"));
}

TEST(Gguf, keys_and_tensors_that_stand_twice_are_refused) {
  TinyGguf twice;
  twice.add_keys = [](GgufMetadata& metadata) { metadata.add("llama.block_count", 1u); };
  EXPECT_THAT(error_of(twice.bytes()), HasSubstr("'llama.block_count' stands twice"));
  TinyGguf same;
  same.change_tensors = [](std::vector<Tensor>& tensors) { tensors.push_back(tensors[1]); };
  EXPECT_THAT(error_of(same.bytes()), HasSubstr("'output_norm.weight' stands twice"));
}

TEST(Gguf, tensors_of_other_formats_are_named) {
  std::string bytes = TinyGguf().bytes();
  overwrite<std::uint32_t>(bytes, after_name(bytes, "blk.0.attn_q.weight") + 4 + 16, 3);
  EXPECT_THAT(error_of(bytes), AllOf(HasSubstr("'blk.0.attn_q.weight' is of type Q4_1 (number 3)"), HasSubstr("Q8_0")));
  overwrite<std::uint32_t>(bytes, after_name(bytes, "blk.0.attn_q.weight") + 4 + 16, 56);
  EXPECT_THAT(error_of(bytes), AllOf(HasSubstr("number 56"), HasSubstr("only in files with the key tokenmark.formats")));
}

TEST(Gguf, impossible_extents_are_refused) {
  const std::string bytes = TinyGguf().bytes();
  const std::size_t extents = after_name(bytes, "blk.0.attn_q.weight");
  const auto with = [&](std::uint64_t columns, std::uint64_t rows) {
    std::string changed = bytes;
    overwrite(changed, extents + 4, columns);
    overwrite(changed, extents + 12, rows);
    return error_of(changed);
  };
  EXPECT_THAT(with(0, 32), HasSubstr("impossible shape"));
  EXPECT_THAT(with(32, 0), HasSubstr("impossible shape"));
  EXPECT_THAT(with(1ull << 62, 4), HasSubstr("impossible shape"));
  EXPECT_THAT(with(1ull << 32, 1ull << 32), HasSubstr("impossible shape"));
  EXPECT_THAT(with(1 << 20, 1 << 20), HasSubstr("the file ends at"));
  std::string none = bytes;
  overwrite<std::uint32_t>(none, extents, 0);
  EXPECT_THAT(error_of(none), HasSubstr("0 extents"));
}

TEST(Gguf, tensors_outside_misaligned_or_overlapping_are_refused) {
  const std::string bytes = TinyGguf().bytes();
  const std::size_t offset = after_name(bytes, "blk.0.attn_q.weight") + 4 + 16 + 4;
  const auto with = [&](std::uint64_t value) {
    std::string changed = bytes;
    overwrite(changed, offset, value);
    return error_of(changed);
  };
  EXPECT_THAT(with(~std::uint64_t{31}), HasSubstr("the file ends at"));
  EXPECT_THAT(with(bytes.size() / 32 * 32), HasSubstr("the file ends at"));
  EXPECT_THAT(with(8), HasSubstr("not a multiple of the alignment 32"));
  EXPECT_THAT(with(0), HasSubstr("overlap"));
  EXPECT_THAT(error_of(bytes.substr(0, bytes.size() - 64)), HasSubstr("was not copied completely"));
}

TEST(Gguf, the_alignment_key_moves_the_data) {
  TinyGguf tiny;
  tiny.add_keys = [](GgufMetadata& metadata) { metadata.add("general.alignment", 64u); };
  std::string bytes = tiny.metadata().header({});
  tiny.add_keys = [](GgufMetadata& metadata) { metadata.add("general.alignment", 24u); };
  EXPECT_THAT(error_of(tiny.bytes()), HasSubstr("general.alignment is 24"));
  tiny.add_keys = [](GgufMetadata& metadata) { metadata.add("general.alignment", 0u); };
  EXPECT_THAT(error_of(tiny.bytes()), HasSubstr("general.alignment is 0"));
  // The writer pads to 32: read with 8 the same file means the same, since 32 is a multiple of it.
  tiny.add_keys = [](GgufMetadata& metadata) { metadata.add("general.alignment", 32u); };
  EXPECT_EQ(error_of(tiny.bytes()), "no error");
}

}  // namespace
}  // namespace tokenmark
