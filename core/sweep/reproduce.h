// How a measured point is measured again: as a sweep file, as one line for a shell, and with what its server was started.
// Each is there or has a reason why it is not. Pure functions, any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/node/node.h"
#include "core/quality/task.h"
#include "core/workload/point.h"

namespace tokenmark {

// What was measured, as far as it is known.
struct MeasuredPoint {
  std::string name;                  // of the sweep to write; may be empty
  Point point;
  std::int32_t repeats = 1;          // of the point in its sweep
  Node node;
  std::vector<QualityTask> quality;  // evaluated beside it
  std::string source;                // "measured", "import: FORMAT", "sample: …"
};

// A text, or why there is none.
struct Recipe {
  std::string text, why_not;
  bool operator==(const Recipe&) const = default;
};

struct Reproduction {
  Recipe sweep;                      // a sweep file: parse_sweep gives the same point, its repeats, node and tasks
  Recipe command;                    // for sh: runs that sweep with tokenmark-cli
  Recipe server;                     // for sh: starts the server that was measured
  bool operator==(const Reproduction&) const = default;
};

// `environment`: as stored with the run; null: none.
Reproduction reproduce(const MeasuredPoint& measured, const nlohmann::json& environment);

// Only what differs from the defaults, a section a line. An error where no sweep file can say it.
Recipe sweep_file(const MeasuredPoint& measured);

// A word of a POSIX shell, quoted where it must be.
std::string sh_quoted(std::string_view word);

}  // namespace tokenmark
