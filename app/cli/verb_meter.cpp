#include <unistd.h>

#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/telemetry/meter_process.h"

namespace tokenmark::cli {
namespace {

int meter(const std::string& name) {
  const MeterSource* source = find_meter_source(name);
  if (source == nullptr) return report_usage(fmt::format("meter: '{}' is no source of readings", name));
  // The protocol keeps standard output for itself: vendors' libraries print what they like.
  const int out = dup(STDOUT_FILENO);
  if (out < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return report_usage("meter: standard output and standard error must be open");
  const auto places = configured_places();
  if (!places) return report(places.error());
  const Status served = serve_meter(*source, *places, STDIN_FILENO, out);
  return served ? kDone : report(served.error());
}

}  // namespace

void add_meter(CLI::App& app, Context& context) {
  auto name = std::make_shared<std::string>();
  auto* verb = app.add_subcommand("meter", "Reads power and other telemetry for another Tokenmark over standard input and output");
  verb->add_option("source", *name, "nvml, amd-smi, rocm-smi, amdgpu, powercap, perf, redfish, ipmi")->required();
  verb->footer("Example: tokenmark-cli meter nvml   (started by measurements; `devices` lists what can be metered; not for people)");
  verb->callback([name, &context] { context.action = [name] { return meter(*name); }; });
}

}  // namespace tokenmark::cli
