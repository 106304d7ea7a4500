// Tries a shared library in a child process, so that one that crashes, hangs or ends the process takes only the
// child down. The child is the small program `tokenmark-plugin-probe` (posix_spawn: forking a process with threads
// and then running foreign code in the copy would be neither safe nor like a real start).
// Blocks the caller up to `limit`; any thread.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/result.h"

namespace tokenmark {

// `program`: the probe to run. Fails with what happened and during what: loading, querying, listing devices.
Status probe_plugin(const std::filesystem::path& program, const std::filesystem::path& file,
                    std::chrono::milliseconds limit);

// Where the probe lies: beside this program, or in ../lib/tokenmark/ of it.
std::filesystem::path default_probe_program();

// The folder of the running program.
std::filesystem::path program_folder();

}  // namespace tokenmark
