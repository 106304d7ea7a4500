// A file fetched by its URL, as models are: large, over links that break. What came is kept in FILE.part, what is known of
// it in FILE.part.json, so that the next call goes on where the last one stopped, if the server's file is still the same
// (ETag or Last-Modified, RFC 9110 §13.1.5); else it begins anew. FILE appears at the end only, whole and checked.
// Blocks in the calling thread; two processes never write one file. Only http and https, certificates are verified.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace tokenmark {

struct DownloadRequest {
  std::string url;
  std::filesystem::path file;
  std::string sha256;   // that it must have, 64 hexadecimal digits; empty: the one that the server tells, if it does
  std::string token;    // sent as "Authorization: Bearer" to the host of `url` and to no other; empty: none
  std::string ca_file;  // certificates to trust besides the system's; empty: none
  int retries = 5;      // of a link that breaks, in a row without a new byte between; the n-th waits 2ⁿ⁻¹ times this:
  double wait_s = 1;
};

struct DownloadProgress {
  std::uint64_t bytes = 0, total = 0;  // of the file; total 0: the server does not say
  std::uint64_t begun_at = 0;          // bytes that were there before
  bool checking = false;               // its SHA-256 is being computed
  std::string note;                    // what happened, once: "the link broke …, trying again in 2 s"; mostly empty
};
using OnDownload = std::function<void(const DownloadProgress&)>;

struct Downloaded {
  std::uint64_t bytes = 0, resumed_at = 0;
  std::string sha256;      // of the file, 64 hexadecimal digits
  bool checked = false;    // against one that was given or told by the server
  bool was_there = false;  // nothing was fetched: FILE had the SHA-256 that was asked for
};

// Cancelled and broken ones keep FILE.part, and the message says so. After a wrong SHA-256 it is kept too, but the next call
// begins anew.
Result<Downloaded> download(const DownloadRequest& request, const OnDownload& progress, const std::stop_token& stop);

// What is kept beside FILE while it is not whole.
std::filesystem::path part_of(const std::filesystem::path& file);
std::filesystem::path part_state_of(const std::filesystem::path& file);

}  // namespace tokenmark
