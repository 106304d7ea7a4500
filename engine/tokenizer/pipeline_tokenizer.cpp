#include "engine/tokenizer/pipeline_tokenizer.h"

#include <algorithm>
#include <cmath>

#include "engine/tokenizer/utf8.h"
#include "engine/tokenizer/words.h"

namespace tokenmark {
namespace {

class PipelineTokenizer : public VocabularyTokenizer {
 public:
  PipelineTokenizer(Vocabulary given, Pipeline pipeline)
      : VocabularyTokenizer(std::move(given), pipeline.kind, std::move(pipeline.before), std::move(pipeline.after),
                            pipeline.normalized_specials),
        pipeline_(std::move(pipeline)) {
    const std::vector<std::string>& tokens = vocabulary().tokens;
    std::vector<bool> usable(tokens.size());
    for (TokenId token = 0; token < vocabulary_size(); ++token)
      usable[static_cast<std::size_t>(token)] = type(token) == TokenType::normal || type(token) == TokenType::unused ||
                                                (pipeline_.unigram && !is_control(token));
    if (pipeline_.unigram) unigram_.emplace(tokens, vocabulary().scores, usable, *pipeline_.unigram);
    if (pipeline_.bpe) read_merges(usable);
    for (const TokenId token : pipeline_.normalized_specials) {
      const std::string spelling = pipeline_.normalizer.apply(tokens[static_cast<std::size_t>(token)]);
      const SpellingRules rules = spelling_rules(token);
      if (!is_control(token)) normalized_always_.add(spelling, token, rules);
      normalized_all_.add(spelling, token, rules);
    }
    normalized_always_.finish();
    normalized_all_.finish();
  }

  std::string decode(const std::vector<TokenId>& tokens) const override {
    std::string text = Tokenizer::decode(tokens);
    if (pipeline_.strips_first_space && text.starts_with(' ')) text.erase(0, 1);
    return text;
  }

 protected:
  void encode_plain(const Stretch& stretch, std::vector<TokenId>& ids) const override {
    const std::string owned = pipeline_.normalizer.empty() ? std::string() : pipeline_.normalizer.apply(stretch.text);
    const std::string_view text = pipeline_.normalizer.empty() ? stretch.text : std::string_view(owned);
    const SpecialTokens& specials = stretch.parse_special ? normalized_all_ : normalized_always_;
    for (std::size_t at = 0; at < text.size();) {
      const SpecialTokens::Match match = specials.find(text, at);
      const std::size_t end = std::min(match.begin, text.size());
      if (end > at) encode_normalized(text.substr(at, end - at), stretch.at_start && at == 0, ids);
      if (match.length > 0) ids.push_back(match.token);
      at = end + match.length;
    }
  }

  std::string normal_bytes(TokenId token) const override {
    const std::string& text = vocabulary().tokens[static_cast<std::size_t>(token)];
    if (pipeline_.bpe && pipeline_.bpe->byte_level) return bytes_of_spelling(text);
    if (type(token) == TokenType::byte) {
      const int value = byte_value(text);
      return value < 0 ? std::string() : std::string(1, static_cast<char>(value));
    }
    return pipeline_.space_mark.empty() ? text : replace_all(text, pipeline_.space_mark, " ");
  }

 private:
  void read_merges(const std::vector<bool>& usable) {
    bpe_.emplace(vocabulary().tokens, usable, *pipeline_.bpe);
    for (const std::string& line : vocabulary().merges) {
      const std::size_t space = line.find(' ', 1);
      if (space == std::string::npos) continue;
      bpe_->add_merge(std::string_view(line).substr(0, space), std::string_view(line).substr(space + 1));
    }
    for (const auto& [left, right] : std::exchange(pipeline_.merges, {})) bpe_->add_merge(left, right);
    bpe_->finish();
  }

  void encode_normalized(std::string_view text, bool at_start, std::vector<TokenId>& ids) const {
    Pretokenizer::Pieces pieces;
    pipeline_.pretokenizer.split(text, at_start, pieces);
    if (unigram_)
      for (const std::string_view piece : pieces.list()) unigram_->encode(piece, ids);
    if (!bpe_) return;
    BpeModel::Encoder encoder(*bpe_);
    for (const std::string_view piece : pieces.list()) encoder.add(piece, ids);
  }

  Pipeline pipeline_;
  std::optional<BpeModel> bpe_;
  std::optional<UnigramModel> unigram_;
  SpecialTokens normalized_always_, normalized_all_;
};

}  // namespace

std::shared_ptr<const Tokenizer> make_pipeline_tokenizer(Vocabulary vocabulary, Pipeline pipeline) {
  return std::make_shared<const PipelineTokenizer>(std::move(vocabulary), std::move(pipeline));
}

Result<std::shared_ptr<const Tokenizer>> make_bpe_tokenizer(Vocabulary vocabulary) {
  TOKENMARK_TRY(NamedPretokenizer named, find_pretokenizer(vocabulary.pre));
  vocabulary.add_bos = vocabulary.add_bos.value_or(named.adds_bos);
  vocabulary.add_eos = vocabulary.add_eos.value_or(false);
  Pipeline pipeline;
  pipeline.kind = "bpe:" + std::string(named.name);
  if (named.nfc) {
    std::vector<NormalizerStep> steps;
    steps.push_back({.kind = NormalizerStep::Kind::nfc});
    pipeline.normalizer = Normalizer(std::move(steps));
  }
  pipeline.pretokenizer = std::move(named.pretokenizer);
  pipeline.bpe = BpeRules{.whole_pieces_first = named.whole_pieces_first, .unknown = vocabulary.unknown};
  return make_pipeline_tokenizer(std::move(vocabulary), std::move(pipeline));
}

Status check_scores(const Vocabulary& vocabulary) {
  if (vocabulary.scores.size() != vocabulary.tokens.size())
    return fail(ErrorKind::invalid_input, "the vocabulary has {} tokens but {} scores", vocabulary.tokens.size(),
                vocabulary.scores.size());
  if (std::ranges::any_of(vocabulary.scores, [](float score) { return std::isnan(score); }))
    return fail(ErrorKind::invalid_input, "a score of the vocabulary is not a number");
  return {};
}

Result<std::shared_ptr<const Tokenizer>> make_unigram_tokenizer(Vocabulary vocabulary) {
  TOKENMARK_CHECK(check_scores(vocabulary));
  vocabulary.add_bos = vocabulary.add_bos.value_or(false);
  vocabulary.add_eos = vocabulary.add_eos.value_or(true);
  Pipeline pipeline;
  pipeline.kind = "unigram";
  std::vector<NormalizerStep> steps;
  if (!vocabulary.charsmap.empty()) {
    TOKENMARK_TRY(NormalizerStep charsmap, charsmap_step(vocabulary.charsmap));
    steps.push_back(std::move(charsmap));
  }
  if (vocabulary.merge_spaces) {
    steps.push_back({.kind = NormalizerStep::Kind::strip, .left = true, .right = true});
    steps.push_back({.kind = NormalizerStep::Kind::merge_spaces});
  }
  pipeline.normalizer = Normalizer(std::move(steps));
  PretokenizerStep metaspace;
  metaspace.kind = PretokenizerStep::Kind::metaspace;
  metaspace.replacement = kSpaceMark;
  pipeline.strips_first_space = vocabulary.add_space_prefix.value_or(true);
  metaspace.prepend = pipeline.strips_first_space ? PretokenizerStep::Prepend::always : PretokenizerStep::Prepend::never;
  metaspace.cuts_words = false;
  std::vector<PretokenizerStep> cuts;
  cuts.push_back(std::move(metaspace));
  pipeline.pretokenizer = Pretokenizer(std::move(cuts));
  pipeline.space_mark = kSpaceMark;
  pipeline.unigram = UnigramRules{vocabulary.unknown, false};
  return make_pipeline_tokenizer(std::move(vocabulary), std::move(pipeline));
}

}  // namespace tokenmark
