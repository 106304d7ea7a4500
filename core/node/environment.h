// Facts of the machine this process runs on, stored with every run: CPU, caches, memory, kernel, governor,
// compiler, program version and commit, what was metered and what not. What cannot be read is absent.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

namespace tokenmark {

struct Metering;

nlohmann::json environment();
// Versions of the GPUs' drivers and of ROCm as the files below `root` say: {"nvidia_driver": "570.86.15",
// "amdgpu_driver": …, "rocm_version": …}.
nlohmann::json gpu_software(const std::filesystem::path& root = "/");
// {"every_s": …, "metered": [{"source", "id", "name", "kind", "computes", …}], "not_metered": [{"source", "why"}]}
nlohmann::json metering_environment(const Metering& metering);

}  // namespace tokenmark
