// How many tokens the messages of an endpoint carried. A message says it only if the server counts along; else the
// answer's total is known at its end, and is spread over its messages after the run, outside of the measurement.
#pragma once

#include <string>
#include <vector>

#include "core/load/event_log.h"

namespace tokenmark {

class Tokenizer;

// Fills in token counts and sources of requests that ended well. By usage; without it by the tokenizer, if there is one,
// from the answers' texts; else a message with text is one token. A total larger than the number of messages is spread
// evenly (each has at least one); of a smaller one the first messages have one each. `texts`: one a request.
void settle_token_counts(EventLog& log, const std::vector<std::string>& texts, const Tokenizer* tokenizer);

}  // namespace tokenmark
