// Chat messages as the prompt text that a model expects. A model file carries its format as a Jinja template; this
// does not run the template. It recognises the common families by the markers in its text and writes their form, so:
// tools, dates, "thinking" switches and default system messages of a particular template are left out, and a template
// of an unknown family becomes plain lines "role: content". The text holds control tokens by their spelling: encode
// it with parse_special. BOS is not part of it: encode it with special. A message that itself contains such a
// spelling is not guarded against: it reads as the token, as it does with most servers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tokenmark {

struct ChatMessage {
  std::string role;  // "system", "user", "assistant"
  std::string content;
};

enum class ChatFamily { plain, chatml, llama3, llama2 };

ChatFamily chat_family(std::string_view chat_template);

// `add_generation_prompt`: end where the assistant's answer begins.
std::string render_chat(std::string_view chat_template, const std::vector<ChatMessage>& messages,
                        bool add_generation_prompt);

}  // namespace tokenmark
