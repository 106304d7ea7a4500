#include "engine/model/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tokenmark {
namespace {

// Checks the opened file and maps it; the mapping outlives the descriptor.
Result<std::span<const std::byte>> map_descriptor(const std::string& path, int descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return fail(ErrorKind::io, "{}: {}", path, std::strerror(errno));
  if (S_ISDIR(status.st_mode))
    return fail(ErrorKind::invalid_input, "{}: is a folder, expected a GGUF file", path);
  if (!S_ISREG(status.st_mode))
    return fail(ErrorKind::invalid_input, "{}: is not a regular file, expected a GGUF file", path);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return std::span<const std::byte>();
  void* address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (address == MAP_FAILED)
    return fail(ErrorKind::io, "{}: cannot map {} bytes into memory: {}", path, size, std::strerror(errno));
  return std::span(static_cast<const std::byte*>(address), size);
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path) {
  // O_NONBLOCK: opening a pipe without a writer must not hang.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    const ErrorKind kind = errno == ENOENT || errno == ENOTDIR ? ErrorKind::not_found : ErrorKind::io;
    return fail(kind, "{}: {}", path, std::strerror(errno));
  }
  auto bytes = map_descriptor(path, descriptor);
  close(descriptor);
  if (!bytes) return tl::unexpected(bytes.error());
  return std::shared_ptr<const MappedFile>(new MappedFile(path, *bytes));
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace tokenmark
