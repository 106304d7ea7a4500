// A tokenizer as tokenizer.json describes it: normalize, cut into pieces, encode each piece by a model; and the way
// back. GGUF's gpt2 and t5 vocabularies are such pipelines too. Within this folder only.
#pragma once

#include <optional>

#include "engine/tokenizer/bpe_model.h"
#include "engine/tokenizer/normalizer.h"
#include "engine/tokenizer/pretokenizer.h"
#include "engine/tokenizer/unigram_model.h"
#include "engine/tokenizer/vocabulary_tokenizer.h"

namespace tokenmark {

struct Pipeline {
  std::string kind;  // for Tokenizer::kind
  Normalizer normalizer;
  std::vector<TokenId> normalized_specials;  // found in the normalized text by their normalized spelling
  Pretokenizer pretokenizer;
  std::optional<BpeRules> bpe;
  std::optional<UnigramRules> unigram;
  std::string space_mark;           // what tokens have for a space; empty: spaces
  bool strips_first_space = false;  // of a decoded text
  std::vector<std::pair<std::string, std::string>> merges;  // besides the vocabulary's own
  std::optional<std::vector<TokenId>> before, after;        // special tokens around a prompt
};

std::shared_ptr<const Tokenizer> make_pipeline_tokenizer(Vocabulary vocabulary, Pipeline pipeline);

}  // namespace tokenmark
