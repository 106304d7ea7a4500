#include "engine/tokenizer/unigram_model.h"

#include <algorithm>
#include <limits>

#include "engine/tokenizer/bpe_model.h"
#include "engine/tokenizer/utf8.h"

namespace tokenmark {

UnigramModel::UnigramModel(const std::vector<std::string>& tokens, const std::vector<float>& scores,
                           const std::vector<bool>& usable, const UnigramRules& rules)
    : scores_(&scores), rules_(rules) {
  constexpr double kUnknownPenalty = 10;  // SentencePiece's, below the worst score
  byte_tokens_.fill(-1);
  double worst = std::numeric_limits<double>::max();
  for (std::size_t token = 0; token < tokens.size(); ++token) {
    if (const int byte = byte_value(tokens[token]); byte >= 0)
      byte_tokens_[static_cast<std::size_t>(byte)] = static_cast<TokenId>(token);
    if (!usable[token] || tokens[token].empty()) continue;
    entries_.push_back({tokens[token], static_cast<TokenId>(token)});
    worst = std::min(worst, static_cast<double>(scores[token]));
  }
  all_bytes_ = std::ranges::all_of(byte_tokens_, [](TokenId token) { return token >= 0; });
  unknown_score_ = (entries_.empty() ? 0 : worst) - kUnknownPenalty;
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.spelling < b.spelling; });
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const std::string prefix(1, static_cast<char>(byte));
    first_byte_[byte] = static_cast<std::size_t>(
        std::ranges::lower_bound(entries_, std::string_view(prefix), {}, &Entry::spelling) - entries_.begin());
  }
  first_byte_[256] = entries_.size();
}

void UnigramModel::encode(std::string_view text, std::vector<TokenId>& ids) const {
  struct Best {  // the best way to write the text up to here
    double score = -std::numeric_limits<double>::max();
    std::size_t from = 0;
    TokenId token = -1;  // -1: a character without a token
    bool reached = false;
  };
  std::vector<Best> best(text.size() + 1);
  best[0] = {0, 0, -1, true};
  const auto offer = [&](std::size_t from, std::size_t to, TokenId token, double score) {
    const double sum = best[from].score + score;
    if (!best[to].reached || sum > best[to].score) best[to] = {sum, from, token, true};
  };
  for (std::size_t at = 0, length; at < text.size(); at += length) {
    length = std::max<std::size_t>(utf8_length(text, at), 1);
    const auto lead = static_cast<unsigned char>(text[at]);
    auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(first_byte_[lead]);
    auto end = entries_.begin() + static_cast<std::ptrdiff_t>(first_byte_[lead + 1u]);
    bool whole_character = false;
    // Narrows the sorted entries byte by byte to those that agree with the text.
    for (std::size_t size = 1; begin != end; ++size) {
      for (auto entry = begin; entry != end && entry->spelling.size() == size; ++entry, ++begin) {
        offer(at, at + size, entry->token, (*scores_)[static_cast<std::size_t>(entry->token)]);
        whole_character = whole_character || size == length;
      }
      if (at + size >= text.size()) break;
      const auto next = static_cast<unsigned char>(text[at + size]);
      const auto byte_at = [&](const Entry& entry) { return static_cast<unsigned char>(entry.spelling[size]); };
      begin = std::partition_point(begin, end, [&](const Entry& entry) { return byte_at(entry) < next; });
      end = std::partition_point(begin, end, [&](const Entry& entry) { return byte_at(entry) <= next; });
    }
    if (!whole_character) offer(at, at + length, -1, unknown_score_);
  }
  std::vector<std::size_t> ends;  // of the tokens chosen, last first
  for (std::size_t at = text.size(); at > 0; at = best[at].from) ends.push_back(at);
  bool unknown_before = false;
  for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
    const Best& chosen = best[*end];
    if (chosen.token >= 0) ids.push_back(chosen.token);
    else if (rules_.byte_fallback && all_bytes_)
      for (std::size_t i = chosen.from; i < *end; ++i) ids.push_back(byte_tokens_[static_cast<unsigned char>(text[i])]);
    else if (!unknown_before && rules_.unknown >= 0) ids.push_back(rules_.unknown);  // neighbours are one
    unknown_before = chosen.token < 0;
  }
}

}  // namespace tokenmark
