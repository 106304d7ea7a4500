// One GET over HTTP with libcurl: its head looked at before the body comes, redirects left to the caller. Internal to
// core/download. Blocks in the calling thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokenmark {

struct AnswerHead {
  int status = 0;
  std::string location;             // of a redirect, absolute
  std::string etag, last_modified;  // as sent, with their quotes
  std::string linked_etag, said;    // X-Linked-ETag, X-Error-Message of hubs
  std::optional<std::uint64_t> length, linked_size;
  std::optional<std::uint64_t> range_start, range_total;  // of Content-Range
  int retry_after_s = 0;
};

struct Get {
  std::string url, ca_file;
  std::vector<std::string> header_lines;
  std::function<Status(const AnswerHead&)> on_head;  // of a 2xx answer, before its body; an error ends it
  std::function<Status(std::string_view)> on_body;   // likewise; bodies of other answers are passed over
  std::function<void()> on_tick;                     // some ten times a second
};

struct Fetched {
  AnswerHead head;
  bool broke = false;  // the link did: worth another try
};

// An error is the caller's own, or the link's (then `broke`).
Status fetch(const Get& get, const std::stop_token& stop, Fetched& fetched);

}  // namespace tokenmark
