#include "engine/tokenizer/tokenizer_json.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace tokenmark {
namespace {

constexpr std::uintmax_t kLargestFile = 256u << 20;

// The text of a file, empty where there is none.
Result<std::string> read_if_there(const std::filesystem::path& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return std::string();
  if (size > kLargestFile)
    return fail(ErrorKind::invalid_input, "{}: has {} bytes, too many for a tokenizer's file", path.string(), size);
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return fail(ErrorKind::io, "{}: cannot be read", path.string());
  return text;
}

}  // namespace

Result<FolderTokenizer> read_tokenizer_json(const TokenizerFiles&) {
  return fail(ErrorKind::unavailable, "tokenizer.json: cannot be read yet");
}

Result<FolderTokenizer> read_tokenizer_folder(const std::string& folder) {
  const std::filesystem::path path(folder);
  TokenizerFiles files;
  TOKENMARK_TRY(files.tokenizer, read_if_there(path / "tokenizer.json"));
  if (files.tokenizer.empty())
    return fail(ErrorKind::not_found, "{}: has no tokenizer.json, so the model's vocabulary is missing", folder);
  TOKENMARK_TRY(files.tokenizer_config, read_if_there(path / "tokenizer_config.json"));
  TOKENMARK_TRY(files.generation_config, read_if_there(path / "generation_config.json"));
  TOKENMARK_TRY(files.config, read_if_there(path / "config.json"));
  TOKENMARK_TRY(files.chat_template, read_if_there(path / "chat_template.jinja"));
  auto tokenizer = read_tokenizer_json(files);
  if (!tokenizer) return fail(tokenizer.error().kind, "{}: {}", folder, tokenizer.error().message);
  return tokenizer;
}

}  // namespace tokenmark
