#include <unistd.h>

#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/node/agent.h"
#include "plugins/api/registry.h"
#include "plugins/cpu/cpu_plugin.h"

namespace tokenmark::cli {
namespace {

int agent() {
  // The protocol keeps standard output for itself: whatever else prints there goes to standard error.
  const int out = dup(STDOUT_FILENO);
  if (out < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
    return report_usage("agent: standard output and standard error must be open");
  PluginRegistry plugins({default_plugin_folders()});
  plugins.add(tokenmark_cpu_plugin_query);
  const Status served = serve_agent(STDIN_FILENO, out, plugins);
  close(out);
  return served ? kDone : report(served.error());
}

}  // namespace

void add_agent(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand(
      "agent", "The node agent: runs points for another Tokenmark over standard input and output");
  verb->footer(
      "Example: tokenmark-cli agent   (started by `run`, by the workbench, or over ssh; not for people)");
  verb->callback([&context] { context.action = agent; });
}

}  // namespace tokenmark::cli
