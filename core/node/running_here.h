// What runs on this machine now, for those who want to measure on it: the programs of this project, and how busy the
// processors are. From /proc; what cannot be read is absent.
//   {"load_average": [1.2, 0.9, 0.7], "cpus": 16,
//    "running": [{"pid": 4711, "program": "tokenmark-cli", "verb": "agent", "user": 1000, "since_s": 12}]}
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace tokenmark {

nlohmann::json running_here();  // without this process and its parents

}  // namespace tokenmark
