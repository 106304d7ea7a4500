// FILE.part, which grows until it is FILE, and FILE.part.json beside it: what the bytes so far are of. Locked against
// other processes while it is open. Internal to core/download.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tokenmark {

struct PartState {
  std::string url_sha256;           // not the URL itself: it may hold keys
  std::string etag, last_modified;  // of the server that sent the bytes
  std::string linked_etag;          // of the hub that sent us there
  std::uint64_t total = 0;          // bytes of the whole; 0: not known
};

class PartFile {
 public:
  static Result<PartFile> open(const std::filesystem::path& file);
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile();  // nothing is left of an empty one

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  // Nothing where there is no state or it is of no use: then the bytes are not to be gone on with.
  const PartState& state() const { return state_; }

  Status remember(const PartState& state);
  void forget();  // the state: the next download begins anew
  Status begin_anew();
  Status add(std::string_view bytes);
  Status become(const std::filesystem::path& file);  // on disk first, then renamed

 private:
  explicit PartFile(std::filesystem::path path, std::filesystem::path state_path)
      : path_(std::move(path)), state_path_(std::move(state_path)) {}
  void read_state();

  std::filesystem::path path_, state_path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  PartState state_;
};

}  // namespace tokenmark
