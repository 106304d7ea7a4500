#include "engine/tokenizer/pretokenizer.h"

#include <algorithm>

namespace tokenmark {
namespace {

using Views = std::vector<std::string_view>;
using Step = PretokenizerStep;

struct Part {
  std::size_t begin, end;
  bool matched;
};

// Matches and gaps in order; neighbours of the same kind stay apart.
void find_parts(const Step& step, std::string_view text, std::vector<Part>& parts) {
  Regex::Matcher matcher(*step.regex, text);
  std::size_t done = 0;
  while (done < text.size()) {
    const auto [begin, end] = matcher.find(done);
    if (begin == std::string_view::npos) break;
    if (begin > done) parts.push_back({done, begin, step.invert});
    parts.push_back({begin, end, !step.invert});
    done = end;
  }
  if (done < text.size()) parts.push_back({done, text.size(), step.invert});
}

// Joins the parts of `parts` as the behaviour says.
void join_parts(SplitBehaviour behaviour, std::vector<Part>& parts) {
  std::vector<Part> joined;
  const auto push_or_extend = [&](const Part& part, bool extend) {
    if (!extend || joined.empty()) return joined.push_back(part);
    joined.back().begin = std::min(joined.back().begin, part.begin);
    joined.back().end = std::max(joined.back().end, part.end);
  };
  bool previous = false;
  switch (behaviour) {
    case SplitBehaviour::isolated: return;
    case SplitBehaviour::removed: std::erase_if(parts, [](const Part& part) { return part.matched; }); return;
    case SplitBehaviour::contiguous:
      for (const Part& part : parts) push_or_extend(part, std::exchange(previous, part.matched) == part.matched);
      break;
    case SplitBehaviour::merged_with_previous:
      for (const Part& part : parts) push_or_extend(part, !std::exchange(previous, part.matched) && part.matched);
      break;
    case SplitBehaviour::merged_with_next:
      for (auto part = parts.rbegin(); part != parts.rend(); ++part)
        push_or_extend(*part, !std::exchange(previous, part->matched) && part->matched);
      std::reverse(joined.begin(), joined.end());
      break;
  }
  parts.swap(joined);
}

void split_piece(const Step& step, std::string_view text, std::vector<Part>& parts, Views& pieces) {
  parts.clear();
  find_parts(step, text, parts);
  if (step.behaviour != SplitBehaviour::isolated) join_parts(step.behaviour, parts);
  for (const Part& part : parts) pieces.push_back(text.substr(part.begin, part.end - part.begin));
}

std::string with_metaspace(const Step& step, std::string_view text, bool first) {
  std::string out;
  for (const char c : text)
    if (c == ' ') out += step.replacement;
    else out += c;
  const bool wanted = step.prepend == Step::Prepend::always || (step.prepend == Step::Prepend::first && first);
  if (wanted && !out.starts_with(step.replacement)) out.insert(0, step.replacement);
  return out;
}

// A word goes from its mark to the next one.
void cut_words(std::string_view mark, std::string_view text, Views& pieces) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(mark, begin + 1), text.size());
    pieces.push_back(text.substr(begin, end - begin));
    begin = end;
  }
}

}  // namespace

Result<PretokenizerStep> split_step(std::string_view expression, SplitBehaviour behaviour, bool invert) {
  Step step;
  TOKENMARK_TRY(const std::string written, from_oniguruma(expression));
  TOKENMARK_TRY(step.regex, Regex::compile(written));
  step.behaviour = behaviour;
  step.invert = invert;
  return step;
}

void Pretokenizer::split(std::string_view text, bool at_start, Pieces& pieces) const {
  pieces.changed_.clear();
  pieces.list_.assign(text.empty() ? 0 : 1, text);
  std::vector<Part> parts;
  for (const Step& step : steps_) {
    pieces.finer_.clear();
    bool first = at_start;
    for (const std::string_view piece : pieces.list_) {
      if (step.kind == Step::Kind::split) {
        split_piece(step, piece, parts, pieces.finer_);
      } else if (step.kind == Step::Kind::prefix_space) {
        pieces.finer_.push_back(piece.starts_with(' ') ? piece : pieces.changed_.emplace_back(std::string(1, ' ').append(piece)));
      } else {
        const std::string& changed = pieces.changed_.emplace_back(with_metaspace(step, piece, first));
        if (step.cuts_words) cut_words(step.replacement, changed, pieces.finer_);
        else pieces.finer_.push_back(changed);
      }
      first = false;
    }
    pieces.list_.swap(pieces.finer_);
  }
}

}  // namespace tokenmark
