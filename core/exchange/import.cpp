#include "core/exchange/import.h"

#include <algorithm>
#include <fstream>

#include "core/exchange/formats.h"
#include "core/exchange/gpu_metrics.h"
#include "core/exchange/loadgen_tree.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;
using Runs = std::vector<ImportedRun>;

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30;
constexpr const char* kKnown =
    "results of InferenceX, vLLM, SGLang, GuideLLM, AIPerf, MLPerf and tests/gpu/run are";

// not_found: whole and well-formed, but of no format that is known.
tl::unexpected<Error> unknown(const std::string& file, const std::string& seen) {
  return fail(ErrorKind::not_found, "{}: of no format that can be imported ({}); {}", file, seen, kKnown);
}

std::string keys_of(const Json& value) {
  if (!value.is_object()) return std::string("it holds a JSON ") + value.type_name();
  std::string keys;
  for (const auto& [key, member] : value.items()) {
    if (keys.size() > 60) return "its keys: " + keys + " …";
    keys += (keys.empty() ? "" : ", ") + key.substr(0, 40);
  }
  return "its keys: " + keys;
}

template <class Reader>
Status add_one(Reader reader, const Json& object, const std::string& text, const Source& source, Runs& runs) {
  TOKENMARK_TRY(ImportedRun run, reader(object, text, source));
  runs.push_back(std::move(run));
  return {};
}

Status read_object(const Json& object, const std::string& text, const Source& source, Runs& runs) {
  if (is_inferencex_agg(object)) return add_one(read_inferencex_agg, object, text, source, runs);
  if (is_aiperf(object)) return add_one(read_aiperf, object, text, source, runs);
  if (is_mlperf_summary(object)) return add_one(read_mlperf_summary, object, text, source, runs);
  if (is_client_json(object)) return add_one(read_client_json, object, text, source, runs);
  if (!is_guidellm(object) && !is_gpu_check(object)) return unknown(source.file, keys_of(object));
  TOKENMARK_TRY(Runs more, is_gpu_check(object) ? read_gpu_check(object, source) : read_guidellm(object, source));
  std::move(more.begin(), more.end(), std::back_inserter(runs));
  return {};
}

Result<Runs> read_list(const Json& list, const Source& source) {
  Runs runs;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Source entry{fmt::format("{}: entry {}", source.file, i + 1), source.settings};
    TOKENMARK_CHECK(read_object(list[i], list[i].dump(-1, ' ', false, Json::error_handler_t::replace), entry, runs));
  }
  if (runs.empty()) return unknown(source.file, "it is an empty list");
  for (ImportedRun& run : runs) run.environment["import"]["file"] = source.file;
  return runs;
}

// A document a line: runs appended one after the other, or requests.
Result<Runs> read_lines(std::string_view text, const Source& source) {
  Runs runs;
  std::vector<Json> records;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const Source place{fmt::format("{}: line {}", source.file, number), source.settings};
    TOKENMARK_TRY(Json object, parse_json(line, place.file));
    if (is_aiperf_record(object)) records.push_back(std::move(object));
    else TOKENMARK_CHECK(read_object(object, line, place, runs));
  }
  if (!records.empty()) {
    std::string document;
    for (const Json& record : records) document += record.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
    TOKENMARK_TRY(ImportedRun run, read_aiperf_records(records, document, source));
    runs.push_back(std::move(run));
  }
  for (ImportedRun& run : runs) run.environment["import"]["file"] = source.file;
  return runs;
}

Result<Runs> read_json(std::string_view text, const Source& source) {
  const auto whole = parse_json(text, source.file);
  const std::size_t first_line = text.find('\n');
  const bool lines = first_line != std::string_view::npos && first_line + 1 < text.size();
  if (!whole && lines && parse_json(text.substr(0, first_line), source.file)) return read_lines(text, source);
  if (!whole) return tl::unexpected(whole.error());
  if (whole->is_array()) return read_list(*whole, source);
  if (is_aiperf_record(*whole)) return read_lines(text, source);
  Runs runs;
  TOKENMARK_CHECK(read_object(*whole, std::string(text), source, runs));
  return runs;
}

Result<Runs> read_csv(std::string_view text, const Source& source) {
  const auto table = parse_csv(text, source.file);
  if (!table) return tl::unexpected(table.error());
  if (is_gpu_metrics(*table))
    return fail(ErrorKind::not_found, "{}: holds power of GPUs, not runs: give it with --gpu-metrics beside the file of the run", source.file);
  Result<Runs> runs = is_dashboard_csv(*table) ? read_dashboard_csv(*table, source)
                      : is_mlperf_csv(*table)  ? read_mlperf_csv(*table, source)
                      : is_aiperf_csv(*table)  ? read_aiperf_csv(*table, std::string(text), source)
                                               : unknown(source.file, "its columns: " + table->header.front() + ", …");
  if (runs && runs->empty()) return fail(ErrorKind::invalid_input, "{}: has a header line and nothing below it", source.file);
  return runs;
}

bool is_text(std::string_view text) {  // UTF-8 without zero bytes
  if (text.find('\0') != std::string_view::npos) return false;
  const Json probe(text);
  try {
    (void)probe.dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

}  // namespace

Result<Runs> read_document(std::string_view text, const std::string& file, const ImportSettings& settings) {
  const Source source{file, settings};
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return fail(ErrorKind::not_found, "{}: is empty", file);
  if (!is_text(text)) return fail(ErrorKind::not_found, "{}: is not a text in UTF-8, so it is no result", file);
  text.remove_prefix(first);
  return text.front() == '{' || text.front() == '[' ? read_json(text, source) : read_csv(text, source);
}

namespace {

namespace fs = std::filesystem;

Result<std::string> read_text(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error) return fail(ErrorKind::not_found, "{}: cannot be read: {}", path.string(), error.message());
  if (size > kMaxFileBytes)
    return fail(ErrorKind::invalid_input, "{}: has {} bytes, at most {} can be imported", path.string(), size, kMaxFileBytes);
  std::ifstream file(path, std::ios::binary);
  std::string text(size, '\0');
  file.read(text.data(), static_cast<std::streamsize>(size));
  if (!file) return fail(ErrorKind::io, "{}: cannot be read", path.string());
  return text;
}

// AIPerf writes one run three times: the summary, the same as CSV, and its requests, which give the summary a log.
void join_aiperf(Runs& runs, std::size_t first) {
  const auto of = [&](std::string_view format) {
    return std::find_if(runs.begin() + static_cast<std::ptrdiff_t>(first), runs.end(), [&](const ImportedRun& r) { return r.format == format; });
  };
  const auto summary = of("aiperf");
  if (summary == runs.end()) return;
  if (const auto records = of("aiperf-records"); records != runs.end()) {
    summary->log = std::move(records->log);
    if (summary->start_unix_s <= 0) summary->start_unix_s = records->start_unix_s;
  }
  const auto begin = runs.begin() + static_cast<std::ptrdiff_t>(first);
  runs.erase(std::remove_if(begin, runs.end(), [](const ImportedRun& r) { return r.format == "aiperf-records" || r.format == "aiperf-csv"; }), runs.end());
}

std::string head_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string head(512, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  return head;
}

// LoadGen's detail log or its summary: a part of what lies in their folder.
bool is_loadgen_log(const fs::path& path) {
  const std::string head = head_of(path);
  const std::size_t title = head.find("MLPerf Results Summary");
  return head.starts_with(":::MLLOG ") || (title != std::string::npos && head.find_first_not_of("=\r\n") == title);
}

// What begins like JSON or CSV text is read; the rest of a folder (logs, weights, pictures) is not even opened whole.
bool worth_reading(const fs::path& path) {
  const std::string head = head_of(path);
  const std::size_t first = head.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (first == std::string::npos || head.find('\0') != std::string::npos) return false;
  if (head[first] == '{' || head[first] == '[') return true;
  const std::size_t line_end = std::min(head.find('\n', first), head.size());
  return head[first] == '#' || std::count(head.begin() + static_cast<std::ptrdiff_t>(first), head.begin() + static_cast<std::ptrdiff_t>(line_end), ',') > 1;
}

struct Walk {
  const ImportOptions& options;
  const std::function<void(const std::string&)>& note;
  Runs runs;
  std::vector<fs::path> loadgen_folders;

  Status folder(const fs::path& path, int depth) {
    if (depth > 32) return fail(ErrorKind::invalid_input, "{}: folders nested too deep", path.string());
    if (is_loadgen_folder(path)) {
      loadgen_folders.push_back(path);
      return {};
    }
    std::error_code error;
    std::vector<fs::path> files, folders;
    for (const auto& entry : fs::directory_iterator(path, fs::directory_options::skip_permission_denied, error)) {
      if (entry.is_symlink(error)) continue;
      if (entry.is_directory(error)) folders.push_back(entry.path());
      else if (entry.is_regular_file(error)) files.push_back(entry.path());
    }
    if (error) return fail(ErrorKind::io, "{}: cannot be read: {}", path.string(), error.message());
    std::sort(files.begin(), files.end());
    std::sort(folders.begin(), folders.end());
    const std::size_t first = runs.size();
    for (const fs::path& file : files) TOKENMARK_CHECK(one(file));
    join_aiperf(runs, first);
    for (const fs::path& inner : folders) TOKENMARK_CHECK(folder(inner, depth + 1));
    return {};
  }

  Status one(const fs::path& file) {
    if (!worth_reading(file)) return {};
    TOKENMARK_TRY(const std::string text, read_text(file));
    auto more = read_document(text, file.filename().string(), options.settings);
    if (!more && more.error().kind == ErrorKind::not_found) {
      if (note) note(more.error().message);
      return {};
    }
    if (!more) return tl::unexpected(more.error());
    std::move(more->begin(), more->end(), std::back_inserter(runs));
    return {};
  }
};

Status add_power(const ImportOptions& options, Runs& runs) {
  if (options.gpu_metrics.empty()) return {};
  const std::string name = options.gpu_metrics.filename().string();
  TOKENMARK_TRY(const std::string text, read_text(options.gpu_metrics));
  TOKENMARK_TRY(const CsvTable table, parse_csv(text, name));
  if (!is_gpu_metrics(table)) return fail(ErrorKind::invalid_input, "{}: has no columns 'timestamp' and 'power.draw'", name);
  TOKENMARK_TRY(const GpuMetrics metrics, read_gpu_metrics(table, name));
  for (ImportedRun& run : runs) {
    join_power(metrics, run);
    run.environment["import"]["gpu_metrics"] = name;
  }
  return {};
}

}  // namespace

Result<Runs> read_runs(const fs::path& path, const ImportOptions& options, const std::function<void(const std::string&)>& note) {
  std::error_code error;
  Runs runs;
  if (fs::is_directory(path, error)) {
    Walk walk{options, note, {}, {}};
    TOKENMARK_CHECK(walk.folder(path, 0));
    runs = std::move(walk.runs);
    TOKENMARK_TRY(Runs logs, read_loadgen_tree(walk.loadgen_folders, options.settings));
    std::move(logs.begin(), logs.end(), std::back_inserter(runs));
    if (runs.empty()) return fail(ErrorKind::not_found, "{}: holds no result that can be imported; {}", path.string(), kKnown);
  } else if (is_loadgen_log(path)) {
    const fs::path folder = fs::absolute(path, error).parent_path();
    if (!is_loadgen_folder(folder))
      return fail(ErrorKind::invalid_input,
                  "{}: is a log of LoadGen, which must be called mlperf_log_detail.txt or mlperf_log_summary.txt",
                  path.string());
    TOKENMARK_TRY(runs, read_loadgen_tree({folder}, options.settings));
  } else {
    TOKENMARK_TRY(const std::string text, read_text(path));
    TOKENMARK_TRY(runs, read_document(text, path.filename().string(), options.settings));
  }
  TOKENMARK_CHECK(add_power(options, runs));
  return runs;
}

}  // namespace tokenmark
