// One sequence that is being generated for a client: from the engine's token events to the text a client may see.
// Server's thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/runtime/engine.h"
#include "engine/server/answer_parser.h"
#include "engine/server/stop_filter.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark::server {

struct TokenText {
  TokenId token = 0;
  std::string bytes;
  float logprob = 0;
};

struct TokenLogprobs {
  TokenText chosen;
  std::vector<TokenText> top;
  std::size_t text_offset = 0;  // bytes of text before this token's
};

// What became visible with one event.
struct Piece {
  std::string text;
  AnswerPart answer;                    // the text taken apart, in a chat
  std::vector<TokenLogprobs> logprobs;  // of the tokens whose text this is, where asked for
  std::vector<TokenId> tokens;          // sampled with it
  FinishReason finish = FinishReason::none;
  bool calls_tools = false;             // with the finish: the answer has tool calls
};

class Choice {
 public:
  // `parser`: takes a chat's answer apart.
  Choice(const Tokenizer& tokenizer, std::vector<std::string> stops, bool with_logprobs,
         std::optional<AnswerParser> parser = {})
      : tokenizer_(&tokenizer), decoder_(tokenizer), filter_(std::move(stops)), parser_(std::move(parser)),
        with_logprobs_(with_logprobs) {}

  // A found stop string finishes the piece although the engine goes on: its request is then to be cancelled, and
  // further events of it are ignored.
  Piece add(const TokenEvent& event);

  bool finished() const { return finished_; }
  std::int32_t tokens() const { return tokens_; }

 private:
  void add_control(TokenId token, Piece& piece);

  const Tokenizer* tokenizer_;
  StreamDecoder decoder_;
  StopFilter filter_;
  std::optional<AnswerParser> parser_;
  bool with_logprobs_;
  bool finished_ = false;
  std::int32_t tokens_ = 0;
  std::size_t decoded_ = 0, shown_ = 0;  // bytes of text so far, before and after the filter
  struct Held {
    TokenLogprobs logprobs;
    std::size_t end;  // where the token's text ends
  };
  std::vector<Held> held_;  // until their text is shown
};

}  // namespace tokenmark::server
