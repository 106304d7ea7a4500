// What one request asks, before it becomes an API's body (request_bodies.h) or the engine's token ids.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tokenmark {

struct Turn {
  std::string prompt, answer;  // an earlier turn of the conversation and what was answered
};

// Either text or ids: ids where no tokenizer is at hand to make text of an exact length.
struct Prompt {
  std::string text;
  std::vector<std::int32_t> ids;
  std::vector<Turn> history;   // oldest first; empty but in later turns of a conversation
};

}  // namespace tokenmark
