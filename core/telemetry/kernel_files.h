// The kernel's small files: a line, a number.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tokenmark {

std::optional<std::string> line_of(const std::filesystem::path& file);      // without white space at its ends
std::optional<std::int64_t> number_of(const std::filesystem::path& file);   // decimal; nothing for anything else
// Entries whose name begins so, sorted.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder, const std::string& prefix);

}  // namespace tokenmark
