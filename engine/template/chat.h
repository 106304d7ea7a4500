// Conversations as the prompt text that a model expects, by its own Jinja template. The text holds control tokens by
// their spelling, BOS included where the template writes it: encode it with parse_special. A message that itself
// contains such a spelling is not guarded against: it reads as the token, as it does with most servers.
#pragma once

#include "engine/template/template.h"

namespace tokenmark {

struct Conversation {
  jinja::Value messages;  // a list of mappings as in OpenAI's chat API; contents are strings or none
  jinja::Value tools;     // a list as there, or none
  jinja::Value settings;  // a mapping of more variables for the template (enable_thinking), or none
  bool add_generation_prompt = true;  // end where the assistant's answer begins
};

class ChatTemplate {
 public:
  // `source` empty: a model without a template gets plain lines "role: content", see `is_plain`.
  static Result<ChatTemplate> make(const std::string& source, const std::string& bos, const std::string& eos);

  // What templates differ in is evened out: roles that a template does not know ("developer"), the names under which
  // reasoning is passed, arguments of tool calls as mappings or, where that fails, as text.
  Result<std::string> render(const Conversation& conversation, std::chrono::system_clock::time_point now) const;

  bool is_plain() const { return plain_; }  // then BOS belongs before the text as before any prompt
  const std::string& source() const { return source_; }

 private:
  explicit ChatTemplate(jinja::Template compiled) : compiled_(std::move(compiled)) {}
  Result<std::string> render_with(const Conversation& conversation, bool arguments_as_text,
                                  std::chrono::system_clock::time_point now) const;

  jinja::Template compiled_;
  std::string source_, bos_, eos_;
  bool plain_ = false;
};

}  // namespace tokenmark
