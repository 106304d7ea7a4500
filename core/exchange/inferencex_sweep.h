// InferenceX's sweep definitions (a master YAML: an entry a configuration) as sweep files of this program. Each group of
// its search space is a server of its own, so it becomes a sweep file of its own, for a server that already runs so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokenmark {

struct SweepWanted {
  std::string key;                       // of the entry: "gptoss-fp4-h200-vllm"
  std::string url;                       // where the server is
  std::int32_t input = 0, output = 0, gpus = 0;  // only groups with these; 0: all
};

struct ConvertedSweep {
  std::string name;                      // "gptoss-fp4-h200-vllm-1024-1024-tp8": also good for a file
  std::string yaml;                      // a sweep file that parse_sweep takes
};

// Concurrency doubles from conc-start to conc-end and always includes the end. At least one sweep comes back.
Result<std::vector<ConvertedSweep>> convert_inferencex_sweeps(std::string_view master_yaml, const std::string& file, const SweepWanted& wanted);

}  // namespace tokenmark
