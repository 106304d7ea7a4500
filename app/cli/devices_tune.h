// `devices --tune`: measures which kernels are fastest on a GPU and keeps what it found where engines look for it.
#pragma once

#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>

#include "kernels/formats/format.h"
#include "plugins/api/registry.h"

namespace tokenmark::cli {

struct TuneArguments {
  std::string device;                          // empty: all that can be tuned, one of each kind
  std::string model = "shape:llama-3.1-8b";    // a shape without a format: bf16
  double seconds = 120;                        // for each device
  Format kv_format = Format::f16;
  bool json = false;
};
int tune_devices(PluginRegistry& registry, const TuneArguments& arguments, const std::stop_token& stop);

// Whether a device has a table that is used, in JSON and in words; null and empty: its plugin does not tune.
nlohmann::json tuning_json(const TuningFile& file);
std::string tuning_words(const std::string& device, const TuningFile& file);

}  // namespace tokenmark::cli
