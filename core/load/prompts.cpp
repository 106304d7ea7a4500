#include "core/load/prompts.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "core/statistics/random.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/utf8.h"

namespace tokenmark {
namespace {

// " word": a space and lower-case ASCII letters. Such tokens keep to themselves between others of their kind.
bool is_word(std::string_view bytes) {
  return bytes.size() > 2 && bytes[0] == ' ' && std::all_of(bytes.begin() + 1, bytes.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

// "e " or "the cat": a token that reaches over the end of a word.
bool reaches_over_words(std::string_view bytes) {
  for (std::size_t i = 1; i < bytes.size(); ++i)
    if (bytes[i] == ' ' && bytes[i - 1] >= 'a' && bytes[i - 1] <= 'z') return true;
  return false;
}

bool is_text(std::string_view bytes) {
  for (std::size_t at = 0, length; at < bytes.size(); at += length)
    if (length = utf8_length(bytes, at); length == 0 || static_cast<unsigned char>(bytes[at]) < 0x20) return false;
  return !bytes.empty();
}

// Texts of exact length from a tokenizer's words. Immutable after construction, any thread.
class WordTexts {
 public:
  // Words that stay themselves between words; where a vocabulary has hardly any, all tokens of text that do alone.
  explicit WordTexts(const Tokenizer& tokenizer) : tokenizer_(&tokenizer) {
    constexpr std::size_t kFewWords = 64;
    std::vector<TokenId> texts;
    for (TokenId id = 0; id < tokenizer.vocabulary_size(); ++id) {
      if (tokenizer.is_control(id) || tokenizer.ends_generation(id)) continue;
      const std::string bytes = tokenizer.bytes(id);
      independent_ = independent_ && !reaches_over_words(bytes);
      if (is_word(bytes) && stays({id, id})) words_.push_back(id);
      else if (words_.size() < kFewWords && is_text(bytes) && stays({id})) texts.push_back(id);
    }
    if (words_.size() < kFewWords) {
      words_.insert(words_.end(), texts.begin(), texts.end());
      independent_ = false;
    }
    for (const TokenId id : words_) bytes_.push_back(tokenizer.bytes(id));
    if (independent_) independent_ = sample_stays();
  }
  bool empty() const { return words_.empty(); }

  // `less`: tokens that come from elsewhere, taken off the beginning; a text has at least one token.
  std::string text(std::vector<PromptPiece> pieces, std::int32_t less) const {
    for (PromptPiece& piece : pieces) {
      const std::int32_t taken = std::clamp(less, 0, piece.tokens);
      piece.tokens -= taken;
      less -= taken;
    }
    PromptPiece& last = pieces.back();
    std::vector<std::uint32_t> shared;
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) draw(pieces[i], shared);
    if (shared.empty()) last.tokens = std::max(last.tokens, 1);
    const std::size_t wanted = shared.size() + static_cast<std::size_t>(last.tokens);
    // What is encoded again decides: the last piece is drawn longer or shorter until all fits.
    PromptPiece end = last;
    std::string text;
    for (int round = 0; round < 60; ++round) {
      std::vector<std::uint32_t> all = shared;
      draw(end, all);
      text = joined(all);
      if (independent_) return text;
      const std::size_t tokens = tokenizer_->encode(text, false).size();
      if (tokens == wanted) return text;
      const auto error = static_cast<std::int64_t>(wanted) - static_cast<std::int64_t>(tokens);
      end.tokens = static_cast<std::int32_t>(std::max<std::int64_t>(shared.empty() ? 1 : 0, end.tokens + error));
      if (round % 4 == 3) end = {mix64(end.seed), last.tokens};  // these words never fit: others
    }
    return random_text(*tokenizer_, static_cast<std::int32_t>(wanted), last.seed);
  }

 private:
  bool sample_stays() const {
    std::vector<std::uint32_t> places;
    draw({0, 4096}, places);
    std::vector<TokenId> ids;
    for (const std::uint32_t place : places) ids.push_back(words_[place]);
    return tokenizer_->encode(joined(places), false) == ids;
  }
  bool stays(const std::vector<TokenId>& ids) const { return tokenizer_->encode(tokenizer_->decode(ids), false) == ids; }

  void draw(const PromptPiece& piece, std::vector<std::uint32_t>& places) const {
    for (std::int32_t i = 0; i < piece.tokens; ++i)
      places.push_back(static_cast<std::uint32_t>(below(random_at(piece.seed, 0, static_cast<std::uint64_t>(i)), words_.size())));
  }
  std::string joined(const std::vector<std::uint32_t>& places) const {
    if (places.empty()) return {};
    std::string text = tokenizer_->decode({words_[places.front()]});
    text.reserve(places.size() * 8);
    for (std::size_t i = 1; i < places.size(); ++i) text += bytes_[places[i]];
    return text;
  }

  const Tokenizer* tokenizer_;
  std::vector<TokenId> words_;
  std::vector<std::string> bytes_;
  // No token of the vocabulary reaches over the end of a word: then words are encoded one by one, each as the one token
  // that it was found to be, and texts need not be encoded again.
  bool independent_ = true;
};

// Calls `make(i)` for i below `count` on several threads.
template <class Make>
void for_each_index(std::size_t count, unsigned threads, const Make& make) {
  constexpr std::size_t kAtOnce = 64;
  if (threads == 0) threads = std::clamp(std::thread::hardware_concurrency(), 1u, 16u);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t first; (first = next.fetch_add(kAtOnce)) < count;)
      for (std::size_t i = first; i < std::min(first + kAtOnce, count); ++i) make(i);
  };
  std::vector<std::jthread> helpers;
  for (unsigned i = 1; i < threads && i * kAtOnce < count; ++i) helpers.emplace_back(work);
  work();
}

}  // namespace

Result<std::vector<Prompt>> make_prompts(const Plan& plan, const Tokenizer* tokenizer, PromptForm form, unsigned threads) {
  std::vector<Prompt> prompts(plan.requests.size());
  if (tokenizer == nullptr) {
    for (const PlannedRequest& request : plan.requests)
      if (request.turn > 0)
        return fail(ErrorKind::invalid_input, "conversations need the model's tokenizer (target.endpoint.tokenizer): answers come "
                    "as text, and go back with the next turn");
    const auto ordinary = ordinary_tokens_of_any_vocabulary();
    for_each_index(prompts.size(), threads, [&](std::size_t i) {
      if (const DatasetPrompt* row = dataset_prompt(plan, i)) prompts[i].text = row->text;
      else prompts[i].ids = prompt_ids(plan, i, ordinary, nullptr);
    });
    return prompts;
  }
  const WordTexts words(*tokenizer);
  if (words.empty())
    return fail(ErrorKind::invalid_input, "the tokenizer's vocabulary of {} has no tokens that a text can be made of",
                tokenizer->vocabulary_size());
  const auto added = form == PromptForm::completion ? static_cast<std::int32_t>(tokenizer->encode("", true).size()) : 0;
  for_each_index(prompts.size(), threads, [&](std::size_t i) {
    const DatasetPrompt* row = dataset_prompt(plan, i);
    prompts[i].text = row != nullptr ? row->text : words.text(prompt_pieces(plan, i), plan.requests[i].turn == 0 ? added : 0);
  });
  return prompts;
}

}  // namespace tokenmark
