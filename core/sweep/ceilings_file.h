// What `devices --calibrate` measured of this machine's devices, kept for estimates: $XDG_CACHE_HOME/tokenmark/
// ceilings.json, or below ~/.cache. A cache: absent or damaged it is empty, and writing it may fail without harm.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/result.h"

namespace tokenmark {

struct DeviceCeilings {
  double memory_gb_s = 0;      // 10⁹ B/s
  double arithmetic_gop_s = 0;  // the highest of all formats, 10⁹ operations/s
};

std::filesystem::path ceilings_path();  // empty: the environment names no folder
std::map<std::string, DeviceCeilings> read_ceilings(const std::filesystem::path& file);  // by device id
// Those of the same devices are replaced, others stay.
Status keep_ceilings(const std::filesystem::path& file, const std::map<std::string, DeviceCeilings>& measured);

}  // namespace tokenmark
