// Standard error and standard output as a person sees them: errors, a progress bar, tables.
// Results go to standard output, everything else to standard error.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokenmark::cli {

inline constexpr int kDone = 0, kFailed = 1, kUsage = 2;

// Prints "tokenmark-cli: <message>"; gives kUsage where what the user gave is wrong or not there, else kFailed.
int report(const Error& error);
int report_usage(std::string_view message);

// A bar on a terminal, a line every few seconds otherwise. Ends its line when destroyed.
class ProgressBar {
 public:
  explicit ProgressBar(std::string title = {});
  ~ProgressBar();
  void set(double share, const std::string& text);  // share 0…1
  void say(const std::string& line);                // above the bar

 private:
  std::string title_;
  bool terminal_;
  std::size_t width_ = 0;
  long long last_ms_ = 0;
  std::string last_text_;
};

void print_document(const nlohmann::json& document);          // for --json
// "wrote FILE" for people; {"written": FILE, …} for --json.
void print_written(const std::string& file, bool as_json, nlohmann::json document);
void print_written(const std::string& file, bool as_json);

std::string duration_text(double seconds);  // "41 s", "2 min 05 s", "3 h 07 min"

// Columns padded to their widest cell; columns whose cells are all numbers are right-aligned.
std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);

}  // namespace tokenmark::cli
