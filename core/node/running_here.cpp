#include "core/node/running_here.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <thread>

namespace tokenmark {
namespace {

using nlohmann::json;

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Fields of /proc/PID/stat behind the name, which may hold spaces and brackets: [0] is the state, [1] the parent,
// [19] the start in ticks since the boot (proc(5)).
std::vector<std::string> stat_fields(const std::string& pid) {
  const std::string stat = content("/proc/" + pid + "/stat");
  const auto name_end = stat.rfind(')');
  std::vector<std::string> fields;
  if (name_end == std::string::npos) return fields;
  std::istringstream rest(stat.substr(name_end + 1));
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

std::set<std::string> this_and_parents() {
  std::set<std::string> pids;
  for (std::string pid = std::to_string(getpid()); pid != "0" && pids.insert(pid).second;) {
    const auto fields = stat_fields(pid);
    if (fields.size() < 2) break;
    pid = fields[1];
  }
  return pids;
}

json process(const std::string& pid, const std::string& program, double uptime_s) {
  json one = {{"pid", std::stol(pid)}, {"program", program}};
  const std::string line = content("/proc/" + pid + "/cmdline");  // arguments, each ended by a zero byte
  if (const auto first = line.find('\0'); first != std::string::npos && first + 1 < line.size())
    one["verb"] = std::string(line.c_str() + first + 1).substr(0, 40);
  struct stat folder {};
  if (stat(("/proc/" + pid).c_str(), &folder) == 0) one["user"] = folder.st_uid;
  if (const auto fields = stat_fields(pid); fields.size() > 19 && uptime_s > 0)
    one["since_s"] = uptime_s - std::strtod(fields[19].c_str(), nullptr) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return one;
}

}  // namespace

json running_here() {
  json here = {{"running", json::array()}, {"cpus", std::thread::hardware_concurrency()}};
  double load[3];
  if (getloadavg(load, 3) == 3) here["load_average"] = {load[0], load[1], load[2]};
  double uptime_s = 0;
  std::ifstream("/proc/uptime") >> uptime_s;
  const std::set<std::string> own = this_and_parents();
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string pid = entry.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos || own.contains(pid)) continue;
    std::string name = content("/proc/" + pid + "/comm");
    if (!name.empty() && name.back() == '\n') name.pop_back();
    if (name != "tokenmark-cli" && name != "tokenmark") continue;
    json one = process(pid, name, uptime_s);
    if (one.value("verb", "") != "node") here["running"].push_back(std::move(one));  // those only look, as this one
  }
  return here;
}

}  // namespace tokenmark
