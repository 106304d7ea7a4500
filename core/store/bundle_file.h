// The file that carries runs from one store to another: "TKMKRUNS", the format's version, the sizes of the head as it
// lies there and as it is read (little endian), the head (JSON, zstd) that lists sweeps, environments and runs, then the
// runs' blocks (event logs, other tools' documents) in the order in which the head names their sizes, and last the
// SHA-256 of all before it, in words. Whoever writes it, what is read is checked: sizes before they are used, the whole
// by its hash.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tokenmark {

// Writes beside the file and puts it there when it is complete; one that is given up leaves nothing.
class BundleWriter {
 public:
  static Result<BundleWriter> begin(const std::filesystem::path& file, const nlohmann::json& head);
  BundleWriter(BundleWriter&&) = default;
  ~BundleWriter();
  void block(std::string_view bytes);
  Status finish();   // says too what went wrong before

 private:
  explicit BundleWriter(std::filesystem::path file) : file_(std::move(file)), unfinished_(file_.string() + ".part") {}
  Status failed() const;

  std::filesystem::path file_, unfinished_;
  std::ofstream out_;
};

struct BundleFile {
  std::string bytes;               // all of it
  nlohmann::json head;
  std::size_t blocks_at = 0, blocks_end = 0;

  // The next so many bytes of the blocks, or an error where the file has not so many.
  Result<std::string_view> block(std::uint64_t size);
};

Result<BundleFile> read_bundle_file(const std::filesystem::path& file);

}  // namespace tokenmark
