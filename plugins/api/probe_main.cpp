// tokenmark-plugin-probe FILE: opens a plugin, asks for its table and its devices, and reports each stage on
// standard output. Started by probe_plugin (probe.h), whose time limit and process group hold it.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "plugins/api/plugin_table.h"

namespace {

int report_to = STDOUT_FILENO;

void report(const std::string& text) {
  std::string line = text;
  for (char& c : line)
    if (c == '\n') c = ' ';
  line += '\n';
  [[maybe_unused]] const auto written = write(report_to, line.data(), line.size());
}

int refuse(const std::string& why) {
  report("refused: " + why);
  _exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace tokenmark;
  if (argc != 2) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  // What the library prints must not look like a report.
  report_to = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);

  report("loading");
  void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* why = dlerror();
    return refuse(std::string("it cannot be loaded: ") + (why ? why : "the loader gives no reason"));
  }
  report("querying its table");
  const auto query = plugin_table::entry(library);
  if (!query) return refuse(query.error().message);
  const auto table = plugin_table::query(*query);
  if (!table) return refuse(table.error().message);
  report("listing its devices");
  const auto devices = plugin_table::enumerate(*table);
  if (!devices) return refuse(devices.error().message);
  report("ok");
  _exit(0);  // without the library's destructors: only loading is probed
}
