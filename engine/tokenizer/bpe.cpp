// Byte-level BPE (GPT-2's): every byte has a token, pieces of text merge by the order of the merge list.
#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "engine/tokenizer/merging.h"
#include "engine/tokenizer/pretokenizer.h"
#include "engine/tokenizer/utf8.h"
#include "engine/tokenizer/vocabulary_tokenizer.h"

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

// The bytes behind a token's spelling; characters that stand for no byte stay as they are.
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

std::uint64_t pair_key(TokenId left, TokenId right) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 | static_cast<std::uint32_t>(right);
}

class BpeTokenizer : public VocabularyTokenizer {
 public:
  BpeTokenizer(Vocabulary given, Pretokenizer pretokenizer)
      : VocabularyTokenizer(std::move(given), "bpe:" + std::string(pretokenizer.name())),
        pretokenizer_(std::move(pretokenizer)) {
    std::unordered_map<std::string_view, TokenId> by_spelling;
    for (TokenId token = 0; token < vocabulary_size(); ++token)
      by_spelling.emplace(vocabulary().tokens[static_cast<std::size_t>(token)], token);
    const auto find = [&](std::string_view spelling) {
      const auto found = by_spelling.find(spelling);
      return found == by_spelling.end() ? -1 : found->second;
    };
    for (std::size_t byte = 0; byte < 256; ++byte)
      byte_tokens_[byte] = find(utf8_of_small(byte_characters().of_byte[byte]));
    read_merges(find);
    if (pretokenizer_.whole_pieces_first())
      for (TokenId token = 0; token < vocabulary_size(); ++token)
        if (type(token) == TokenType::normal) whole_.emplace(normal_bytes(token), token);
  }

 protected:
  void encode_plain(std::string_view text, std::vector<TokenId>& ids) const override {
    std::vector<MergeSymbol> symbols;
    pretokenizer_.split(text, [&](std::string_view piece) { encode_piece(piece, symbols, ids); });
  }

  std::string normal_bytes(TokenId token) const override {
    return bytes_of_spelling(vocabulary().tokens[static_cast<std::size_t>(token)]);
  }

 private:
  // A merge whose parts or result are no tokens can never apply.
  template <class Find>
  void read_merges(const Find& find) {
    merges_.reserve(vocabulary().merges.size());
    float rank = 0;
    for (const std::string& line : vocabulary().merges) {
      const std::size_t space = line.find(' ', 1);
      if (space == std::string::npos) continue;
      const std::string_view left(line.data(), space), right(line.data() + space + 1, line.size() - space - 1);
      const TokenId a = find(left), b = find(right), both = find(std::string(left) + std::string(right));
      if (a >= 0 && b >= 0 && both >= 0) merges_.emplace(pair_key(a, b), Merge{-rank, both});
      ++rank;
    }
  }

  void encode_piece(std::string_view piece, std::vector<MergeSymbol>& symbols, std::vector<TokenId>& ids) const {
    if (!whole_.empty()) {
      if (const auto found = whole_.find(std::string(piece)); found != whole_.end()) {
        ids.push_back(found->second);
        return;
      }
    }
    symbols.clear();
    for (std::size_t at = 0; at < piece.size(); ++at)
      symbols.push_back({static_cast<std::int32_t>(at), 1, byte_tokens_[static_cast<unsigned char>(piece[at])], -1, -1});
    merge_symbols(symbols, [&](const MergeSymbol& left, const MergeSymbol& right) {
      if (left.token < 0 || right.token < 0) return Merge{};
      const auto found = merges_.find(pair_key(left.token, right.token));
      return found == merges_.end() ? Merge{} : found->second;
    });
    for (const MergeSymbol& symbol : symbols) {
      if (symbol.length == 0) continue;
      const TokenId token = symbol.token >= 0 ? symbol.token : vocabulary().unknown;
      if (token >= 0) ids.push_back(token);
    }
  }

  Pretokenizer pretokenizer_;
  std::array<TokenId, 256> byte_tokens_{};
  std::unordered_map<std::uint64_t, Merge> merges_;
  std::unordered_map<std::string, TokenId> whole_;  // by bytes; empty where merges always build pieces
};

}  // namespace

Result<std::shared_ptr<const Tokenizer>> make_bpe_tokenizer(Vocabulary vocabulary) {
  if (vocabulary.merges.size() >= (1u << 24))  // ranks are floats, exact to here
    return fail(ErrorKind::invalid_input, "the vocabulary has {} merges, too many", vocabulary.merges.size());
  TOKENMARK_TRY(Pretokenizer pretokenizer, Pretokenizer::find(vocabulary.pre));
  vocabulary.add_bos = vocabulary.add_bos.value_or(pretokenizer.adds_bos());
  vocabulary.add_eos = vocabulary.add_eos.value_or(false);
  return std::make_shared<const BpeTokenizer>(std::move(vocabulary), std::move(pretokenizer));
}

}  // namespace tokenmark
