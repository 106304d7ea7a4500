#include <nlohmann/json.hpp>
#include <optional>

#include "app/cli/bench.h"
#include "app/cli/devices_tune.h"
#include "app/cli/engine_options.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/sweep/ceilings_file.h"
#include "core/telemetry/meters.h"
#include "kernels/formats/format.h"
#include "plugins/api/registry.h"
#include "plugins/cpu/cpu_plugin.h"

namespace tokenmark::cli {
namespace {

struct Arguments {
  bool calibrate = false, json = false, tune = false;
  TuneArguments tuning;
};

struct Row {
  FoundDevice device;
  std::optional<tm_ceilings> ceilings;
  std::string calibration_error;
  TuningFile tuning;
};

constexpr const char* kOptionalPlugins[] = {"cuda", "hip"};

void calibrate(Row& row) {
  const tm_plugin& plugin = *row.device.plugin;
  if (!plugin.calibrate) {
    row.calibration_error = "this device measures no ceilings";
    return;
  }
  tm_device* device = nullptr;
  tm_ceilings ceilings{};
  ceilings.size = sizeof ceilings;
  ceilings.version = TM_ABI_VERSION;
  const bool measured = plugin.open_device(row.device.capabilities.id, nullptr, &device) == TM_OK &&
                        plugin.calibrate(device, &ceilings) == TM_OK;
  if (measured) row.ceilings = ceilings;
  else row.calibration_error = plugin.last_error();
  if (device) plugin.close_device(device);
}

void keep_for_estimates(const std::vector<Row>& rows) {
  std::map<std::string, DeviceCeilings> measured;
  for (const Row& row : rows)
    if (const auto& c = row.ceilings)
      measured[row.device.capabilities.id] = {c->memory_gb_s, std::max({c->f32_gflop_s, c->bf16_gflop_s, c->int8_gop_s, c->matrix_bf16_gflop_s, c->matrix_int8_gop_s})};
  if (measured.empty()) return;
  if (const Status kept = keep_ceilings(ceilings_path(), measured); !kept) fmt::print(stderr, "{}\n", kept.error().message);
}

// Plugins that are not there at all; those that are and cannot be used are in the registry with their reason.
std::vector<LoadedPlugin> missing_plugins(PluginRegistry& registry, const RegistryOptions& options) {
  std::vector<LoadedPlugin> missing;
  for (const std::string name : kOptionalPlugins) {
    const auto is_it = [&](const LoadedPlugin& plugin) {
      return plugin.name == name || plugin.name == "tokenmark-plugin-" + name;
    };
    if (std::any_of(registry.plugins().begin(), registry.plugins().end(), is_it)) continue;
    std::string folders;
    for (const auto& folder : options.folders) folders += (folders.empty() ? "" : ", ") + folder.string();
    missing.push_back({name, {}, nullptr, fmt::format("not built or not found: no tokenmark-plugin-{}.so in {}", name, folders)});
  }
  return missing;
}

std::vector<std::string> format_names(std::uint64_t bits) {
  std::vector<std::string> names;
  for (std::uint32_t number = 0; number < 64; ++number)
    if (bits >> number & 1)
      if (const auto format = format_from_number(number)) names.emplace_back(format_name(*format));
  return names;
}

nlohmann::json to_json(const Row& row) {
  const auto& c = row.device.capabilities;
  nlohmann::json json = {{"id", c.id},
                         {"plugin", row.device.plugin->name},
                         {"name", c.name},
                         {"available", c.available != 0},
                         {"memory_bytes", c.memory_bytes},
                         {"native_formats", format_names(c.native_formats)},
                         {"emulated_formats", format_names(c.emulated_formats)},
                         {"wave_size", c.wave_size},
                         {"compute_units", c.compute_units}};
  if (!c.available) json["why"] = c.why;
  if (c.pci_id[0]) json["pci_id"] = c.pci_id;
  if (c.peak_memory_gb_s > 0) json["peak_memory_gb_s"] = c.peak_memory_gb_s;
  if (c.peak_bf16_tflop_s > 0) json["peak_bf16_tflop_s"] = c.peak_bf16_tflop_s;
  if (row.ceilings)
    json["ceilings"] = {{"memory_gb_s", row.ceilings->memory_gb_s},
                        {"f32_gflop_s", row.ceilings->f32_gflop_s},
                        {"bf16_gflop_s", row.ceilings->bf16_gflop_s},
                        {"int8_gop_s", row.ceilings->int8_gop_s},
                        {"matrix_bf16_gflop_s", row.ceilings->matrix_bf16_gflop_s},
                        {"matrix_int8_gop_s", row.ceilings->matrix_int8_gop_s}};
  if (!row.calibration_error.empty()) json["calibration_error"] = row.calibration_error;
  if (c.available && !row.tuning.path.empty()) json["tuning"] = tuning_json(row.tuning);
  return json;
}

nlohmann::json to_json(const LoadedPlugin& plugin) {
  nlohmann::json json = {{"name", plugin.name}, {"loaded", plugin.table != nullptr}};
  if (!plugin.file.empty()) json["file"] = plugin.file.string();
  if (plugin.table && plugin.table->build) json["build"] = plugin.table->build;
  if (!plugin.why.empty()) json["why"] = plugin.why;
  return json;
}

// One look at all that can be metered.
Metering look_at_meters() {
  const auto meters = Meters::open();
  meters->start([](const MeteredDevice&) { return Meters::Role::beside; }, std::chrono::seconds(1));
  return meters->stop();
}

// The last value of a series that is there: the first reading of a counter tells no power, but the last may.
std::optional<double> last_value(const MeterSeries& series, Quantity quantity) {
  for (auto reading = series.readings.rbegin(); reading != series.readings.rend(); ++reading)
    if (const auto value = reading->get(quantity)) return value;
  return std::nullopt;
}

nlohmann::json to_json(const Metering& metering) {
  nlohmann::json json = {{"found", nlohmann::json::array()}, {"missing", nlohmann::json::array()}};
  for (const MeterSeries& series : metering.series) {
    const MeteredDevice& d = series.device;
    nlohmann::json one = {{"source", d.source}, {"kind", metered_kind_name(d.kind)}, {"id", d.id}, {"name", d.name}};
    if (!d.note.empty()) one["note"] = d.note;
    if (d.shared) one["shared"] = true;
    if (d.least_window_s > 0) one["least_window_s"] = d.least_window_s;
    for (std::size_t q = 0; q < kQuantities; ++q)
      if (const auto value = last_value(series, static_cast<Quantity>(q))) one["reads"][std::string(quantity_name(static_cast<Quantity>(q)))] = *value;
    json["found"].push_back(std::move(one));
  }
  for (const auto& [source, why] : metering.missing) json["missing"].push_back({{"source", source}, {"why", why}});
  return json;
}

std::string reads(const MeterSeries& series) {
  std::string text;
  const auto add = [&](Quantity quantity, const char* unit, double factor = 1) {
    if (const auto value = last_value(series, quantity)) text += fmt::format("{}{:.4g} {}", text.empty() ? "" : ", ", *value * factor, unit);
  };
  add(Quantity::power_w, "W");
  if (last_value(series, Quantity::energy_j)) text += text.empty() ? "energy counter" : ", energy counter";
  add(Quantity::busy_share, "% busy", 100);
  add(Quantity::core_mhz, "MHz");
  add(Quantity::temperature_c, "°C");
  return text;
}

void print_meters(const Metering& metering) {
  std::vector<std::vector<std::string>> cells;
  for (const MeterSeries& series : metering.series) {
    const MeteredDevice& d = series.device;
    cells.push_back({d.source, d.id, d.name, reads(series) + (d.note.empty() ? "" : "; " + d.note)});
  }
  for (const auto& [source, why] : metering.missing) cells.push_back({source, "", "", why});
  fmt::print("\n{}", table({"meter", "device", "name", "reads, or why not"}, cells));
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

void print_tables(const std::vector<Row>& rows, const std::vector<LoadedPlugin>& plugins) {
  std::vector<std::vector<std::string>> cells;
  for (const Row& row : rows) {
    const auto& c = row.device.capabilities;
    cells.push_back({c.id, c.name, fmt::format("{:.1f} GiB", static_cast<double>(c.memory_bytes) / (1u << 30)),
                     joined(format_names(c.native_formats)), joined(format_names(c.emulated_formats)),
                     c.available ? "available" : std::string("not available: ") + c.why});
  }
  fmt::print("{}", table({"device", "name", "memory", "native", "converted", "state"}, cells));
  for (const Row& row : rows) {
    if (row.ceilings)
      fmt::print("\n{}: {} (measured now)\n", row.device.capabilities.id, in_words(*row.ceilings));
    else if (!row.calibration_error.empty())
      fmt::print("\n{}: {}\n", row.device.capabilities.id, row.calibration_error);
    if (row.device.capabilities.available && !row.tuning.path.empty()) fmt::print("\n{}\n", tuning_words(row.device.capabilities.id, row.tuning));
  }
  cells.clear();
  for (const LoadedPlugin& plugin : plugins)
    cells.push_back({plugin.name, plugin.table ? "loaded" : plugin.why,
                     plugin.file.empty() ? (plugin.table ? "linked in" : "") : plugin.file.string()});
  fmt::print("\n{}", table({"plugin", "state", "file"}, cells));
}

int devices(const Arguments& arguments, const std::stop_token& stop) {
  const RegistryOptions options{default_plugin_folders()};
  PluginRegistry registry(options);
  registry.add(tokenmark_cpu_plugin_query);
  if (arguments.tune) return tune_devices(registry, arguments.tuning, stop);
  std::vector<Row> rows;
  for (const FoundDevice& found : registry.devices()) {
    rows.push_back({found, std::nullopt, {}, registry.tuning(found)});
    if (arguments.calibrate && found.capabilities.available) calibrate(rows.back());
  }
  if (arguments.calibrate) keep_for_estimates(rows);
  std::vector<LoadedPlugin> plugins = registry.plugins();
  for (auto& plugin : missing_plugins(registry, options)) plugins.push_back(std::move(plugin));
  const Metering metering = look_at_meters();
  if (!arguments.json) {
    print_tables(rows, plugins);
    print_meters(metering);
    return kDone;
  }
  nlohmann::json json = {{"devices", nlohmann::json::array()}, {"plugins", nlohmann::json::array()}};
  for (const Row& row : rows) json["devices"].push_back(to_json(row));
  for (const LoadedPlugin& plugin : plugins) json["plugins"].push_back(to_json(plugin));
  json["meters"] = to_json(metering);
  fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  return kDone;
}

}  // namespace

void add_devices(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("devices", "Devices, plugins and meters of power, what they can do, and why one cannot be used");
  verb->add_flag("--calibrate", arguments->calibrate, "Measure bandwidth and compute ceilings now (some seconds)");
  verb->add_flag("--json", arguments->json, "One JSON document on standard output");
  TuneArguments& tuning = arguments->tuning;
  auto* tune = verb->add_option("--tune", tuning.device, "Measure which kernels of a GPU are fastest for a model, and use them from now on (default: one of each kind)")
                   ->expected(0, 1)->excludes("--calibrate");
  verb->add_option("--model", tuning.model, "Whose shapes to tune for: a file, shape:NAME or shape:NAME:FORMAT")->capture_default_str()->needs(tune)->group("Tuning");
  verb->add_option("--seconds", tuning.seconds, "At most, about, for each device")->check(CLI::Range(1.0, 86400.0))->capture_default_str()->needs(tune)->group("Tuning");
  add_kv_format_option(*verb, tuning.kv_format);
  verb->footer("Examples: tokenmark-cli devices --calibrate\n          tokenmark-cli devices --tune cuda:0 --model shape:llama-3.1-8b:q4_0");
  verb->callback([arguments, tune, &context] {
    arguments->tune = tune->count() > 0;
    arguments->tuning.json = arguments->json;
    context.action = [arguments, &context] { return devices(*arguments, context.stop); };
  });
}

}  // namespace tokenmark::cli
