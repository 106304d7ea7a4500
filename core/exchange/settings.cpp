#include "core/exchange/settings.h"

#include <fmt/ranges.h>

#include <charconv>
#include <chrono>
#include <cmath>

namespace tokenmark {
namespace {

constexpr std::int32_t kMostGpus = 1'000'000, kMostTokens = 16'000'000, kMostConcurrency = 65'536;

struct Setting {
  const char* key;
  std::string RunFacts::* text;
  std::int32_t RunFacts::* number;
  std::int32_t most;
};
constexpr Setting kSettings[] = {
    {"model", &RunFacts::model, nullptr, 0},         {"hw", &RunFacts::hardware, nullptr, 0},
    {"framework", &RunFacts::framework, nullptr, 0}, {"precision", &RunFacts::precision, nullptr, 0},
    {"node", &RunFacts::node, nullptr, 0},           {"gpus", nullptr, &RunFacts::gpus, kMostGpus},
    {"prefill_gpus", nullptr, &RunFacts::prefill_gpus, kMostGpus},
    {"decode_gpus", nullptr, &RunFacts::decode_gpus, kMostGpus},
    {"input", nullptr, &RunFacts::input, kMostTokens}, {"output", nullptr, &RunFacts::output, kMostTokens},
    {"concurrency", nullptr, &RunFacts::concurrency, kMostConcurrency}};

const Setting* setting_named(std::string_view key) {
  for (const Setting& setting : kSettings)
    if (key == setting.key) return &setting;
  return nullptr;
}

std::optional<std::int32_t> whole(std::string_view text, std::int32_t most) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > most) return std::nullopt;
  return value;
}

}  // namespace

Result<ImportSettings> parse_settings(const std::vector<std::string>& texts) {
  ImportSettings settings;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    const std::string key = text.substr(0, equals), value = equals == std::string::npos ? "" : text.substr(equals + 1);
    const Setting* setting = setting_named(key);
    if (setting == nullptr) {
      std::vector<std::string> keys;
      for (const Setting& known : kSettings) keys.emplace_back(known.key);
      return fail(ErrorKind::invalid_input, "--set {}: there is no '{}' to set; there are: {}", text, key, fmt::join(keys, ", "));
    }
    if (value.empty()) return fail(ErrorKind::invalid_input, "--set {}: give it a value, '{}=…'", text, key);
    if (setting->number != nullptr && !whole(value, setting->most))
      return fail(ErrorKind::invalid_input, "--set {}: must be a whole number from 1 to {}", text, setting->most);
    settings[key] = value;
  }
  return settings;
}

namespace {

void apply(const ImportSettings& settings, RunFacts& facts) {
  for (const auto& [key, value] : settings) {
    const Setting* setting = setting_named(key);
    if (setting == nullptr) continue;
    if (setting->number != nullptr && facts.*setting->number == 0) facts.*setting->number = whole(value, setting->most).value_or(0);
    if (setting->text != nullptr && ((facts.*setting->text).empty() || key == "model")) facts.*setting->text = value;
  }
  if (facts.gpus == 0) facts.gpus = facts.prefill_gpus + facts.decode_gpus;
}

// A name for the server, which nobody can send requests to: equal for equal configurations.
std::string target_name(std::string_view format, const RunFacts& facts) {
  std::string name = fmt::format("import:{}", format);
  const auto add = [&](const std::string& key, const std::string& value) {
    if (!value.empty()) name += fmt::format("{}{}={}", name.find('?') == std::string::npos ? '?' : '&', key, value);
  };
  add("framework", facts.framework);
  add("precision", facts.precision);
  for (const auto& [key, value] : facts.configuration) add(key, value);
  return name;
}

std::string series_name(const RunFacts& facts) {
  std::string series = facts.model.empty() ? "unknown model" : facts.model;
  for (const std::string& part : {facts.hardware, facts.framework, facts.precision})
    if (!part.empty()) series += " · " + part;
  for (const char* key : {"spec_decoding", "disagg", "scenario"})
    if (const auto at = facts.configuration.find(key); at != facts.configuration.end()) series += " · " + at->second;
  return series;
}

// Means stand in the point for lengths that the file does not name: those of the requests that completed.
std::int32_t length_or_mean(std::int32_t named, std::int64_t tokens, std::int32_t completed) {
  if (named > 0) return named;
  if (completed <= 0 || tokens <= 0) return 1;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>((tokens + completed / 2) / completed, 1, kMostTokens));
}

void set_per_gpu(const RunFacts& facts, Figures& f) {
  const std::string unknown = "the number of accelerators is unknown: give it with --set gpus=N";
  const auto divide = [&](const char* key, const std::optional<double>& of, std::int32_t gpus, std::optional<double>& out) {
    if (!out && of && gpus > 0) out = *of / gpus;
    if (!out && of) f.lacking[key] = unknown;
  };
  divide("total_tok_s_gpu", f.total_tok_s, facts.gpus, f.total_tok_s_gpu);
  divide("output_tok_s_gpu", f.output_tok_s, facts.decode_gpus > 0 ? facts.decode_gpus : facts.gpus, f.output_tok_s_gpu);
  divide("input_tok_s_gpu", f.input_tok_s, facts.prefill_gpus > 0 ? facts.prefill_gpus : facts.gpus, f.input_tok_s_gpu);
}

// Every figure that is not there says that the file lacks it, unless a better reason was given.
void name_what_lacks(Figures& f) {
  const std::string why = "the file does not have it";
  const std::pair<const char*, bool> figures[] = {
      {"request_s", f.request_s.has_value()},       {"output_tok_s", f.output_tok_s.has_value()},
      {"input_tok_s", f.input_tok_s.has_value()},   {"total_tok_s", f.total_tok_s.has_value()},
      {"output_tok_s_gpu", f.output_tok_s_gpu.has_value()}, {"input_tok_s_gpu", f.input_tok_s_gpu.has_value()},
      {"total_tok_s_gpu", f.total_tok_s_gpu.has_value()},   {"goodput", f.goodput_req_s.has_value()},
      {"power", !f.power_source.empty()},           {"requests", f.completed + f.failed > 0},
      {"duration_s", f.duration_s > 0},             {"input_tokens", f.input_tokens > 0},
      {"output_tokens", f.output_tokens > 0},       {"send_lag_s", f.send_lag_s.samples > 0},
      {"scheduled", false},                         {"steady", f.steady.settled || !f.steady.reason.empty()}};
  for (const auto& [key, there] : figures)
    if (!there) f.lacking.emplace(key, why);
    else f.lacking.erase(key);
  for (Distribution* d : {&f.ttft_s, &f.tpot_s, &f.itl_s, &f.e2e_s, &f.send_lag_s})
    for (Percentile* p : {&d->p25, &d->p50, &d->p75, &d->p90, &d->p95, &d->p99, &d->p999})
      if (!p->value && p->why_absent.empty()) p->why_absent = why;
  for (Percentile* p : {&f.interactivity_p50, &f.interactivity_p99})
    if (!p->value && p->why_absent.empty()) p->why_absent = why;
  f.client_verdict = "measured by another tool: its client cannot be judged";
  f.client_limited = false;
}

}  // namespace

void identify(ImportedRun& imported, RunFacts facts, std::string_view format, const Source& source) {
  apply(source.settings, facts);
  imported.format = format;
  imported.input = facts.input;
  imported.output = facts.output;
  imported.concurrency = facts.concurrency;
  NewRun& run = imported.run;
  run.source = fmt::format("import: {}", format);
  run.model = facts.model;
  run.hardware = run.device = facts.hardware;
  run.framework = facts.framework;
  run.precision = facts.precision;
  run.node = facts.node.empty() ? "imported" : facts.node;
  run.gpus = facts.gpus;
  run.series = series_name(facts);
  run.point.target = EndpointTarget{.url = target_name(format, facts), .model = facts.model.empty() ? "unknown" : facts.model,
                                    .gpus = facts.gpus, .hardware = facts.hardware};
  Figures& figures = imported.figures;
  run.point.workload.input = length_or_mean(facts.input, figures.input_tokens, figures.completed);
  run.point.workload.output = length_or_mean(facts.output, figures.output_tokens, figures.completed);
  run.point.load.concurrency = std::max(1, facts.concurrency);
  set_per_gpu(facts, figures);
  if (!figures.interactivity_p50.value && figures.tpot_s.p50.value.value_or(0) > 0)
    figures.interactivity_p50.value = 1 / *figures.tpot_s.p50.value;
  if (!figures.interactivity_p99.value && figures.tpot_s.p99.value.value_or(0) > 0)
    figures.interactivity_p99.value = 1 / *figures.tpot_s.p99.value;
  name_what_lacks(figures);
  nlohmann::json& import = imported.environment["import"];
  import["format"] = format;
  import["file"] = source.file;
  for (const auto& [key, value] : source.settings) import["set"][key] = value;
  for (const auto& [key, value] : facts.configuration) import["configuration"][key] = value;
  if (imported.started.empty()) imported.started = iso_time(imported.start_unix_s);
}

std::string iso_time(double unix_s) {
  constexpr double kLatest = 253'402'300'799;  // the end of the year 9999
  if (!(unix_s > 0 && unix_s < kLatest)) return {};
  const std::chrono::sys_seconds time{std::chrono::seconds(static_cast<std::int64_t>(unix_s))};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<double> unix_of(int year, int month, int day, int hour, int minute, double second) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  const bool good = year >= 1970 && year <= 9999 && month >= 1 && day >= 1 && date.ok() && hour >= 0 && hour < 24 &&
                    minute >= 0 && minute < 60 && second >= 0 && second < 61;
  if (!good) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return static_cast<double>(days) * 86'400 + hour * 3600 + minute * 60 + second;
}

}  // namespace tokenmark
