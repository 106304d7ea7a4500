// Which process measures a run, so that another one can tell later whether it still lives: host, boot,
// process id and the process's start time (ids are used again).
#pragma once

#include <string>

namespace tokenmark {

std::string this_process();  // "host boot-id pid start"
// True where the process is known to be gone; false for living ones and for those of other hosts.
bool process_is_gone(const std::string& owner);

}  // namespace tokenmark
