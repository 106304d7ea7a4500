// How many tokens the messages of an endpoint carried. A message says it only if the server counts along; else the
// answer's total is known at its end, and is spread over its messages after the run, outside of the measurement.
#pragma once

#include <string>
#include <vector>

#include "core/load/answer_reader.h"
#include "core/load/event_log.h"

namespace tokenmark {

class Tokenizer;

class TokenCounts {
 public:
  explicit TokenCounts(std::size_t requests) : texts_(requests) {}

  // A request ended well: keeps what `usage` said, or the text if there was no usage.
  void note(std::size_t request, EventLog& log, AnswerReader& answer);

  // Fills in token counts and sources. By usage; without it by the tokenizer, if there is one; else a message with
  // text is one token. A total larger than the number of messages is spread evenly (each has at least one); of a
  // smaller one the first messages have one each.
  void settle(EventLog& log, const Tokenizer* tokenizer) const;

 private:
  std::vector<std::string> texts_;  // of answers without usage
};

}  // namespace tokenmark
