#include "app/cli/devices_tune.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>

#include "app/cli/terminal.h"
#include "engine/model/device_model.h"
#include "engine/model/shapes.h"

namespace tokenmark::cli {
namespace {

// Steps as large as any: what a smaller engine does is among what was measured.
constexpr std::uint32_t kSequences = 256, kStepTokens = 2048, kTokensPerBlock = 16;

struct Outcome {
  std::filesystem::path path;
  tm_tuning_summary summary{};
  double seconds = 0;
};

std::string with_format(const std::string& model) {
  if (!is_shape_specification(model) || std::count(model.begin(), model.end(), ':') > 1) return model;
  return model + ":bf16";
}

// What the plugin's callbacks reach.
struct Hearer {
  ProgressBar& bar;
  const std::stop_token& stop;
  std::string table;
  tm_tuning_summary summary{};

  static int progress(void* context, double share, const char* what) {
    auto& hearer = *static_cast<Hearer*>(context);
    hearer.bar.set(share, what);
    return hearer.stop.stop_requested() ? 1 : 0;
  }
  static void done(void* context, const char* table, const tm_tuning_summary* summary) {
    auto& hearer = *static_cast<Hearer*>(context);
    hearer.table = table;
    hearer.summary = *summary;
  }
};

Result<Outcome> tune(PluginRegistry& registry, const FoundDevice& found, const Model& model, const TuneArguments& arguments, const std::stop_token& stop) {
  const tm_plugin& plugin = *found.plugin;
  const char* id = found.capabilities.id;
  if (!plugin.tune || !plugin.check_tuning) return fail(ErrorKind::invalid_input, "{}: this device has nothing to tune", id);
  const TuningFile before = registry.tuning(found);
  TOKENMARK_CHECK(check_writable(before.path));
  tm_device* opened = nullptr;
  if (plugin.open_device(id, nullptr, &opened) != TM_OK) return fail(ErrorKind::unavailable, "{}: {}", id, plugin.last_error());
  const std::unique_ptr<tm_device, void (*)(tm_device*)> device(opened, plugin.close_device);

  const tm_model description = device_model(model.description);
  const tm_weight_source weights = device_weights(model);
  const tm_executor_options options{sizeof(tm_executor_options), TM_ABI_VERSION, kTokensPerBlock, 1, kSequences, kStepTokens,
                                    static_cast<std::uint32_t>(arguments.kv_format), nullptr};
  ProgressBar bar(id);
  Hearer hearer{bar, stop, {}, {}};
  const tm_tuning_request request{sizeof(tm_tuning_request), TM_ABI_VERSION, arguments.seconds, before.text.empty() ? nullptr : before.text.c_str(),
                                  &hearer, Hearer::progress, Hearer::done};
  const auto begin = std::chrono::steady_clock::now();
  if (plugin.tune(device.get(), &description, &weights, &options, &request) != TM_OK) {
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "{}: tuning was cancelled, nothing was kept", id);
    return fail(ErrorKind::unavailable, "{}: {}", id, plugin.last_error());
  }
  TOKENMARK_CHECK(write_tuning(before.path, hearer.table));
  return Outcome{before.path, hearer.summary, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()};
}

double percent(double gain) { return (gain - 1) * 100; }

std::string changed_words(const tm_tuning_summary& s) {
  if (s.changed == 0) return fmt::format("{} choices, all as by default", s.choices);
  return fmt::format("{} choices, {} of them not the default: {:.0f} % faster on average, {:.0f} % at most", s.choices, s.changed, percent(s.mean_gain),
                     percent(s.largest_gain));
}

nlohmann::json summary_json(const tm_tuning_summary& s) {
  return {{"choices", s.choices}, {"changed", s.changed}, {"mean_gain", s.mean_gain}, {"largest_gain", s.largest_gain}};
}

}  // namespace

int tune_devices(PluginRegistry& registry, const TuneArguments& arguments, const std::stop_token& stop) {
  std::vector<FoundDevice> devices;
  if (!arguments.device.empty()) {
    const auto found = registry.device(arguments.device);
    if (!found) return report(found.error());
    devices.push_back(*found);
  } else {
    std::set<std::filesystem::path> tables;  // devices of one kind share theirs
    for (const FoundDevice& found : registry.devices())
      if (found.capabilities.available && found.plugin->tune && tables.insert(registry.tuning(found).path).second) devices.push_back(found);
    if (devices.empty()) return report(Error{ErrorKind::not_found, "there is no device here that can be tuned (see 'devices')"});
  }
  const std::string specification = with_format(arguments.model);
  const auto model = open_model(specification);
  if (!model) return report(model.error());
  nlohmann::json json = {{"tuned", nlohmann::json::array()}};
  for (const FoundDevice& found : devices) {
    const auto outcome = tune(registry, found, *model, arguments, stop);
    if (!outcome) return report(outcome.error());
    const tm_tuning_summary& s = outcome->summary;
    nlohmann::json one = summary_json(s);
    one.update({{"device", found.capabilities.id}, {"model", specification}, {"file", outcome->path.string()}, {"left_out", s.left_out}, {"seconds", outcome->seconds}});
    json["tuned"].push_back(std::move(one));
    if (arguments.json) continue;
    fmt::print("{}: {} ({:.0f} s)\n", found.capabilities.id, changed_words(s), outcome->seconds);
    if (s.left_out > 0) fmt::print("{} were left out for lack of time or memory: they are as by default\n", s.left_out);
    fmt::print("{}\n", outcome->path.string());
  }
  if (arguments.json) fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  return kDone;
}

nlohmann::json tuning_json(const TuningFile& file) {
  if (file.path.empty()) return nullptr;
  nlohmann::json json = {{"file", file.path.string()}, {"state", file.text.empty() ? (file.why.empty() ? "none" : "set aside") : "used"}};
  if (!file.text.empty()) json.update(summary_json(file.summary));
  if (!file.why.empty()) json["why"] = file.why;
  return json;
}

std::string tuning_words(const std::string& device, const TuningFile& file) {
  if (file.path.empty()) return "";
  if (!file.text.empty()) return fmt::format("{}: tuned: {} ({})", device, changed_words(file.summary), file.path.string());
  if (!file.why.empty()) return fmt::format("{}: {}; 'devices --tune {}' makes a new one", device, file.why, device);
  return fmt::format("{}: not tuned; 'devices --tune {}' measures which kernels are fastest", device, device);
}

}  // namespace tokenmark::cli
