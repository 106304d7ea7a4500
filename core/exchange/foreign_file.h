// A foreign file read at once, with a limit and with room behind its last byte for parsers that read ahead.
#pragma once

#include <string>

#include "base/result.h"

namespace tokenmark {

struct ForeignFile {
  std::string bytes;            // `size` bytes of the file, then 64 of zero
  std::size_t size = 0;
  std::string_view text() const { return std::string_view(bytes).substr(0, size); }
};

// not_found where there is no such file; invalid_input above `most_bytes`, or where it is no file.
Result<ForeignFile> read_foreign_file(const std::string& path, std::size_t most_bytes);

}  // namespace tokenmark
