// The sweeps that come with the program (resources/sweeps), in the order in which they are offered. The comment at the top of
// a file says what it is for. Pure; any thread.
#pragma once

#include <string>
#include <vector>

namespace tokenmark {

struct BuiltinSweep {
  std::string name;         // "chat": builtin:chat
  std::string title;        // what the file names itself: "Chat, 1k in and 1k out"
  std::string about;        // its comment
  std::string yaml;
};

const std::vector<BuiltinSweep>& builtin_sweeps();

}  // namespace tokenmark
