// Equal texts as one: what many rows have in common is kept once. One thread.
#pragma once

#include <string_view>
#include <unordered_set>

#include "core/store/shared_text.h"

namespace tokenmark {

class TextPool {
 public:
  SharedText shared(std::string_view text) {
    if (text.empty()) return {};
    const auto found = texts_.find(text);
    return found != texts_.end() ? *found : *texts_.emplace(std::string(text)).first;
  }
  // Forgets what nobody holds any more.
  void shrink() {
    std::erase_if(texts_, [](const SharedText& text) { return text.uses() == 1; });
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    std::size_t operator()(const SharedText& text) const { return operator()(std::string_view(text.str())); }
  };
  std::unordered_set<SharedText, Hash, std::equal_to<>> texts_;
};

}  // namespace tokenmark
