#include "core/exchange/foreign_file.h"

#include <filesystem>
#include <fstream>

namespace tokenmark {

Result<ForeignFile> read_foreign_file(const std::string& path, std::size_t most_bytes) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return fail(ErrorKind::not_found, "{}: there is no such file", path);
  // A pipe or a device would have no size, and might never end.
  if (!std::filesystem::is_regular_file(status)) return fail(ErrorKind::invalid_input, "{}: is not a file", path);
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return fail(ErrorKind::io, "{}: {}", path, error.message());
  if (size > most_bytes) return fail(ErrorKind::invalid_input, "{}: has {} bytes, at most {} are read", path, size, most_bytes);
  constexpr std::size_t kRoom = 64;
  ForeignFile file{std::string(static_cast<std::size_t>(size) + kRoom, '\0'), static_cast<std::size_t>(size)};
  std::ifstream in(path, std::ios::binary);
  if (!in.read(file.bytes.data(), static_cast<std::streamsize>(size)))
    return fail(ErrorKind::io, "{}: could be read only to byte {} of {}", path, in.gcount(), size);
  return file;
}

}  // namespace tokenmark
