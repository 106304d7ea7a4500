#include "engine/tokenizer/normalizer.h"

#include <algorithm>
#include <cstring>

#include "engine/tokenizer/utf8.h"

namespace tokenmark {
namespace {

using Step = NormalizerStep;

std::string replace_literal(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t at; (at = text.find(from, done)) != std::string_view::npos; done = at + from.size()) {
    out += text.substr(done, at - done);
    out += to;
  }
  out += text.substr(done);
  return out;
}

std::string replace_expression(std::string_view text, const Regex& regex, std::string_view to) {
  std::string out;
  Regex::Matcher matcher(regex, text);
  std::size_t done = 0;
  for (auto [begin, end] = matcher.find(0); begin != std::string_view::npos; std::tie(begin, end) = matcher.find(done)) {
    out += text.substr(done, begin - done);
    out += to;
    done = end;
  }
  out += text.substr(done);
  return out;
}

std::string_view strip(std::string_view text, bool left, bool right) {
  if (right) text = without_space_at_end(text);
  std::size_t begin = 0;
  while (left && begin < text.size() && white_space_length(text, begin) > 0) begin += white_space_length(text, begin);
  return text.substr(begin);
}

std::string merge_spaces(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' || out.empty() || out.back() != ' ') out += c;
  return out;
}

// The double array: a unit holds a label in its low byte, an offset to its children, and whether it has a value.
struct Unit {
  std::uint32_t bits;
  bool has_leaf() const { return (bits >> 8 & 1) != 0; }
  std::uint32_t value() const { return bits & 0x7FFFFFFFu; }
  std::uint32_t label() const { return bits & 0x800000FFu; }
  std::uint32_t offset() const { return (bits >> 10) << ((bits & (1u << 9)) >> 6); }
};

// The longest beginning of `text` that the trie has: its length and where its replacement begins; length 0: none.
std::pair<std::size_t, std::size_t> longest_match(const std::vector<std::uint32_t>& trie, std::string_view text) {
  std::pair<std::size_t, std::size_t> longest{0, 0};
  if (trie.empty()) return longest;
  std::size_t node = Unit{trie[0]}.offset();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    node ^= byte;
    if (byte == 0 || node >= trie.size() || Unit{trie[node]}.label() != byte) break;
    const bool leaf = Unit{trie[node]}.has_leaf();
    node ^= Unit{trie[node]}.offset();
    if (node >= trie.size()) break;
    if (leaf) longest = {i + 1, Unit{trie[node]}.value()};
  }
  return longest;
}

std::string apply_charsmap(const Step& step, std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto [length, replacement] = longest_match(step.trie, text.substr(at));
    if (length > 0 && replacement < step.text.size()) {
      out += step.text.c_str() + replacement;  // to its 0
      at += length;
    } else {
      const std::size_t character = std::max<std::size_t>(utf8_length(text, at), 1);
      out += text.substr(at, character);
      at += character;
    }
  }
  return out;
}

std::string apply_step(const Step& step, std::string text) {
  switch (step.kind) {
    case Step::Kind::nfc: return nfc(text);
    case Step::Kind::nfd: return nfd(text);
    case Step::Kind::prepend: return text.empty() ? text : step.text + text;
    case Step::Kind::replace_literal: return replace_literal(text, step.literal, step.text);
    case Step::Kind::replace_expression: return replace_expression(text, *step.regex, step.text);
    case Step::Kind::strip: return std::string(strip(text, step.left, step.right));
    case Step::Kind::merge_spaces: return merge_spaces(text);
    case Step::Kind::charsmap: return apply_charsmap(step, text);
  }
  return text;
}

}  // namespace

Result<NormalizerStep> charsmap_step(std::string_view blob) {
  std::uint32_t trie_bytes = 0;
  if (blob.size() >= sizeof trie_bytes) std::memcpy(&trie_bytes, blob.data(), sizeof trie_bytes);
  if (blob.size() < sizeof trie_bytes || trie_bytes > blob.size() - sizeof trie_bytes || trie_bytes % 4 != 0)
    return fail(ErrorKind::invalid_input, "the precompiled charsmap claims a table of {} bytes, it has {} in all",
                trie_bytes, blob.size());
  Step step;
  step.kind = Step::Kind::charsmap;
  step.trie.resize(trie_bytes / 4);
  std::memcpy(step.trie.data(), blob.data() + sizeof trie_bytes, trie_bytes);
  step.text = blob.substr(sizeof trie_bytes + trie_bytes);
  return step;
}

std::string Normalizer::apply(std::string_view text) const {
  std::string out(text);
  for (const Step& step : steps_) out = apply_step(step, std::move(out));
  return out;
}

}  // namespace tokenmark
