#include "core/report/samples.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "resources/resources.h"

namespace tokenmark {
namespace {

using nlohmann::json;

// Reads members of one object; the first problem is kept, and named with its place.
class Reader {
 public:
  Reader(const json& object, std::string place) : object_(object), place_(std::move(place)) {
    if (!object_.is_object()) problem("must be an object");
  }
  void text(const char* key, std::string& value) {
    if (const json* entry = member(key)) entry->is_string() ? void(value = *entry) : problem(fmt::format("'{}' must be a text", key));
  }
  void text(const char* key, SharedText& value) {
    std::string read = value;
    text(key, read);
    value = read;
  }
  void count(const char* key, std::int32_t& value) {
    const json* entry = member(key);
    if (!entry) return;
    if (!entry->is_number_integer() || *entry < 1 || *entry > 1'000'000'000)
      return problem(fmt::format("'{}' must be a whole number above 0, it is {}", key, entry->dump()));
    value = *entry;
  }
  void figure(const char* key, std::optional<double>& value) {
    const json* entry = member(key);
    if (!entry) return;
    if (!entry->is_number() || !(entry->get<double>() > 0) || !std::isfinite(entry->get<double>()))
      return problem(fmt::format("'{}' must be a number above 0, it is {}", key, entry->dump()));
    value = entry->get<double>();
  }
  // The problem found, or the first member that nobody asked for.
  Status finish(const std::set<std::string>& also_allowed = {}) {
    if (problem_.empty())
      for (const auto& [key, value] : object_.items())
        if (!seen_.count(key) && !also_allowed.count(key)) problem(fmt::format("unknown key '{}'", key));
    if (problem_.empty()) return {};
    return fail(ErrorKind::invalid_input, "{}: {}", place_, problem_);
  }

 private:
  const json* member(const char* key) {
    seen_.insert(key);
    if (!object_.is_object()) return nullptr;
    const auto entry = object_.find(key);
    if (entry != object_.end()) return &*entry;
    problem(fmt::format("'{}' is missing", key));
    return nullptr;
  }
  void problem(std::string text) {
    if (problem_.empty()) problem_ = std::move(text);
  }

  const json& object_;
  std::string place_, problem_;
  std::set<std::string> seen_;
};

Status read_point(const json& entry, const std::string& place, RunRow& row) {
  Reader reader(entry, place);
  reader.count("gpus", row.gpus);
  reader.count("concurrency", row.concurrency);
  reader.figure("total_tok_s_gpu", row.total_tok_s_gpu);
  reader.figure("output_tok_s_gpu", row.output_tok_s_gpu);
  reader.figure("input_tok_s_gpu", row.input_tok_s_gpu);
  reader.figure("interactivity", row.interactivity);
  reader.figure("ttft_p50_s", row.ttft_p50_s);
  reader.figure("ttft_p99_s", row.ttft_p99_s);
  reader.figure("tpot_p50_s", row.tpot_p50_s);
  reader.figure("tpot_p99_s", row.tpot_p99_s);
  reader.figure("e2e_p50_s", row.e2e_p50_s);
  TOKENMARK_CHECK(reader.finish());
  row.total_tok_s = *row.total_tok_s_gpu * row.gpus;
  row.output_tok_s = *row.output_tok_s_gpu * row.gpus;
  row.configuration_key = fmt::format("{} {} {} {} gpus {} concurrency {}", row.source, row.series, row.input, row.output,
                                      row.gpus, row.concurrency);
  return {};
}

}  // namespace

Result<std::vector<RunRow>> parse_samples(std::string_view text, std::string_view name, RunId first_id) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return fail(ErrorKind::invalid_input, "{}: not JSON", name);
  RunRow common;
  common.state = RunState::done;
  common.node = "published";
  Reader reader(document, std::string(name));
  reader.text("source", common.source);
  reader.text("date", common.started);
  reader.text("series", common.series);
  reader.text("model", common.model);
  reader.text("hardware", common.hardware);
  reader.text("framework", common.framework);
  reader.text("precision", common.precision);
  reader.count("input", common.input);
  reader.count("output", common.output);
  TOKENMARK_CHECK(reader.finish({"about", "attribution", "url", "points"}));
  common.source = "sample: " + common.source;
  common.device = common.hardware;
  if (!document.contains("points") || !document["points"].is_array())
    return fail(ErrorKind::invalid_input, "{}: 'points' must be a list", name);
  std::vector<RunRow> rows;
  for (const json& entry : document["points"]) {
    RunRow row = common;
    row.id = first_id - static_cast<RunId>(rows.size());
    TOKENMARK_CHECK(read_point(entry, fmt::format("{}: point {}", name, rows.size() + 1), row));
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<std::vector<RunRow>> sample_runs() {
  std::vector<RunRow> rows;
  for (const std::string_view path : resource_paths("samples/")) {
    TOKENMARK_TRY(const auto more, parse_samples(resource(path), path, -1 - static_cast<RunId>(rows.size())));
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

}  // namespace tokenmark
