#include "core/store/owner.h"

#include <fmt/core.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace tokenmark {
namespace {

std::string host() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return *name ? name : "unknown";
}

std::string boot() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  return id.empty() ? "unknown" : id;
}

// Field 22 of /proc/PID/stat; the name in field 2 may hold spaces and brackets, so count from its last one.
// Empty for a process that does not exist or is a zombie.
std::string start_time(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(stat.substr(name_end + 1));
  std::string field, state;
  rest >> state;
  for (int i = 4; i <= 22; ++i) rest >> field;
  return state == "Z" || state == "X" ? "" : field;
}

}  // namespace

std::string this_process() {
  const std::string pid = std::to_string(getpid());
  return fmt::format("{} {} {} {}", host(), boot(), pid, start_time(pid));
}

bool process_is_gone(const std::string& owner) {
  std::istringstream in(owner);
  std::string owner_host, owner_boot, pid, start;
  in >> owner_host >> owner_boot >> pid >> start;
  if (owner_host != host()) return false;
  return owner_boot != boot() || start_time(pid) != start;
}

}  // namespace tokenmark
