#include "plugins/gpu/gpu_device.h"

#include <charconv>
#include <chrono>
#include <fstream>

#include "plugins/api/device_ids.h"
#include "plugins/executor/capabilities.h"
#include "plugins/gpu/executor.h"
#include "plugins/gpu/tuner.h"

namespace tokenmark::gpu {
namespace {

using executor::copy_text;
using executor::format_bits;

tm_device_capabilities unavailable(const std::string& id, const std::string& name, const std::string& why) {
  tm_device_capabilities c{};
  c.size = sizeof c;
  c.version = TM_ABI_VERSION;
  copy_text(c.id, id);
  copy_text(c.name, name);
  copy_text(c.why, why);
  return c;
}

tm_device_capabilities described(const std::string& id, const VendorDevice& device) {
  tm_device_capabilities c = unavailable(id, device.facts.name, device.unusable);
  copy_text(c.pci_id, device.facts.pci_id);
  c.available = device.unusable.empty();
  c.memory_bytes = device.facts.memory_bytes;
  c.native_formats = format_bits({TM_BF16});
  c.emulated_formats = format_bits({TM_F32, TM_F16, TM_Q4_0, TM_Q8_0, TM_Q4_K, TM_Q5_K, TM_Q6_K, TM_MXFP4, TM_MXFP6, TM_FP8});
  c.peak_memory_gb_s = device.peak_memory_gb_s;
  c.peak_bf16_tflop_s = device.peak_bf16_tflop_s;
  c.wave_size = device.facts.wave;
  c.compute_units = device.facts.compute_units;
  c.async_depth = kStepsInFlight - 1;
  return c;
}

}  // namespace

std::string driver_text(const char* title, int major, int minor, const char* module) {
  std::string text = fmt::format("{} {}.{}", title, major, minor), version;
  if (std::ifstream file(fmt::format("/sys/module/{}/version", module)); std::getline(file, version) && !version.empty())
    text += ", module " + version.substr(0, 64);
  return text;
}

std::vector<tm_device_capabilities> capabilities_of(const char* plugin, const char* title, Vendor& vendor) {
  const auto devices = vendor.devices();
  if (!devices) return {unavailable(plugin, title, devices.error().message)};
  if (devices->empty()) return {unavailable(plugin, title, "the driver is there but knows no device")};
  std::vector<tm_device_capabilities> all;
  for (std::size_t i = 0; i < devices->size(); ++i) all.push_back(described(fmt::format("{}:{}", plugin, i), (*devices)[i]));
  return all;
}

namespace {

Result<std::size_t> number_of(const std::string& id, const char* plugin, std::size_t devices) {
  const std::string prefix = std::string(plugin) + ":";
  std::size_t number = 0;
  const bool numbered = id.starts_with(prefix) &&
                        std::from_chars(id.data() + prefix.size(), id.data() + id.size(), number).ptr == id.data() + id.size();
  if (numbered && number < devices) return number;
  return fail(ErrorKind::not_found, "the plugin '{}' has no device '{}'; there are {}: {}0 and on", plugin, id, devices, prefix);
}

// Ranks compute the same things side by side, and must come to the same.
Status check_alike(const std::vector<std::unique_ptr<Gpu>>& gpus, const std::vector<std::string>& ids) {
  for (std::size_t r = 1; r < gpus.size(); ++r) {
    const GpuFacts &first = gpus[0]->facts(), &other = gpus[r]->facts();
    if (other.name != first.name || other.architecture != first.architecture || other.compute_units != first.compute_units)
      return fail(ErrorKind::invalid_input, "{} is {} ({}, {} units) and {} is {} ({}, {} units): a model is split over equal GPUs only", ids[0], first.name,
                  first.architecture, first.compute_units, ids[r], other.name, other.architecture, other.compute_units);
  }
  return {};
}

Result<std::unique_ptr<RankSums>> link(const std::vector<std::unique_ptr<Gpu>>& gpus, Vendor& vendor, const std::vector<std::size_t>& numbers,
                                       const std::vector<std::string>& ids) {
  GroupLinks links{.see_each_other = true, .library = vendor.sum_library(), .devices = {numbers.begin(), numbers.end()}, .ids = ids};
  for (const std::size_t from : numbers)
    for (const std::size_t to : numbers) {
      if (from == to || !links.see_each_other) continue;
      TOKENMARK_TRY(links.see_each_other, vendor.let_see(from, to));
    }
  std::vector<Gpu*> ranks;
  for (const auto& gpu : gpus) ranks.push_back(gpu.get());
  return RankSums::make(ranks, std::move(links));
}

tm_tuning_summary summary_of(const TuningTable& table, std::uint32_t left_out) {
  const TuningSummary s = summarize(table);
  return {sizeof(tm_tuning_summary), TM_ABI_VERSION, s.choices, s.changed, left_out, s.mean_gain, s.largest_gain};
}

}  // namespace

Result<std::unique_ptr<Device>> open_device(const char* plugin, Vendor& vendor, const std::string& id) {
  TOKENMARK_TRY(const std::vector<std::string> ids, device_ids(id));
  TOKENMARK_TRY(const std::vector<VendorDevice> devices, vendor.devices());
  auto device = std::make_unique<Device>();
  std::vector<std::size_t> numbers;
  for (const std::string& one : ids) {
    TOKENMARK_TRY(const std::size_t number, number_of(one, plugin, devices.size()));
    TOKENMARK_TRY(auto gpu, vendor.open(number));
    device->gpus.push_back(std::move(gpu));
    numbers.push_back(number);
  }
  if (ids.size() == 1) return device;
  TOKENMARK_CHECK(check_alike(device->gpus, ids));
  TOKENMARK_TRY(device->sums, link(device->gpus, vendor, numbers, ids));
  return device;
}

Status tune_device(Device& device, const tm_model& model, const tm_weight_source& source, const tm_executor_options& options, const tm_tuning_request& r) {
  const std::lock_guard lock(device.busy);
  const TuningHead head = tuning_head(device.gpus.front()->facts());
  TuningRequest request{.seconds = r.seconds, .now = [] { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }};
  if (r.progress)
    request.progress = [&r](double share, const std::string& what) -> Status {
      if (r.progress(r.context, share, what.c_str()) == 0) return {};
      return fail(ErrorKind::cancelled, "tuning was stopped at {}", what);
    };
  TOKENMARK_TRY(const Tuned tuned, tune(*device.gpus.front(), model, source, options, request));
  TuningTable all;
  if (r.known)
    if (auto known = read_table(r.known, head)) all = std::move(*known);  // one that is stale is replaced
  merge(all, tuned.table);
  const tm_tuning_summary summary = summary_of(tuned.table, tuned.left_out);
  r.done(r.context, table_text(head, all).c_str(), &summary);
  return {};
}

Result<tm_tuning_summary> check_table(const char* plugin, Vendor& vendor, const std::string& id, const char* table) {
  TOKENMARK_TRY(const std::vector<VendorDevice> devices, vendor.devices());
  TOKENMARK_TRY(const std::size_t number, number_of(id, plugin, devices.size()));
  TOKENMARK_TRY(const TuningTable read, read_table(table, tuning_head(devices[number].facts)));
  return summary_of(read, 0);
}

}  // namespace tokenmark::gpu
