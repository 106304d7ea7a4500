// What this program is: release, commit and build, for --version, the environment of runs, and servers' headers.
#pragma once

#include <string_view>

namespace tokenmark {

std::string_view version();            // "0.1.0"
std::string_view commit();             // "a1b2c3d4e5f6", "+" appended for a changed tree, "unknown" outside git
std::string_view build_description();  // "Release, GNU 12.2.0"

}  // namespace tokenmark
