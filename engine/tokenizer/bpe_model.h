// Byte pair encoding of one piece of text: symbols (bytes or characters) merge by the order of the merge list.
// Immutable after `finish`; any thread. An Encoder belongs to one call. Within this folder only.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "engine/tokenizer/merging.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {

struct BpeRules {
  bool byte_level = true;           // symbols are bytes, tokens are spelled with GPT-2's characters for bytes
  bool whole_pieces_first = false;  // a piece that is a token as a whole is not built by merges
  bool byte_fallback = false;       // a character without a token becomes its bytes' tokens <0x41>
  bool fuse_unknown = false;        // neighbouring unknown characters are one unknown token
  TokenId unknown = -1;             // -1: what has no token is left out
};

// A token's spelling in GPT-2's characters as the bytes behind it; characters that stand for no byte stay as they are.
std::string bytes_of_spelling(std::string_view spelling);
// The value of "<0x41>", or -1.
int byte_value(std::string_view spelling);

class BpeModel {
 public:
  // `tokens` outlives the model; empty spellings are no tokens. `usable[i]`: token i may stand for a whole piece.
  BpeModel(const std::vector<std::string>& tokens, const std::vector<bool>& usable, const BpeRules& rules);
  // Merges in their order; one whose parts or result are no tokens can never apply.
  void add_merge(std::string_view left, std::string_view right);
  void finish();

  class Encoder {
   public:
    explicit Encoder(const BpeModel& model) : model_(&model) {}
    // `piece` stays where it is as long as the encoder is used: pieces that come again are remembered.
    void add(std::string_view piece, std::vector<TokenId>& ids);

   private:
    void add_whole(std::string_view piece, std::vector<TokenId>& ids);
    const BpeModel* model_;
    std::vector<MergeSymbol> symbols_;
    std::vector<TokenId> short_tokens_;
    std::vector<Merge> short_merges_;
    std::unordered_map<std::string_view, std::pair<std::size_t, std::size_t>> known_;  // where in ids
  };

 private:
  TokenId find(std::string_view spelling) const;
  Merge find_merge(TokenId left, TokenId right) const;
  void first_symbols(std::string_view piece, std::vector<MergeSymbol>& symbols) const;
  void add_symbol(std::vector<MergeSymbol>& symbols, std::size_t begin, std::size_t length, TokenId token) const;

  struct Entry {
    std::uint64_t pair = 0;
    std::int32_t rank = -1, token = -1;  // rank -1: the place is free
  };
  BpeRules rules_;
  std::unordered_map<std::string_view, TokenId> by_spelling_;
  std::unordered_map<std::string, TokenId> whole_;  // by bytes, with whole_pieces_first and byte_level
  std::array<TokenId, 256> byte_tokens_{};
  bool all_bytes_ = true;
  bool by_words_ = true;  // words.h
  std::vector<Entry> given_;
  std::vector<Entry> merges_;  // a hash table: from the pair's place on up to a free one
  std::int32_t next_rank_ = 0;
};

}  // namespace tokenmark
