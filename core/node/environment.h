// Facts of the machine this process runs on, stored with every run: CPU, caches, memory, kernel, governor,
// compiler, program version and commit. What cannot be read is absent.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace tokenmark {

nlohmann::json environment();

}  // namespace tokenmark
