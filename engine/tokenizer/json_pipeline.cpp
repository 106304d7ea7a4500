#include "engine/tokenizer/json_pipeline.h"

#include <array>

namespace tokenmark {
namespace {

using nlohmann::json;
using Step = PretokenizerStep;

constexpr int kDeepestSequence = 8;

tl::unexpected<Error> unknown(const char* part, const std::string& type, const char* known) {
  return fail(ErrorKind::invalid_input, "tokenizer.json: {} '{}' is not known; known are {}", part, type, known);
}

// A part is one thing or a Sequence of things; `read` gets each of them.
template <class Read>
Status each(const json& part, const char* list, const Read& read, int depth = 0) {
  if (part.is_null()) return {};
  if (!part.is_object() || depth > kDeepestSequence)
    return fail(ErrorKind::invalid_input, "tokenizer.json: '{}' is not an object or nested too deeply", list);
  const std::string type = json_text(part, "type");
  if (type != "Sequence") return read(part, type);
  const json& parts = json_member(part, list);
  if (!parts.is_array()) return fail(ErrorKind::invalid_input, "tokenizer.json: a Sequence has no '{}'", list);
  for (const json& inner : parts) TOKENMARK_CHECK(each(inner, list, read, depth + 1));
  return {};
}

std::string literally(std::string_view literal) {
  std::string out;
  for (const char c : literal) {
    if (std::string_view("\\^$.|?*+()[]{}-").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

// {"String": "…"} or {"Regex": "…"}.
struct Pattern {
  std::string text;
  bool literal = false;
};
Result<Pattern> read_pattern(const json& part) {
  const json& pattern = json_member(part, "pattern");
  if (const std::string literal = json_text(pattern, "String"); !literal.empty()) return Pattern{literal, true};
  if (const std::string regex = json_text(pattern, "Regex"); !regex.empty()) return Pattern{regex, false};
  return fail(ErrorKind::invalid_input, "tokenizer.json: a {} has neither a String nor a Regex as its pattern",
              json_text(part, "type"));
}

Result<std::string> from_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos)
      return fail(ErrorKind::invalid_input, "tokenizer.json: precompiled_charsmap is not Base64");
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    if (count += 6; count >= 8) bytes += static_cast<char>(bits >> (count -= 8));
  }
  return bytes;
}

Status read_normalizer(const json& part, const std::string& type, std::vector<NormalizerStep>& steps) {
  using Kind = NormalizerStep::Kind;
  NormalizerStep step;
  if (type == "NFC") {
    step.kind = Kind::nfc;
  } else if (type == "NFD") {
    step.kind = Kind::nfd;
  } else if (type == "Prepend") {
    step.kind = Kind::prepend;
    step.text = json_text(part, "prepend");
  } else if (type == "Strip") {
    step.kind = Kind::strip;
    step.left = json_flag(part, "strip_left", true);
    step.right = json_flag(part, "strip_right", true);
  } else if (type == "Replace") {
    TOKENMARK_TRY(const Pattern pattern, read_pattern(part));
    step.text = json_text(part, "content");
    step.kind = pattern.literal ? Kind::replace_literal : Kind::replace_expression;
    step.literal = pattern.text;
    if (!pattern.literal) {
      TOKENMARK_TRY(const std::string written, from_oniguruma(pattern.text));
      TOKENMARK_TRY(step.regex, Regex::compile(written));
    }
  } else if (type == "Precompiled") {
    TOKENMARK_TRY(const std::string blob, from_base64(json_text(part, "precompiled_charsmap")));
    if (blob.empty()) return {};
    TOKENMARK_TRY(step, charsmap_step(blob));
  } else {
    return unknown("normalizer", type, "NFC, NFD, Prepend, Replace, Strip, Precompiled and Sequence");
  }
  steps.push_back(std::move(step));
  return {};
}

Result<SplitBehaviour> read_behaviour(const json& part) {
  constexpr std::array<std::pair<std::string_view, SplitBehaviour>, 5> kNames = {{
      {"Isolated", SplitBehaviour::isolated},
      {"Removed", SplitBehaviour::removed},
      {"MergedWithPrevious", SplitBehaviour::merged_with_previous},
      {"MergedWithNext", SplitBehaviour::merged_with_next},
      {"Contiguous", SplitBehaviour::contiguous},
  }};
  const std::string name = json_text(part, "behavior");
  for (const auto& [known, behaviour] : kNames)
    if (known == name) return behaviour;
  return fail(ErrorKind::invalid_input, "tokenizer.json: behavior '{}' is not known; known are Isolated, Removed, "
              "MergedWithPrevious, MergedWithNext and Contiguous", name);
}

Result<Step> read_metaspace(const json& part) {
  Step step;
  step.kind = Step::Kind::metaspace;
  step.replacement = json_text(part, "replacement");
  if (step.replacement.empty()) return fail(ErrorKind::invalid_input, "tokenizer.json: a Metaspace has no replacement");
  const std::string scheme = json_text(part, "prepend_scheme");
  step.prepend = scheme == "never"   ? Step::Prepend::never
                 : scheme == "first" ? Step::Prepend::first
                 : scheme.empty() && !json_flag(part, "add_prefix_space", true) ? Step::Prepend::never
                                                                                : Step::Prepend::always;
  step.cuts_words = json_flag(part, "split", true);
  return step;
}

Status read_pretokenizer(const json& part, const std::string& type, std::vector<Step>& steps, bool& byte_level) {
  if (byte_level)
    return fail(ErrorKind::invalid_input, "tokenizer.json: pre_tokenizer '{}' after ByteLevel is not known here", type);
  const auto split = [&](std::string_view expression, SplitBehaviour behaviour, bool invert) -> Status {
    TOKENMARK_TRY(Step step, split_step(expression, behaviour, invert));
    steps.push_back(std::move(step));
    return {};
  };
  if (type == "Split") {
    TOKENMARK_TRY(const Pattern pattern, read_pattern(part));
    TOKENMARK_TRY(const SplitBehaviour behaviour, read_behaviour(part));
    return split(pattern.literal ? literally(pattern.text) : pattern.text, behaviour, json_flag(part, "invert", false));
  }
  if (type == "ByteLevel") {
    byte_level = true;
    if (json_flag(part, "add_prefix_space", true)) {
      Step step;
      step.kind = Step::Kind::prefix_space;
      steps.push_back(std::move(step));
    }
    return json_flag(part, "use_regex", true) ? split(kGpt2Expression, SplitBehaviour::isolated, false) : Status();
  }
  if (type == "Metaspace") {
    TOKENMARK_TRY(Step step, read_metaspace(part));
    steps.push_back(std::move(step));
    return {};
  }
  if (type == "Digits")
    return split(R"(\p{N})", json_flag(part, "individual_digits", false) ? SplitBehaviour::isolated
                                                                          : SplitBehaviour::contiguous, false);
  if (type == "Punctuation") {
    TOKENMARK_TRY(const SplitBehaviour behaviour, read_behaviour(part));
    return split(R"([!-/:-@\[-`{-~\p{P}])", behaviour, false);
  }
  if (type == "Whitespace") return split(R"(\w+|[^\w\s]+)", SplitBehaviour::removed, true);
  if (type == "WhitespaceSplit") return split(R"(\s)", SplitBehaviour::removed, false);
  return unknown("pre_tokenizer", type,
                 "Split, ByteLevel, Metaspace, Digits, Punctuation, Whitespace, WhitespaceSplit and Sequence");
}

Status read_decoder(const json& part, const std::string& type, Pipeline& pipeline) {
  if (type == "ByteLevel" || type == "ByteFallback" || type == "Fuse") return {};
  if (type == "Metaspace") {
    TOKENMARK_TRY(const Step step, read_metaspace(part));
    pipeline.space_mark = step.replacement;
    pipeline.strips_first_space = step.prepend != Step::Prepend::never;
    return {};
  }
  if (type == "Replace" && json_text(part, "content") == " ") {
    TOKENMARK_TRY(const Pattern pattern, read_pattern(part));
    pipeline.space_mark = pattern.text;
    return {};
  }
  if (type == "Strip" && json_text(part, "content") == " ") {
    pipeline.strips_first_space = json_member(part, "start") == 1;
    return {};
  }
  return unknown("decoder", type, "ByteLevel, ByteFallback, Fuse, Metaspace, Replace by a space, Strip of a space and "
                                  "Sequence");
}

// The ids of a special token that a template names.
Status add_ids(const json& processor, const std::string& name, std::vector<TokenId>& ids) {
  const json& special = json_member(json_member(processor, "special_tokens"), name.c_str());
  const json& list = json_member(special, "ids");
  if (!list.is_array())
    return fail(ErrorKind::invalid_input, "tokenizer.json: post_processor names '{}' but gives no ids for it", name);
  for (const json& id : list) ids.push_back(id.is_number_unsigned() && id <= INT32_MAX ? id.get<TokenId>() : -1);
  return {};
}

Status read_processor(const json& part, const std::string& type, Pipeline& pipeline) {
  if (type == "ByteLevel") return {};
  std::vector<TokenId> before, after;
  if (type == "TemplateProcessing") {
    bool text_seen = false;
    for (const json& piece : json_member(part, "single")) {
      if (!json_member(piece, "Sequence").is_null()) text_seen = true;
      else TOKENMARK_CHECK(add_ids(part, json_text(json_member(piece, "SpecialToken"), "id"), text_seen ? after : before));
    }
  } else if (type == "RobertaProcessing" || type == "BertProcessing") {
    const auto id = [&](const char* key) {
      const json& pair = json_member(part, key);
      return pair.is_array() && pair.size() == 2 && pair[1].is_number_unsigned() && pair[1] <= INT32_MAX
                 ? pair[1].get<TokenId>() : -1;
    };
    before = {id("cls")};
    after = {id("sep")};
  } else {
    return unknown("post_processor", type, "TemplateProcessing, ByteLevel, RobertaProcessing, BertProcessing and Sequence");
  }
  pipeline.before = std::move(before);
  pipeline.after = std::move(after);
  return {};
}

}  // namespace

const json& json_member(const json& object, const char* key) {
  static const json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

bool json_flag(const json& object, const char* key, bool otherwise) {
  const json& value = json_member(object, key);
  return value.is_boolean() ? value.get<bool>() : otherwise;
}

std::string json_text(const json& object, const char* key) {
  const json& value = json_member(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

Status read_pipeline(const json& tokenizer, Pipeline& pipeline, bool& byte_level) {
  std::vector<NormalizerStep> normalizer;
  TOKENMARK_CHECK(each(json_member(tokenizer, "normalizer"), "normalizers", [&](const json& part, const std::string& type) {
    return read_normalizer(part, type, normalizer);
  }));
  pipeline.normalizer = Normalizer(std::move(normalizer));
  std::vector<Step> steps;
  TOKENMARK_CHECK(each(json_member(tokenizer, "pre_tokenizer"), "pretokenizers", [&](const json& part, const std::string& type) {
    return read_pretokenizer(part, type, steps, byte_level);
  }));
  pipeline.pretokenizer = Pretokenizer(std::move(steps));
  TOKENMARK_CHECK(each(json_member(tokenizer, "decoder"), "decoders", [&](const json& part, const std::string& type) {
    return read_decoder(part, type, pipeline);
  }));
  return each(json_member(tokenizer, "post_processor"), "processors", [&](const json& part, const std::string& type) {
    return read_processor(part, type, pipeline);
  });
}

}  // namespace tokenmark
