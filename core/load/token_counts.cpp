#include "core/load/token_counts.h"

#include <algorithm>

#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {

void TokenCounts::note(std::size_t request, EventLog& log, AnswerReader& answer) {
  RequestColumns& r = log.requests;
  if (answer.output_tokens() >= 0) {
    r.token_source[request] = TokenSource::usage;
    r.input_tokens[request] = answer.input_tokens() >= 0 ? static_cast<std::int32_t>(answer.input_tokens())
                                                         : r.requested_input[request];  // prompts are made to length
    r.output_tokens[request] = static_cast<std::int32_t>(answer.output_tokens());
    r.cached_tokens[request] = static_cast<std::int32_t>(answer.cached_tokens());
  } else if (!answer.has_tokens()) {  // media
    r.input_tokens[request] = r.requested_input[request];
    r.output_tokens[request] = 0;
  } else {
    r.token_source[request] = TokenSource::messages;
    texts_[request] = answer.take_text();
  }
}

void TokenCounts::settle(EventLog& log, const Tokenizer* tokenizer) const {
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
    if (r.token_source[i] != TokenSource::messages) continue;
    r.input_tokens[i] = r.requested_input[i];  // prompts are made to length
    r.output_tokens[i] = static_cast<std::int32_t>(tallies[i].tokens);
    if (tokenizer == nullptr || texts_[i].empty()) continue;
    r.token_source[i] = TokenSource::tokenizer;
    r.output_tokens[i] = std::max(1, static_cast<std::int32_t>(tokenizer->encode(texts_[i], false).size()));
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
