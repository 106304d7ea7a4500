#include "engine/server/choice.h"

#include <algorithm>

namespace tokenmark::server {

Piece Choice::add(const TokenEvent& event) {
  Piece piece;
  if (finished_) return piece;
  std::string text;
  const std::size_t begin = decoded_;
  if (event.token >= 0) {
    ++tokens_;
    piece.tokens.push_back(event.token);
    text = decoder_.add(event.token);
  }
  const bool last = event.finish != FinishReason::none;
  if (last) text += decoder_.finish();
  decoded_ += text.size();
  piece.text = filter_.add(text);
  piece.finish = event.finish;
  if (filter_.stopped()) piece.finish = FinishReason::stop;
  else if (last) piece.text += filter_.finish();
  shown_ += piece.text.size();
  finished_ = piece.finish != FinishReason::none;

  if (with_logprobs_ && event.token >= 0) {
    TokenLogprobs logprobs{{event.token, tokenizer_->bytes(event.token), event.logprob}, {}, begin};
    for (const TokenLogprob& top : event.top_logprobs)
      logprobs.top.push_back({top.token, tokenizer_->bytes(top.token), top.logprob});
    held_.push_back({std::move(logprobs), decoded_});
  }
  // A token comes when all its text is shown; one that a stop string cuts, if some of it is.
  const auto shown = [&](const Held& held) {
    return held.end <= shown_ || (finished_ && held.logprobs.text_offset < shown_);
  };
  const auto end = std::find_if_not(held_.begin(), held_.end(), shown);
  for (auto held = held_.begin(); held != end; ++held) piece.logprobs.push_back(std::move(held->logprobs));
  held_.erase(held_.begin(), end);
  return piece;
}

}  // namespace tokenmark::server
