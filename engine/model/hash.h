// SHA-256 of texts and files, as "sha256:" and 64 hexadecimal digits.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tokenmark {

Result<std::string> sha256(std::string_view text);
Result<std::string> sha256_of_file(const std::string& path);  // read in parts: memory does not grow with the file

}  // namespace tokenmark
