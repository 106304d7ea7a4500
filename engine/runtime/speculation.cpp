#include "engine/runtime/speculation.h"

namespace tokenmark {

Result<Speculation> parse_speculation(std::string_view text) {
  constexpr std::string_view kDraft = "draft:";
  if (text.empty() || text == "none") return Speculation{};
  if (text == "ngram") return Speculation{Drafting::ngram, {}};
  if (text == "mtp") return Speculation{Drafting::mtp, {}};
  if (text.starts_with(kDraft) && text.size() > kDraft.size())
    return Speculation{Drafting::model, std::string(text.substr(kDraft.size()))};
  return fail(ErrorKind::invalid_input, "speculate is '{}'; it must be ngram, mtp or draft:MODEL", text);
}

Result<Policy> parse_policy(std::string_view text) {
  if (text == "fcfs") return Policy::fcfs;
  if (text == "shortest-first") return Policy::shortest_first;
  return fail(ErrorKind::invalid_input, "policy is '{}'; it must be fcfs or shortest-first", text);
}

Result<Format> parse_kv_format(std::string_view text) {
  for (const Format format : {Format::f16, Format::bf16, Format::fp8, Format::q8_0, Format::f32})
    if (text == format_name(format)) return format;
  return fail(ErrorKind::invalid_input, "kv_format is '{}'; it must be f16, bf16, fp8, q8_0 or f32", text);
}

}  // namespace tokenmark
