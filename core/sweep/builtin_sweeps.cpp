#include "core/sweep/builtin_sweeps.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "resources/resources.h"

namespace tokenmark {
namespace {

// Those that most people begin with; others follow by name.
constexpr std::string_view kFirst[] = {"quick", "chat", "reasoning", "summarisation", "server", "rates"};

std::size_t place(const std::string& name) { return static_cast<std::size_t>(std::find(std::begin(kFirst), std::end(kFirst), name) - std::begin(kFirst)); }

BuiltinSweep read(std::string_view path) {
  BuiltinSweep sweep{.name = std::filesystem::path(path).stem(), .title = {}, .about = {}, .yaml = std::string(resource(path))};
  std::istringstream lines(sweep.yaml);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ")) sweep.about.append(sweep.about.empty() ? "" : " ").append(line, 2);
    if (line.starts_with("name: ")) sweep.title = line.substr(6);
  }
  return sweep;
}

}  // namespace

const std::vector<BuiltinSweep>& builtin_sweeps() {
  static const std::vector<BuiltinSweep> kAll = [] {
    std::vector<BuiltinSweep> all;
    for (const std::string_view path : resource_paths("sweeps/")) all.push_back(read(path));
    std::sort(all.begin(), all.end(), [](const BuiltinSweep& a, const BuiltinSweep& b) {
      return std::pair(place(a.name), a.name) < std::pair(place(b.name), b.name);
    });
    return all;
  }();
  return kAll;
}

}  // namespace tokenmark
