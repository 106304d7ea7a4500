#include "core/exchange/loadgen_write.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace tokenmark {
namespace {

Status write_text(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  if (!(out << text) || !out.flush()) return fail(ErrorKind::io, "{}: cannot be written", path);
  return {};
}

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

// Requests of the measurement in LoadGen's numbering.
template <class F>
void each_sample(const EventLog& log, F&& f) {
  std::int64_t number = 0;
  for (std::size_t i = 0; i < log.requests.size(); ++i)
    if (log.requests.warmup[i] == 0 && log.requests.intended[i] != kAbsent) f(i, number++);
}

std::int32_t entry(const std::vector<std::int32_t>& column, std::size_t i) { return column.empty() ? -1 : column[i]; }

}  // namespace

std::string loadgen_accuracy(const EventLog& log, const MlperfReport& report) {
  std::string out = "[";
  if (report.settings.accuracy && !log.answers.empty())
    each_sample(log, [&](std::size_t i, std::int64_t number) {
      out += fmt::format("{}\n{{ \"seq_id\" : {}, \"qsl_idx\" : {}, \"data\" : \"{}\"", out.size() > 1 ? "," : "", number,
                         std::max(0, entry(log.requests.sample, i)), hex(log.answers[i]));
      if (report.settings.tokens) out += fmt::format(", \"token_count\" : {}", std::max(0, log.requests.output_tokens[i]));
      out += " }";
    });
  return out + "\n]\n";
}

std::string loadgen_trace(const EventLog& log) {
  const RequestColumns& r = log.requests;
  std::string out = "{\"traceEvents\":[\n";
  each_sample(log, [&](std::size_t i, std::int64_t number) {
    if (r.end[i] == kAbsent || r.send_start[i] == kAbsent) return;
    const auto micros = [](std::int64_t ns) { return static_cast<double>(ns) / 1e3; };
    out += fmt::format("{{\"name\":\"Sample\",\"cat\":\"default\",\"ph\":\"b\",\"pid\":1,\"id\":{0},\"ts\":{1:.3f},\"args\":{{\"sample_seq\":{0},"
                       "\"query_seq\":{2},\"sample_idx\":{3},\"issue_start_ns\":{4},\"complete_ns\":{5}}}}},\n"
                       "{{\"name\":\"Sample\",\"cat\":\"default\",\"ph\":\"e\",\"pid\":1,\"id\":{0},\"ts\":{6:.3f}}},\n",
                       number, micros(r.intended[i]), entry(r.group, i), entry(r.sample, i), r.send_start[i] - r.intended[i],
                       r.end[i] - r.intended[i], micros(r.end[i]));
  });
  return out + "{\"name\":\"LastTrace\"}\n],\n\"displayTimeUnit\":\"ns\"\n}\n";
}

Status write_loadgen_folder(const std::string& folder, const EventLog& log, const MlperfReport& report, const LoadGenNames& names) {
  TOKENMARK_TRY(const std::string detail, loadgen_detail(log, report, names));
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(ErrorKind::io, "{}: {}", folder, error.message());
  TOKENMARK_CHECK(write_text(folder + "/mlperf_log_summary.txt", loadgen_summary(report, names)));
  TOKENMARK_CHECK(write_text(folder + "/mlperf_log_detail.txt", detail));
  TOKENMARK_CHECK(write_text(folder + "/mlperf_log_accuracy.json", loadgen_accuracy(log, report)));
  return write_text(folder + "/mlperf_log_trace.json", loadgen_trace(log));
}

}  // namespace tokenmark
