#include "core/exchange/gpu_metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "core/exchange/settings.h"

namespace tokenmark {
namespace {

constexpr double kLongestGap_s = 3;  // design: metrics.md, energy
constexpr double kMostWatts = 100'000;

// "2026/06/11 05:45:32.570", also with dashes.
std::optional<double> wall_time(const std::string& text) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0;
  double s = 0;
  char a = 0, b = 0;
  if (std::sscanf(text.c_str(), "%4d%c%2d%c%2d%*1[ T]%2d:%2d:%lf", &y, &a, &mo, &b, &d, &h, &mi, &s) != 8) return std::nullopt;
  if ((a != '/' && a != '-') || a != b) return std::nullopt;
  return unix_of(y, mo, d, h, mi, s);
}

// "76.83 W"; nothing for "[N/A]".
std::optional<double> watts(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit = error == std::errc() ? std::string_view(end, text.data() + text.size() - end) : "?";
  if ((unit != "" && unit != " W") || !(value >= 0 && value <= kMostWatts)) return std::nullopt;
  return value;
}

std::size_t column(const CsvTable& table, std::string_view name) {
  for (std::size_t i = 0; i < table.header.size(); ++i)
    if (table.header[i].rfind(name, 0) == 0) return i;
  return table.header.size();
}

}  // namespace

bool is_gpu_metrics(const CsvTable& table) {
  const std::size_t none = table.header.size();
  return column(table, "timestamp") < none && column(table, "power.draw") < none;
}

Result<GpuMetrics> read_gpu_metrics(const CsvTable& table, const std::string& file) {
  const std::size_t time = column(table, "timestamp"), power = column(table, "power.draw"), index = column(table, "index");
  GpuMetrics metrics;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    const auto wrong = [&](std::size_t c) {
      return fail(ErrorKind::invalid_input, "{}: row {}: '{}' cannot be '{}'", file, i + 2, table.header[c], row[c].substr(0, 60));
    };
    const auto at = wall_time(row[time]);
    if (!at) return wrong(time);
    if (row[power].find("N/A") != std::string::npos) continue;
    const auto drawn = watts(row[power]);
    if (!drawn) return wrong(power);
    std::int32_t gpu = 0;
    if (index < row.size()) {
      const auto [end, error] = std::from_chars(row[index].data(), row[index].data() + row[index].size(), gpu);
      if (error != std::errc() || gpu < 0 || gpu > 100'000) return wrong(index);
    }
    metrics.by_gpu[gpu].push_back({*at, *drawn});
  }
  for (auto& [gpu, samples] : metrics.by_gpu)
    std::stable_sort(samples.begin(), samples.end(), [](const auto& a, const auto& b) { return a.at_s < b.at_s; });
  if (metrics.by_gpu.empty()) return fail(ErrorKind::invalid_input, "{}: holds no power sample", file);
  return metrics;
}

Result<double> energy_between(const std::vector<GpuMetrics::Sample>& samples, double begin_s, double end_s) {
  if (samples.empty() || samples.front().at_s > begin_s || samples.back().at_s < end_s)
    return fail(ErrorKind::invalid_input, "its samples do not enclose the run: they go from {} to {}, the run from {} to {}",
                samples.empty() ? "nothing" : iso_time(samples.front().at_s), samples.empty() ? "nothing" : iso_time(samples.back().at_s),
                iso_time(begin_s), iso_time(end_s));
  double energy = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const auto &a = samples[i - 1], &b = samples[i];
    const double from = std::max(a.at_s, begin_s), to = std::min(b.at_s, end_s), gap = b.at_s - a.at_s;
    if (to <= from || gap <= 0) continue;
    if (gap > kLongestGap_s)
      return fail(ErrorKind::invalid_input, "there is a gap of {:.1f} s in its samples, at {}: more than {} s", gap, iso_time(a.at_s), kLongestGap_s);
    const auto at = [&](double t) { return a.watts + (b.watts - a.watts) * (t - a.at_s) / gap; };
    energy += (at(from) + at(to)) / 2 * (to - from);
  }
  return energy;
}

void join_power(const GpuMetrics& metrics, ImportedRun& run) {
  Figures& f = run.figures;
  const auto refuse = [&](const std::string& why) { f.lacking["power"] = "the GPU metrics do not fit: " + why; };
  if (run.start_unix_s <= 0 || run.end_unix_s <= run.start_unix_s) return refuse("the run does not say when it began and ended");
  if (run.run.gpus > 0 && run.run.gpus != static_cast<std::int32_t>(metrics.by_gpu.size()))
    return refuse(fmt::format("they are of {} GPUs, the run used {}, and which is not said", metrics.by_gpu.size(), run.run.gpus));
  const double begin = run.start_unix_s + run.utc_offset_s, end = run.end_unix_s + run.utc_offset_s;
  double energy = 0;
  for (const auto& [gpu, samples] : metrics.by_gpu) {
    const auto one = energy_between(samples, begin, end);
    if (!one) return refuse(fmt::format("GPU {}: {}", gpu, one.error().message));
    energy += *one;
  }
  f.lacking.erase("power");
  f.power_source = "the GPUs' own report: no wall power, no MLPerf number";
  f.energy_j = energy;
  f.power_w = energy / (end - begin);
  f.power_w_gpu = *f.power_w / static_cast<double>(metrics.by_gpu.size());
  if (f.output_tokens > 0) f.joules_per_output_token = energy / static_cast<double>(f.output_tokens);
  if (f.input_tokens + f.output_tokens > 0) f.joules_per_total_token = energy / static_cast<double>(f.input_tokens + f.output_tokens);
}

}  // namespace tokenmark
