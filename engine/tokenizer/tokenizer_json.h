// Tokenizers of model folders as on the hub: tokenizer.json (Hugging Face's fast tokenizers) with the settings of the
// files beside it. The texts are hostile: whatever is wrong in them is an error that names file and key.
#pragma once

#include "engine/tokenizer/vocabulary.h"

namespace tokenmark {

// Texts of the files; empty: there is no such file. Only the first must be there.
struct TokenizerFiles {
  std::string tokenizer;          // tokenizer.json
  std::string tokenizer_config;   // tokenizer_config.json: names of the special tokens, add_bos_token, chat_template
  std::string generation_config;  // generation_config.json: all ids that end an answer
  std::string config;             // config.json: bos_token_id and eos_token_id, where no other file has them
  std::string chat_template;      // chat_template.jinja: goes before tokenizer_config.json's
};

struct FolderTokenizer {
  std::shared_ptr<const Tokenizer> tokenizer;
  std::string chat_template;  // empty: none
};

Result<FolderTokenizer> read_tokenizer_json(const TokenizerFiles& files);

// Those files of a folder, and the tokenizer made from them.
Result<TokenizerFiles> read_tokenizer_files(const std::string& folder);
Result<FolderTokenizer> read_tokenizer_folder(const std::string& folder);

// The same tokenizer as GGUF's own keys have it, for programs that read no tokenizer.json. Nothing where those keys
// cannot say it and ids would differ: they know byte-level BPE with one of their pre-tokenizers, and SentencePiece's BPE.
// White space that special tokens swallow is not among what they say.
Result<std::optional<Vocabulary>> gguf_vocabulary(const TokenizerFiles& files);

}  // namespace tokenmark
