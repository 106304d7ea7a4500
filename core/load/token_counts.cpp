#include "core/load/token_counts.h"

#include <algorithm>

#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {

void settle_token_counts(EventLog& log, const std::vector<std::string>& texts, const Tokenizer* tokenizer) {
  RequestColumns& r = log.requests;
  MessageColumns& m = log.messages;
  struct Tally {
    std::int64_t messages = 0, tokens = 0, seen = 0;
  };
  std::vector<Tally> tallies(r.size());
  for (std::size_t k = 0; k < m.size(); ++k) {
    Tally& tally = tallies[m.request[k]];
    tally.messages += m.tokens[k] > 0;
    tally.tokens += m.tokens[k];
  }
  for (std::size_t i = 0; i < r.size(); ++i) {
    if (r.error[i] != RequestError::none) continue;
    if (r.input_tokens[i] < 0) r.input_tokens[i] = r.requested_input[i];  // prompts are made to length
    if (r.token_source[i] != TokenSource::messages) continue;
    r.output_tokens[i] = static_cast<std::int32_t>(tallies[i].tokens);
    if (tokenizer == nullptr || texts[i].empty()) continue;
    r.token_source[i] = TokenSource::tokenizer;
    r.output_tokens[i] = std::max(1, static_cast<std::int32_t>(tokenizer->encode(texts[i], false).size()));
  }
  for (std::size_t k = 0; k < m.size(); ++k) {
    const std::size_t i = m.request[k];
    Tally& tally = tallies[i];
    const std::int64_t total = r.output_tokens[i];
    if (m.tokens[k] == 0 || total < 0 || total == tally.tokens) continue;
    const std::int64_t j = tally.seen++;
    m.tokens[k] = total >= tally.messages
                      ? static_cast<std::int32_t>((j + 1) * total / tally.messages - j * total / tally.messages)
                      : static_cast<std::int32_t>(j < total);
  }
}

}  // namespace tokenmark
