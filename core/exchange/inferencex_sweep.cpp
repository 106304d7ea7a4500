#include "core/exchange/inferencex_sweep.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "core/economics/economics.h"
#include "core/exchange/mlperf_systems.h"
#include "core/sweep/spelling.h"
#include "core/sweep/sweep.h"
#include "core/sweep/yaml_tree.h"

namespace tokenmark {
namespace {

constexpr std::int64_t kMostTokens = 8'000'000, kMostConcurrency = 65'536, kMostGpus = 100'000;

// Values of a map; the first that is wrong is a problem with its line.
class Entry {
 public:
  Entry(const YamlNode& node, Problems& problems) : node_(node), problems_(problems) {}

  const YamlNode* find(std::string_view key) const { return node_.find(key); }
  std::string text(std::string_view key) const {
    const YamlNode* value = find(key);
    return value != nullptr && value->kind == YamlNode::Kind::scalar ? value->text : "";
  }
  std::int64_t count(std::string_view key, std::int64_t otherwise, std::int64_t most) const {
    const YamlNode* value = find(key);
    return value == nullptr ? otherwise : whole(*value, key, most);
  }
  std::int64_t whole(const YamlNode& value, std::string_view key, std::int64_t most) const {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
    if (value.kind != YamlNode::Kind::scalar || error != std::errc() || end != value.text.data() + value.text.size() || number < 1 || number > most) {
      problems_.add(value.line, "{} is '{}' but must be a whole number from 1 to {}", key, value.text.substr(0, 40), most);
      return 1;
    }
    return number;
  }
  Entry inner(std::string_view key) const {
    static const YamlNode nothing;
    const YamlNode* value = find(key);
    return Entry(value == nullptr ? nothing : *value, problems_);
  }
  std::vector<Entry> list(std::string_view key) const {
    std::vector<Entry> out;
    const YamlNode* value = find(key);
    if (value == nullptr) return out;
    if (value->kind != YamlNode::Kind::list) problems_.add(value->line, "{} must be a list", key);
    for (const YamlNode& item : value->items) out.emplace_back(item, problems_);
    return out;
  }
  int line() const { return node_.line; }
  Problems& problems() const { return problems_; }

 private:
  const YamlNode& node_;
  Problems& problems_;
};

std::vector<std::int64_t> concurrencies(const Entry& group) {
  std::set<std::int64_t> values;
  if (const YamlNode* list = group.find("conc-list")) {
    for (const YamlNode& item : list->items) values.insert(group.whole(item, "conc-list", kMostConcurrency));
  } else {
    const std::int64_t start = group.count("conc-start", 1, kMostConcurrency), end = group.count("conc-end", start, kMostConcurrency);
    if (end < start) group.problems().add(group.line(), "conc-end is {}, below conc-start {}", end, start);
    for (std::int64_t value = start; value < end; value *= 2) values.insert(value);
    values.insert(end);
  }
  if (values.empty()) group.problems().add(group.line(), "conc-list is empty");
  return {values.begin(), values.end()};
}

// GPUs of a worker = tp · pp · pcp; ep and dp-attention add none.
std::int64_t worker_gpus(const Entry& worker) {
  std::int64_t gpus = 1;
  for (const char* key : {"tp", "pp", "pcp"}) gpus = std::min(gpus * worker.count(key, 1, kMostGpus), kMostGpus);
  return gpus;
}

std::int64_t group_gpus(const Entry& group) {
  if (group.find("prefill") == nullptr && group.find("decode") == nullptr) return worker_gpus(group);
  std::int64_t gpus = 0;
  for (const char* role : {"prefill", "decode"})
    if (group.find(role) != nullptr) {
      const Entry worker = group.inner(role);
      gpus += worker.count("num-worker", 1, kMostGpus) * worker_gpus(worker);
    }
  return std::min<std::int64_t>(gpus, 1'000'000);
}

std::string group_name(const Entry& group) {
  std::string name;
  for (const char* key : {"tp", "pp", "ep", "dp-attn", "spec-decoding"}) {
    const std::string value = group.text(key);
    if (value.empty() || value == "none" || value == "false") continue;
    name += value == "true" ? fmt::format("-{}", key) : fmt::format("-{}{}", key == std::string_view("spec-decoding") ? "" : key, value);
  }
  for (const char* role : {"prefill", "decode"})
    if (group.find(role) != nullptr) {
      const Entry worker = group.inner(role);
      name += fmt::format("-{}{}x{}", role[0], worker.count("num-worker", 1, kMostGpus), worker_gpus(worker));
    }
  return name;
}

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

std::string sweep_yaml(const Entry& entry, const Entry& group, std::int64_t input, std::int64_t output, const std::string& name, const SweepWanted& wanted) {
  const std::string hardware = hardware_key(entry.text("runner"));
  std::string server;
  for (const char* key : {"image", "precision", "framework"})
    if (const std::string text = entry.text(key); !text.empty()) server += fmt::format("{}{} {}", server.empty() ? "" : ", ", key, text);
  std::replace_if(server.begin(), server.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  std::string endpoint = fmt::format("url: {}, model: {}, api: completions, gpus: {}", quoted(wanted.url), quoted(entry.text("model")), group_gpus(group));
  if (find_accelerator(hardware) != nullptr) endpoint += fmt::format(", hardware: {}", quoted(hardware));
  return fmt::format(
      "# The server that this is for: {}{}; it needs a context of {} tokens.\n"
      "name: {}\ntarget:\n  endpoint: {{{}}}\nworkload: {{input: {}, output: {}, range_ratio: 0.8}}\n"
      "load: {{requests_per_concurrency: 10, warmups_per_concurrency: 2}}\naxes: {{concurrency: [{}]}}\n",
      server, group_name(group), input + output + 256, quoted(name), endpoint, input, output, fmt::join(concurrencies(group), ", "));
}

}  // namespace

Result<std::vector<ConvertedSweep>> convert_inferencex_sweeps(std::string_view master, const std::string& file, const SweepWanted& wanted) {
  Problems problems(file);
  const YamlNode tree = parse_yaml(master, problems);
  if (problems.any()) return tl::unexpected(problems.error());
  const YamlNode* found = tree.find(wanted.key);
  if (found == nullptr) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : tree.entries) keys.push_back(key.text);
    return fail(ErrorKind::invalid_input, "{}: has no entry '{}'{}", file, wanted.key, suggestion(wanted.key, keys));
  }
  const Entry entry(*found, problems);
  if (entry.text("model").empty()) problems.add(found->line, "the entry names no model");
  std::vector<Entry> scenarios = entry.inner("scenarios").list("fixed-seq-len");
  for (const Entry& older : entry.list("seq-len-configs")) scenarios.push_back(older);
  std::vector<ConvertedSweep> sweeps;
  for (const Entry& scenario : scenarios) {
    const std::int64_t input = scenario.count("isl", 0, kMostTokens), output = scenario.count("osl", 0, kMostTokens);
    if (input == 0 || output == 0) problems.add(scenario.line(), "isl and osl must be given");
    if ((wanted.input > 0 && wanted.input != input) || (wanted.output > 0 && wanted.output != output)) continue;
    for (const Entry& group : scenario.list("search-space")) {
      if (wanted.gpus > 0 && wanted.gpus != group_gpus(group)) continue;
      const std::string name = fmt::format("{}-{}-{}{}", wanted.key, input, output, group_name(group));
      sweeps.push_back({name, sweep_yaml(entry, group, input, output, name, wanted)});
    }
  }
  if (problems.any()) return tl::unexpected(problems.error());
  if (sweeps.empty()) return fail(ErrorKind::invalid_input, "{}: '{}' has no fixed-seq-len search space that fits", file, wanted.key);
  for (const ConvertedSweep& sweep : sweeps) TOKENMARK_CHECK(parse_sweep(sweep.yaml, sweep.name));
  return sweeps;
}

}  // namespace tokenmark
