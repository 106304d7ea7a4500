#include "app/cli/written_model.h"

#include <map>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"

namespace tokenmark::cli {
namespace {

using json = nlohmann::ordered_json;

std::string megabytes(std::uint64_t bytes) { return fmt::format("{:.2f}", static_cast<double>(bytes) / 1e6); }

std::vector<std::string> row(const std::string& name, const std::string& formats, std::uint64_t before,
                             std::uint64_t after, double error) {
  return {name, formats, megabytes(before), megabytes(after), fmt::format("{:.2e}", error)};
}

}  // namespace

json written_json(const WrittenModel& written) {
  json tensors = json::array();
  for (const WrittenTensor& tensor : written.tensors)
    tensors.push_back({{"name", tensor.name},
                       {"from", format_name(tensor.from)},
                       {"to", format_name(tensor.to)},
                       {"fell_back", tensor.fell_back},
                       {"values", tensor.values},
                       {"bytes_before", tensor.bytes_before},
                       {"bytes_after", tensor.bytes_after},
                       {"relative_error", tensor.relative_error},
                       {"not_finite", tensor.not_finite}});
  return {{"bytes_before", written.bytes_before},
          {"bytes_after", written.bytes_after},
          {"relative_error", written.relative_error},
          {"tensors", std::move(tensors)}};
}

std::string written_table(const WrittenModel& written) {
  std::vector<std::vector<std::string>> rows;
  for (const WrittenTensor& tensor : written.tensors)
    if (tensor.from != tensor.to)
      rows.push_back(row(tensor.name, fmt::format("{} → {}", format_name(tensor.from), format_name(tensor.to)),
                         tensor.bytes_before, tensor.bytes_after, tensor.relative_error));
  rows.push_back(row("all tensors", "", written.bytes_before, written.bytes_after, written.relative_error));
  return table({"tensor", "format", "MB before", "MB after", "relative error"}, rows);
}

std::string written_remarks(const WrittenModel& written) {
  std::map<Format, std::uint64_t> fallbacks;
  std::string remarks;
  for (const WrittenTensor& tensor : written.tensors) {
    if (tensor.fell_back) ++fallbacks[tensor.to];
    if (tensor.not_finite > 0)
      remarks += fmt::format("Tensor '{}' has {} values that are NaN or infinite; they are not part of its error.\n",
                             tensor.name, tensor.not_finite);
  }
  for (const auto& [format, count] : fallbacks)
    remarks += fmt::format("{} tensor{} became {}: the columns do not fill whole blocks of the format asked for.\n", count,
                           count == 1 ? "" : "s", format_name(format));
  return remarks;
}

Result<WrittenModel> write_with_progress(const Model& model, const WriteOptions& options, const std::string& path,
                                         std::stop_token stop) {
  ProgressBar bar("Writing " + path);
  WriteProgress progress;
  progress.stop = std::move(stop);
  progress.report = [&](double share) { bar.set(share, ""); };
  return write_model(model, options, path, progress);
}

}  // namespace tokenmark::cli
