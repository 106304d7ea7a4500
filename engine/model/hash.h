// SHA-256 of texts and files, as "sha256:" and 64 hexadecimal digits.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokenmark {

Result<std::string> sha256(std::string_view text);
// Of the files' bytes one after another, read in parts: memory does not grow with them. `stop` ends it with an error of
// kind cancelled.
Result<std::string> sha256_of_files(const std::vector<std::string>& paths, const std::stop_token& stop = {});

}  // namespace tokenmark
