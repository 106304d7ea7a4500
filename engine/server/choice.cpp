#include "engine/server/choice.h"

#include <algorithm>

namespace tokenmark::server {

// A control token ends what text could still have become: neither a character nor a stop string goes across it.
void Choice::add_control(TokenId token, Piece& piece) {
  const std::string text = decoder_.finish();
  decoded_ += text.size();
  piece.text = filter_.add(text);
  if (!filter_.stopped()) piece.text += filter_.finish();
  parser_->text(piece.text, piece.answer);
  if (!filter_.stopped()) parser_->control(tokenizer_->spelling(token), piece.answer);
}

Piece Choice::add(const TokenEvent& event) {
  Piece piece;
  if (finished_) return piece;
  std::string text;
  const std::size_t begin = decoded_;
  if (event.token >= 0) {
    ++tokens_;
    piece.tokens.push_back(event.token);
    if (parser_ && tokenizer_->is_control(event.token)) add_control(event.token, piece);
    else text = decoder_.add(event.token);
  }
  const bool last = event.finish != FinishReason::none;
  if (last) text += decoder_.finish();
  decoded_ += text.size();
  std::string visible = filter_.add(text);
  piece.finish = event.finish;
  if (filter_.stopped()) piece.finish = FinishReason::stop;
  else if (last) visible += filter_.finish();
  piece.text += visible;
  if (parser_) {
    parser_->text(visible, piece.answer);
    if (piece.finish != FinishReason::none) parser_->finish(piece.answer);
    piece.calls_tools = parser_->has_tool_calls();
  }
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
