// How much memory this process may still take: what the machine has, and what control groups leave.
#pragma once

#include <cstdint>
#include <string>

namespace tokenmark {

// Bytes, by the system's own estimate; 0 if it does not say. Cached file pages count as free, since they are given up
// when asked for: a model that was just mapped does not take the room of its own weights. `root`: where the system's
// /proc and /sys are.
std::uint64_t available_memory_bytes(const std::string& root = {});

}  // namespace tokenmark
