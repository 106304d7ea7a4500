// How a verb prints its table: as text for a terminal, or as JSON, CSV or Markdown for something else.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace tokenmark::cli {

// --format text|json|csv|markdown, and --json, --csv, --markdown for short; one of them at most.
void add_table_format(CLI::App& verb, std::string& format);

// A table in every form; only the one that is wanted is made.
struct Printable {
  std::function<std::string()> text, csv, markdown;
  std::function<nlohmann::json()> json;
};
void print_table(const std::string& format, const Printable& table);

}  // namespace tokenmark::cli
