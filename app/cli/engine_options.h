// The options of the embedded engine, under the same names in every verb that starts one.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "engine/runtime/engine.h"

namespace tokenmark::cli {

inline constexpr const char* kDeviceHelp = "Device to run on (see 'devices'); several, as cuda:0,cuda:1 or cuda:0-3: the model is split over them";
inline constexpr const char* kReplicasHelp = "Copies of the model that share the devices equally, and the requests";
std::string kernels_help();  // of --kernels

void add_engine_options(CLI::App& verb, EngineOptions& options);
void add_kv_format_option(CLI::App& verb, Format& format);

// On standard error, where the device has a table of measured choices that could not be used.
void tell_tuning(const TuningFile& tuning);

}  // namespace tokenmark::cli
