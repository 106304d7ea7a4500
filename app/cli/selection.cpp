#include "app/cli/selection.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/report/samples.h"

namespace tokenmark::cli {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

Result<std::unique_ptr<Store>> open_existing_store(const std::string& path) {
  const std::filesystem::path file = path.empty() ? default_store_path() : std::filesystem::path(path);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    if (path.empty()) return std::unique_ptr<Store>();
    return fail(ErrorKind::invalid_input, "{}: there is no such store; --store names the file that runs were kept in", path);
  }
  return Store::open(file);
}

Result<std::vector<RunRow>> matching_samples(const std::string& search) {
  TOKENMARK_TRY(std::vector<RunRow> rows, sample_runs());
  std::erase_if(rows, [&](const RunRow& row) {
    const std::string text = lower(row.series + " " + row.model + " " + row.hardware + " " + row.source);
    std::istringstream words(lower(search));
    for (std::string word; words >> word;)
      if (text.find(word) == std::string::npos) return true;
    return false;
  });
  return rows;
}

Status write_file(const std::string& path, std::string_view content) {
  const std::string unfinished = path + ".part";
  std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(unfinished, path, error);
  if (file && !error) return {};
  std::error_code ignored;
  std::filesystem::remove(unfinished, ignored);
  return fail(ErrorKind::io, "{}: cannot be written; is the folder there, may it be written to, is there space?", path);
}

}  // namespace tokenmark::cli
