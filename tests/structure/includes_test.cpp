// The one direction of dependency, checked: every include of the project points down, never up and never sideways
// between plugins; Qt stays in the window and its charts; sources stay readable in size.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

// What each folder may include besides itself. A longer prefix wins; "core" means everything below core/.
const std::map<std::string, std::vector<std::string>> kAllowed = {
    {"base", {}},
    {"resources", {"base"}},
    {"kernels", {"base"}},
    {"plugins/api", {"base"}},
    {"plugins/executor", {"plugins/api", "kernels", "base"}},
    {"plugins/cpu", {"plugins/api", "plugins/executor", "kernels", "base"}},
    {"plugins/gpu", {"plugins/api", "plugins/executor", "kernels", "base"}},
    {"plugins/cuda", {"plugins/gpu", "plugins/api", "plugins/executor", "kernels", "base"}},
    {"plugins/hip", {"plugins/gpu", "plugins/api", "plugins/executor", "kernels", "base"}},
    {"engine/tokenizer", {"base", "resources"}},
    {"engine/template", {"base"}},
    {"engine/model", {"engine/tokenizer", "kernels/formats", "plugins/api", "base", "resources"}},
    {"engine/runtime", {"engine/model", "engine/tokenizer", "kernels/formats", "plugins/api", "base", "resources"}},
    {"engine/server", {"engine/runtime", "engine/template", "engine/model", "engine/tokenizer", "plugins/api", "base", "resources"}},
    {"core/telemetry", {"plugins/api", "base"}},
    {"core/statistics", {"base"}},
    {"core/workload", {"core/statistics", "engine", "base", "resources"}},
    {"core/load", {"core/telemetry", "core/workload", "core/statistics", "engine", "base", "resources"}},
    {"core/metrics", {"core/telemetry", "core/statistics", "core/load", "core/workload", "base"}},
    {"core/quality", {"core/statistics", "core/load", "core/metrics", "core/workload", "engine", "base"}},
    {"core/download", {"core/load", "engine/model", "base"}},
    {"core/economics", {"base", "resources"}},
    {"core/store", {"engine/model", "core/statistics", "core/quality", "core/metrics", "core/load", "core/workload", "base"}},
    {"core/node", {"core/telemetry", "core/statistics", "core/quality", "core/load", "core/workload", "engine", "plugins/api", "kernels/formats", "base", "resources"}},
    {"core/sweep", {"core/telemetry", "core/statistics", "core/node", "core/store", "core/quality", "core/metrics", "core/load", "core/workload", "engine", "plugins/api", "kernels/formats", "base", "resources"}},
    {"core/exchange", {"core/store", "core/sweep", "core/economics", "core/quality", "core/metrics", "core/load", "core/workload", "core/statistics", "base", "resources"}},
    {"core/report", {"core/telemetry", "core/statistics", "core/store", "core/quality", "core/economics", "core/metrics", "core/load", "core/workload", "base", "resources"}},
    {"app/charts", {"core", "base", "resources"}},
    {"app/desktop", {"app/charts", "core", "base", "resources"}},
    {"app/cli", {"core", "engine", "plugins/api", "plugins/cpu", "kernels/formats", "base", "resources"}},
};

bool below(const std::string& path, const std::string& folder) { return path.starts_with(folder + "/"); }

// The rule that holds for a file: the longest folder of kAllowed that contains it.
std::string room_of(const std::string& path) {
  std::string room;
  for (const auto& [folder, allowed] : kAllowed)
    if (below(path, folder) && folder.size() > room.size()) room = folder;
  return room;
}

std::string forbidden(const std::string& file, const std::string& included) {
  const std::string room = room_of(file);
  if (room.empty()) return "lies in no folder of the architecture";
  if (below(included, room)) return {};
  for (const std::string& folder : kAllowed.at(room))
    if (below(included, folder)) return {};
  return "may not include " + included;
}

struct Include {
  std::string file, included;
  int line;
  bool quoted;
};

std::vector<std::string> sources() {
  std::vector<std::string> files;
  const fs::path root = TOKENMARK_SOURCE_DIR;
  for (const std::string top : {"base", "resources", "kernels", "plugins", "engine", "core", "app"})
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension();
      if (extension == ".h" || extension == ".cpp" || extension == ".c" || extension == ".inc")
        files.push_back(fs::relative(entry.path(), root));
    }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Include> includes() {
  static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> found;
  for (const std::string& file : sources()) {
    std::ifstream in(fs::path(TOKENMARK_SOURCE_DIR) / file);
    std::string line;
    for (int number = 1; std::getline(in, line); ++number)
      if (std::smatch match; std::regex_search(line, match, pattern))
        found.push_back({file, match[2], number, match[1] == "\""});
  }
  return found;
}

TEST(Structure, every_include_points_down) {
  const auto all = includes();
  ASSERT_GT(all.size(), 100u) << "the walk found no sources";
  for (const Include& include : all) {
    if (!include.quoted || include.included.find('/') == std::string::npos) continue;
    const std::string why = forbidden(include.file, include.included);
    EXPECT_TRUE(why.empty()) << include.file << ":" << include.line << ": " << why;
  }
}

TEST(Structure, a_quoted_include_names_its_path_from_the_root) {
  static const std::set<std::string> generated_endings = {".moc"};
  for (const Include& include : includes()) {
    if (!include.quoted || generated_endings.contains(fs::path(include.included).extension())) continue;
    EXPECT_TRUE(fs::exists(fs::path(TOKENMARK_SOURCE_DIR) / include.included))
        << include.file << ":" << include.line << ": no file " << include.included;
  }
}

TEST(Structure, qt_stays_in_the_window_and_its_charts) {
  static const std::regex qt(R"(^(Q[A-Z]\w*|qcustomplot\.h|Qt\w+/.*)$)");
  for (const Include& include : includes())
    if (std::regex_match(include.included, qt)) {
      EXPECT_TRUE(below(include.file, "app/desktop") || below(include.file, "app/charts"))
          << include.file << ":" << include.line << " includes " << include.included;
    }
}

TEST(Structure, gpu_vendors_headers_are_included_nowhere) {
  static const std::regex vendor(R"(^(cuda|hip/|nvml|rocm_smi|amd_smi).*)");
  for (const Include& include : includes())
    EXPECT_FALSE(!include.quoted && std::regex_match(include.included, vendor))
        << include.file << ":" << include.line << " includes " << include.included;
}

// The test itself: each kind of forbidden edge is recognised as one.
TEST(Structure, forbidden_edges_are_recognised) {
  EXPECT_FALSE(forbidden("engine/model/gguf.cpp", "core/load/load.h").empty());          // up
  EXPECT_FALSE(forbidden("plugins/cpu/device.cpp", "plugins/cuda/device.h").empty());    // sideways
  EXPECT_FALSE(forbidden("kernels/cpu/matmul.cpp", "plugins/api/plugin.h").empty());     // up
  EXPECT_FALSE(forbidden("core/store/store.cpp", "app/cli/verb.h").empty());             // up
  EXPECT_FALSE(forbidden("core/node/agent.cpp", "core/sweep/sweep.h").empty());          // up inside core
  EXPECT_FALSE(forbidden("core/node/agent.cpp", "plugins/cpu/cpu_plugin.h").empty());    // past the ABI
  EXPECT_FALSE(forbidden("app/desktop/window.cpp", "engine/runtime/engine.h").empty());  // the engine runs elsewhere
  EXPECT_FALSE(forbidden("attic/old.cpp", "base/result.h").empty());                     // no room
  EXPECT_TRUE(forbidden("core/load/load.cpp", "engine/runtime/engine.h").empty());
  EXPECT_TRUE(forbidden("app/desktop/window.cpp", "core/store/store.h").empty());
}

}  // namespace
