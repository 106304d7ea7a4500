// The real vocabularies of the test data, opened once a program.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "engine/model/model.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {

inline std::string vocabulary_path(const std::string& name) {
  return std::string(TOKENMARK_SHARED_DATA) + "/tokenizers/" + name + ".gguf";
}

// Null where the test data is missing.
inline std::shared_ptr<const Tokenizer> shared_tokenizer(const std::string& name) {
  static std::map<std::string, std::shared_ptr<const Tokenizer>> opened;
  const std::string path = name == "stories260K" ? std::string(TOKENMARK_SHARED_DATA) + "/models/stories260K.gguf"
                                                 : vocabulary_path(name);
  if (!opened.contains(name) && std::filesystem::exists(path)) {
    auto tokenizer = open_tokenizer(path);
    EXPECT_TRUE(tokenizer) << tokenizer.error().message;
    if (tokenizer) opened[name] = *tokenizer;
  }
  return opened[name];
}

}  // namespace tokenmark
