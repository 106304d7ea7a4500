#include "app/cli/selection.h"

#include <algorithm>
#include <cctype>
#include <charconv>
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
  TOKENMARK_TRY(auto store, Store::open(file));
  (void)store->mark_interrupted();  // what a killed program left; a store that may only be read is shown as it is
  return store;
}

Result<SweepId> sweep_named(Store& store, const std::string& text) {
  TOKENMARK_TRY(const std::vector<SweepRow> sweeps, store.sweeps());
  if (text == "latest" && !sweeps.empty()) return sweeps.front().id;
  SweepId id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool number = error == std::errc() && end == text.data() + text.size();
  const auto known = [&](const SweepRow& sweep) { return number && sweep.id == id; };
  if (std::any_of(sweeps.begin(), sweeps.end(), known)) return id;
  if (sweeps.empty()) return fail(ErrorKind::unavailable, "--sweep {}: the store holds no sweep yet", text);
  return fail(ErrorKind::invalid_input, "--sweep {}: no such sweep; ids go from {} to {}, or say 'latest'", text,
              sweeps.back().id, sweeps.front().id);
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
