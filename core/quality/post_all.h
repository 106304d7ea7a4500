// Sends many JSON bodies to one address, some at a time, and hands over the answers. Blocks in the calling thread.
// Within this folder only.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace tokenmark {

struct HttpAnswer {
  long status = 0;
  std::string body, error;  // error: no whole answer came
};

struct Posts {
  std::string url, api_key;
  std::size_t count = 0, at_once = 1;
  std::function<std::string(std::size_t index)> body;
  std::function<void(std::size_t index, HttpAnswer answer)> done;  // in the order of their ends
};

Status post_all(const Posts& posts, const std::stop_token& stop);

}  // namespace tokenmark
