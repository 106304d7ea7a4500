#include "core/store/bundle_file.h"

#include <zstd.h>

#include <cstring>

#include "engine/model/hash.h"

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::string_view kMagic = "TKMKRUNS";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kStart = 8 + 4 + 8 + 8, kHash = std::string_view("sha256:").size() + 64;
constexpr std::uint64_t kMaxHead = std::uint64_t{1} << 30;
constexpr int kLevel = 6;

template <class Number>
void put(std::string& out, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i) out += static_cast<char>(number >> (8 * i) & 0xff);
}

template <class Number>
Number get(std::string_view bytes, std::size_t at) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number |= static_cast<Number>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return number;
}

Error bad(const std::filesystem::path& file, const std::string& why) {
  return {ErrorKind::invalid_input, fmt::format("{}: {}; nothing was taken from it", file.string(), why)};
}

Result<std::string> contents(const std::filesystem::path& file) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error) return fail(ErrorKind::io, "{}: cannot be read: {}", file.string(), error.message());
  std::ifstream in(file, std::ios::binary);
  std::string bytes(size, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!in) return fail(ErrorKind::io, "{}: cannot be read to its end", file.string());
  return bytes;
}

Result<json> head_of(const std::filesystem::path& file, std::string_view packed, std::uint64_t size) {
  std::string text(size, '\0');
  const std::size_t unpacked = ZSTD_decompress(text.data(), text.size(), packed.data(), packed.size());
  if (ZSTD_isError(unpacked) || unpacked != size) return tl::unexpected(bad(file, "its list of runs is damaged"));
  json head = json::parse(text, nullptr, false);
  if (!head.is_object()) return tl::unexpected(bad(file, "its list of runs is damaged"));
  return head;
}

}  // namespace

Result<BundleWriter> BundleWriter::begin(const std::filesystem::path& file, const json& head) {
  BundleWriter writer(file);
  const std::string text = head.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > kMaxHead) return fail(ErrorKind::exhausted, "{}: too many runs for one bundle; choose fewer", file.string());
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), kLevel);
  if (ZSTD_isError(size)) return fail(ErrorKind::exhausted, "{}: not enough memory to write it", file.string());
  packed.resize(size);
  writer.out_.open(writer.unfinished_, std::ios::binary | std::ios::trunc);
  std::string start(kMagic);
  put(start, kVersion);
  put(start, static_cast<std::uint64_t>(packed.size()));
  put(start, static_cast<std::uint64_t>(text.size()));
  writer.block(start);
  writer.block(packed);
  if (!writer.out_) return tl::unexpected(writer.failed().error());
  return writer;
}

BundleWriter::~BundleWriter() {
  if (!out_.is_open()) return;   // finished, or moved from
  out_.close();
  std::error_code ignored;
  std::filesystem::remove(unfinished_, ignored);
}

void BundleWriter::block(std::string_view bytes) { out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size())); }

Status BundleWriter::failed() const {
  return fail(ErrorKind::io, "{}: cannot be written; is the folder there, may it be written to, is there space?", file_.string());
}

Status BundleWriter::finish() {
  out_.flush();
  if (!out_) return failed();
  TOKENMARK_TRY(const std::string hash, sha256_of_files({unfinished_.string()}));
  block(hash);
  out_.flush();
  if (!out_) return failed();
  std::error_code error;
  std::filesystem::rename(unfinished_, file_, error);
  if (error) return failed();
  out_.close();
  return {};
}

Result<std::string_view> BundleFile::block(std::uint64_t size) {
  if (size > blocks_end - blocks_at) return fail(ErrorKind::invalid_input, "a run's block is longer than the file");
  const std::string_view found = std::string_view(bytes).substr(blocks_at, size);
  blocks_at += size;
  return found;
}

Result<BundleFile> read_bundle_file(const std::filesystem::path& file) {
  BundleFile bundle;
  TOKENMARK_TRY(bundle.bytes, contents(file));
  const std::string_view bytes = bundle.bytes;
  if (!bytes.starts_with(kMagic)) return tl::unexpected(bad(file, "this is no bundle of runs"));
  if (bytes.size() < kStart + kHash) return tl::unexpected(bad(file, "the bundle is cut off"));
  const auto version = get<std::uint32_t>(bytes, 8);
  if (version != kVersion)
    return fail(ErrorKind::unavailable, "{}: made by a newer Tokenmark (bundle format {}, this program reads {}); update this program",
                file.string(), version, kVersion);
  const auto packed = get<std::uint64_t>(bytes, 12), size = get<std::uint64_t>(bytes, 20);
  bundle.blocks_end = bytes.size() - kHash;
  if (packed > bundle.blocks_end - kStart || size > kMaxHead) return tl::unexpected(bad(file, "the bundle is cut off or damaged"));
  TOKENMARK_TRY(const std::string hash, sha256(bytes.substr(0, bundle.blocks_end)));
  if (hash != bytes.substr(bundle.blocks_end)) return tl::unexpected(bad(file, "the bundle is cut off or damaged"));
  bundle.blocks_at = kStart + packed;
  TOKENMARK_TRY(bundle.head, head_of(file, bytes.substr(kStart, packed), size));
  return bundle;
}

}  // namespace tokenmark
