#include "app/cli/table_format.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace tokenmark::cli {

void add_table_format(CLI::App& verb, std::string& format) {
  format = "text";
  auto* chosen = verb.add_option("--format", format, "text, json, csv or markdown, on standard output")
                     ->check(CLI::IsMember({"text", "json", "csv", "markdown"}))->capture_default_str();
  std::vector<CLI::Option*> others = {chosen};
  for (const char* name : {"json", "csv", "markdown"}) {
    auto* flag = verb.add_flag_callback(
        fmt::format("--{}", name), [&format, name] { format = name; }, fmt::format("The same as --format {}", name));
    for (CLI::Option* other : others) flag->excludes(other);
    others.push_back(flag);
  }
}

void print_table(const std::string& format, const Printable& table) {
  if (format == "json") fmt::print("{}\n", table.json().dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
  else fmt::print("{}", format == "csv" ? table.csv() : format == "markdown" ? table.markdown() : table.text());
}

}  // namespace tokenmark::cli
