#include "engine/tokenizer/bpe_model.h"

#include <algorithm>
#include <bit>

#include "engine/tokenizer/utf8.h"
#include "engine/tokenizer/words.h"

namespace tokenmark {
namespace {

// GPT-2 writes bytes as printable characters: those that print in Latin-1 stand for themselves, the other 68 are
// U+0100, U+0101, … in order.
struct ByteCharacters {
  std::array<char32_t, 256> of_byte{};
  std::array<int, 0x144> byte_of{};  // -1: no byte is written so
  ByteCharacters() {
    byte_of.fill(-1);
    char32_t next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte) {
      const bool prints = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
      of_byte[byte] = prints ? byte : next++;
      byte_of[of_byte[byte]] = static_cast<int>(byte);
    }
  }
};
const ByteCharacters& byte_characters() {
  static const ByteCharacters characters;
  return characters;
}

std::uint64_t pair_of(TokenId left, TokenId right) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 | static_cast<std::uint32_t>(right);
}
std::size_t place_of(std::uint64_t pair, std::size_t size) {  // size: a power of two
  pair = (pair ^ (pair >> 32)) * 0x9e3779b97f4a7c15u;
  return static_cast<std::size_t>(pair >> 20) & (size - 1);
}

}  // namespace

std::string bytes_of_spelling(std::string_view spelling) {
  const auto& byte_of = byte_characters().byte_of;
  std::string bytes;
  for (std::size_t at = 0, length; at < spelling.size(); at += length) {
    length = std::max<std::size_t>(utf8_length(spelling, at), 1);
    const char32_t code = utf8_code_point(spelling, at, length);
    if (code < byte_of.size() && byte_of[code] >= 0)
      bytes += static_cast<char>(byte_of[code]);
    else
      bytes += spelling.substr(at, length);
  }
  return bytes;
}

int byte_value(std::string_view spelling) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
  if (spelling.size() != 6 || !spelling.starts_with("<0x") || spelling[5] != '>') return -1;
  const int high = digit(spelling[3]), low = digit(spelling[4]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

BpeModel::BpeModel(const std::vector<std::string>& tokens, const std::vector<bool>& usable, const BpeRules& rules)
    : rules_(rules) {
  by_spelling_.reserve(tokens.size());
  for (std::size_t token = 0; token < tokens.size(); ++token)
    if (!tokens[token].empty()) by_spelling_.emplace(tokens[token], static_cast<TokenId>(token));
  for (std::size_t byte = 0; byte < 256; ++byte) {
    byte_tokens_[byte] = find(rules_.byte_level ? utf8_of_small(byte_characters().of_byte[byte])
                                                : fmt::format("<0x{:02X}>", byte));
    all_bytes_ = all_bytes_ && byte_tokens_[byte] >= 0;
  }
  if (rules_.whole_pieces_first && rules_.byte_level)
    for (std::size_t token = 0; token < tokens.size(); ++token)
      if (usable[token]) whole_.emplace(bytes_of_spelling(tokens[token]), static_cast<TokenId>(token));
}

TokenId BpeModel::find(std::string_view spelling) const {
  const auto found = by_spelling_.find(spelling);
  return found == by_spelling_.end() ? -1 : found->second;
}

void BpeModel::add_merge(std::string_view left, std::string_view right) {
  const std::string spelling = std::string(left) + std::string(right);
  const TokenId a = find(left), b = find(right), both = find(spelling);
  if (a >= 0 && b >= 0 && both >= 0) {
    given_.push_back({pair_of(a, b), next_rank_, both});
    by_words_ = by_words_ && !reaches_next_word(spelling);
  }
  ++next_rank_;
}

void BpeModel::finish() {
  merges_.resize(std::bit_ceil(given_.size() * 2 + 2));
  for (const Entry& entry : given_) {
    std::size_t at = place_of(entry.pair, merges_.size());
    while (merges_[at].rank >= 0 && merges_[at].pair != entry.pair) at = (at + 1) & (merges_.size() - 1);
    if (merges_[at].rank < 0) merges_[at] = entry;
  }
  given_ = {};
  by_words_ = by_words_ && !rules_.byte_level && !rules_.whole_pieces_first && find(kSpaceMark) >= 0;
}

Merge BpeModel::find_merge(TokenId left, TokenId right) const {
  if (left < 0 || right < 0) return {};
  const std::uint64_t pair = pair_of(left, right);
  for (std::size_t at = place_of(pair, merges_.size()); merges_[at].rank >= 0; at = (at + 1) & (merges_.size() - 1))
    if (merges_[at].pair == pair) return {-static_cast<float>(merges_[at].rank), merges_[at].token};
  return {};
}

void BpeModel::add_symbol(std::vector<MergeSymbol>& symbols, std::size_t begin, std::size_t length, TokenId token) const {
  symbols.push_back({static_cast<std::int32_t>(begin), static_cast<std::int32_t>(length), token, -1, -1});
}

void BpeModel::first_symbols(std::string_view piece, std::vector<MergeSymbol>& symbols) const {
  symbols.clear();
  if (rules_.byte_level) {
    for (std::size_t at = 0; at < piece.size(); ++at) {
      const TokenId token = byte_tokens_[static_cast<unsigned char>(piece[at])];
      add_symbol(symbols, at, 1, token >= 0 ? token : rules_.unknown);
    }
    return;
  }
  bool unknown_before = false;
  for (std::size_t at = 0, length; at < piece.size(); at += length) {
    length = std::max<std::size_t>(utf8_length(piece, at), 1);
    const TokenId token = find(piece.substr(at, length));
    const bool as_bytes = token < 0 && rules_.byte_fallback && all_bytes_;
    if (as_bytes)
      for (std::size_t i = at; i < at + length; ++i)
        add_symbol(symbols, i, 1, byte_tokens_[static_cast<unsigned char>(piece[i])]);
    const bool unknown = token < 0 && !as_bytes;
    if (unknown && unknown_before && rules_.fuse_unknown) symbols.back().length += static_cast<std::int32_t>(length);
    else if (!as_bytes) add_symbol(symbols, at, length, unknown ? rules_.unknown : token);
    unknown_before = unknown;
  }
}

void BpeModel::Encoder::add(std::string_view piece, std::vector<TokenId>& ids) {
  if (!model_->by_words_) return add_whole(piece, ids);
  for (std::size_t begin = 0, end; begin < piece.size(); begin = end) {
    end = word_end(piece, begin);
    add_whole(piece.substr(begin, end - begin), ids);
  }
}

// Pieces are mostly words: a few symbols are merged faster by looking at all of them than with a heap. Pieces seen
// before are copied from where their tokens already are.
void BpeModel::Encoder::add_whole(std::string_view piece, std::vector<TokenId>& ids) {
  constexpr std::size_t kShort = 32, kRemembered = 64;
  const bool short_piece = piece.size() <= kRemembered;
  if (short_piece) {
    if (const auto known = known_.find(piece); known != known_.end()) {
      const auto [begin, end] = known->second;
      for (std::size_t i = begin; i < end; ++i) ids.push_back(ids[i]);
      return;
    }
  }
  const std::size_t begin = ids.size();
  if (model_->rules_.whole_pieces_first) {
    const TokenId whole = !model_->rules_.byte_level ? model_->find(piece) : [&] {
      const auto found = model_->whole_.find(std::string(piece));
      return found == model_->whole_.end() ? -1 : found->second;
    }();
    if (whole >= 0) {
      ids.push_back(whole);
      if (short_piece) known_.emplace(piece, std::pair(begin, ids.size()));
      return;
    }
  }
  model_->first_symbols(piece, symbols_);
  if (symbols_.size() > kShort) {
    merge_symbols(symbols_, [&](const MergeSymbol& left, const MergeSymbol& right) {
      return model_->find_merge(left.token, right.token);
    });
    for (const MergeSymbol& symbol : symbols_)
      if (symbol.length > 0 && symbol.token >= 0) ids.push_back(symbol.token);
  } else {
    auto& tokens = short_tokens_;
    auto& merges = short_merges_;  // merges[i]: of tokens i and i + 1
    tokens.clear();
    merges.clear();
    for (const MergeSymbol& symbol : symbols_) tokens.push_back(symbol.token);
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) merges.push_back(model_->find_merge(tokens[i], tokens[i + 1]));
    while (!merges.empty()) {
      std::size_t best = merges.size();
      for (std::size_t i = 0; i < merges.size(); ++i)
        if (merges[i].token >= 0 && (best == merges.size() || merges[i].priority > merges[best].priority)) best = i;
      if (best == merges.size()) break;
      const auto at = static_cast<std::ptrdiff_t>(best);
      tokens[best] = merges[best].token;
      tokens.erase(tokens.begin() + at + 1);
      merges.erase(merges.begin() + at);
      if (best > 0) merges[best - 1] = model_->find_merge(tokens[best - 1], tokens[best]);
      if (best < merges.size()) merges[best] = model_->find_merge(tokens[best], tokens[best + 1]);
    }
    for (const TokenId token : tokens)
      if (token >= 0) ids.push_back(token);
  }
  if (short_piece) known_.emplace(piece, std::pair(begin, ids.size()));
}

}  // namespace tokenmark
