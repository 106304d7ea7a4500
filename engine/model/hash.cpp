#include "engine/model/hash.h"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

namespace tokenmark {
namespace {

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    good_ = context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
  }
  void add(const void* bytes, std::size_t count) {
    good_ = good_ && EVP_DigestUpdate(context_.get(), bytes, count) == 1;
  }
  Result<std::string> finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    good_ = good_ && EVP_DigestFinal_ex(context_.get(), digest.data(), &length) == 1;
    if (!good_) return fail(ErrorKind::internal, "the SHA-256 of OpenSSL failed");
    std::string text = "sha256:";
    for (unsigned i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
  bool good_ = false;
};

}  // namespace

Result<std::string> sha256(std::string_view text) {
  Sha256 hash;
  hash.add(text.data(), text.size());
  return hash.finish();
}

namespace {

Status add_file(const std::string& path, Sha256& hash, const std::stop_token& stop) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return fail(ErrorKind::io, "{}: {}", path, std::strerror(errno));
  std::vector<char> part(1 << 20);
  while (const std::size_t count = std::fread(part.data(), 1, part.size(), file.get())) {
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "{}: cancelled while its SHA-256 was computed", path);
    hash.add(part.data(), count);
  }
  if (std::ferror(file.get())) return fail(ErrorKind::io, "{}: cannot be read: {}", path, std::strerror(errno));
  return {};
}

}  // namespace

Result<std::string> sha256_of_files(const std::vector<std::string>& paths, const std::stop_token& stop) {
  Sha256 hash;
  for (const std::string& path : paths) TOKENMARK_CHECK(add_file(path, hash, stop));
  return hash.finish();
}

}  // namespace tokenmark
