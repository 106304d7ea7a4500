// SentencePiece BPE: neighbours merge by the score of the piece they form; what is no piece falls back to bytes.
#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "engine/tokenizer/bpe_model.h"
#include "engine/tokenizer/merging.h"
#include "engine/tokenizer/utf8.h"
#include "engine/tokenizer/vocabulary_tokenizer.h"
#include "engine/tokenizer/words.h"

namespace tokenmark {
namespace {

class SpmTokenizer : public VocabularyTokenizer {
 public:
  SpmTokenizer(Vocabulary given, std::string kind) : VocabularyTokenizer(std::move(given), std::move(kind)) {
    byte_tokens_.fill(vocabulary().unknown);
    for (TokenId token = 0; token < vocabulary_size(); ++token) {
      const std::string& text = vocabulary().tokens[static_cast<std::size_t>(token)];
      if (type(token) == TokenType::byte) {
        if (const int value = byte_value(text); value >= 0) byte_tokens_[static_cast<std::size_t>(value)] = token;
      } else if (type(token) == TokenType::normal || type(token) == TokenType::unused) {
        pieces_.emplace(text, token);
        longest_piece_ = std::max(longest_piece_, text.size());
        by_words_ = by_words_ && !reaches_next_word(text);
      }
    }
  }

  std::string decode(const std::vector<TokenId>& tokens) const override {
    std::string text = Tokenizer::decode(tokens);
    if (adds_space() && text.starts_with(' ')) text.erase(0, 1);
    return text;
  }

 protected:
  void encode_plain(const Stretch& stretch, std::vector<TokenId>& ids) const override {
    std::string text(adds_space() ? 1 : 0, ' ');
    text += stretch.text;
    if (pieces_.contains(kSpaceMark)) text = replace_all(text, " ", kSpaceMark);  // else a space is a byte like any other
    std::unordered_map<std::string_view, std::pair<std::size_t, std::size_t>> known;  // where in ids
    for (std::size_t begin = 0, end; begin < text.size(); begin = end) {
      end = by_words_ ? word_end(text, begin) : text.size();
      const auto word = std::string_view(text).substr(begin, end - begin);
      const auto [entry, is_new] = known.try_emplace(word, ids.size(), 0);
      if (is_new) {
        encode_word(word, ids);
        entry->second.second = ids.size();
      } else {
        for (std::size_t i = entry->second.first; i < entry->second.second; ++i) ids.push_back(ids[i]);
      }
    }
  }

  std::string normal_bytes(TokenId token) const override {
    const std::string& text = vocabulary().tokens[static_cast<std::size_t>(token)];
    if (type(token) != TokenType::byte) return replace_all(text, kSpaceMark, " ");
    const int value = byte_value(text);
    return value < 0 ? std::string() : std::string(1, static_cast<char>(value));
  }

 private:
  bool adds_space() const { return *vocabulary().add_space_prefix; }
  void encode_word(std::string_view text, std::vector<TokenId>& ids) const {
    std::vector<MergeSymbol> symbols;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t length = std::max<std::size_t>(utf8_length(text, at), 1);
      symbols.push_back({static_cast<std::int32_t>(at), static_cast<std::int32_t>(length), find(text, at, length), -1, -1});
      at += length;
    }
    merge_symbols(symbols, [&](const MergeSymbol& left, const MergeSymbol& right) {
      const TokenId token = find(text, static_cast<std::size_t>(left.begin),
                                 static_cast<std::size_t>(left.length + right.length));
      return token < 0 ? Merge{} : Merge{vocabulary().scores[static_cast<std::size_t>(token)], token};
    });
    for (const MergeSymbol& symbol : symbols) {
      if (symbol.length == 0) continue;
      if (symbol.token >= 0) {
        ids.push_back(symbol.token);
        continue;
      }
      for (std::int32_t i = 0; i < symbol.length; ++i) {
        const auto byte = static_cast<unsigned char>(text[static_cast<std::size_t>(symbol.begin + i)]);
        if (byte_tokens_[byte] >= 0) ids.push_back(byte_tokens_[byte]);
      }
    }
  }
  TokenId find(std::string_view text, std::size_t at, std::size_t length) const {
    if (length > longest_piece_) return -1;
    const auto found = pieces_.find(text.substr(at, length));
    return found == pieces_.end() ? -1 : found->second;
  }

  std::unordered_map<std::string_view, TokenId> pieces_;  // point into the vocabulary
  std::array<TokenId, 256> byte_tokens_{};
  std::size_t longest_piece_ = 0;
  bool by_words_ = true;
};

}  // namespace

Result<std::shared_ptr<const Tokenizer>> make_spm_tokenizer(Vocabulary vocabulary, std::string kind) {
  TOKENMARK_CHECK(check_scores(vocabulary));
  vocabulary.add_bos = vocabulary.add_bos.value_or(true);
  vocabulary.add_eos = vocabulary.add_eos.value_or(false);
  vocabulary.add_space_prefix = vocabulary.add_space_prefix.value_or(true);
  return std::make_shared<const SpmTokenizer>(std::move(vocabulary), std::move(kind));
}

}  // namespace tokenmark
