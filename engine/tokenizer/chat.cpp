#include "engine/tokenizer/chat.h"

namespace tokenmark {
namespace {

using Messages = std::vector<ChatMessage>;

std::string chatml(const Messages& messages, bool prompt) {
  std::string text;
  for (const ChatMessage& message : messages)
    text += "<|im_start|>" + message.role + "\n" + message.content + "<|im_end|>\n";
  return prompt ? text + "<|im_start|>assistant\n" : text;
}

std::string llama3(const Messages& messages, bool prompt) {
  const auto head = [](const std::string& role) { return "<|start_header_id|>" + role + "<|end_header_id|>\n\n"; };
  std::string text;
  for (const ChatMessage& message : messages) text += head(message.role) + message.content + "<|eot_id|>";
  return prompt ? text + head("assistant") : text;
}

// The system message stands inside the first user turn; an answer is closed with EOS, and the next turn begins with
// BOS again. An answer follows "[/INST]" directly, so there is no generation prompt to add.
std::string llama2(const Messages& messages) {
  std::string text, system;
  bool first = true;
  for (const ChatMessage& message : messages) {
    if (message.role == "system") {
      system += "<<SYS>>\n" + message.content + "\n<</SYS>>\n\n";
    } else if (message.role == "assistant") {
      text += " " + message.content + " </s>";
    } else {
      text += (first ? "[INST] " : "<s>[INST] ") + system + message.content + " [/INST]";
      system.clear();
      first = false;
    }
  }
  return text;
}

std::string plain(const Messages& messages, bool prompt) {
  std::string text;
  for (const ChatMessage& message : messages) text += message.role + ": " + message.content + "\n";
  return prompt ? text + "assistant:" : text;
}

}  // namespace

ChatFamily chat_family(std::string_view chat_template) {
  const auto has = [&](std::string_view marker) { return chat_template.find(marker) != std::string_view::npos; };
  if (has("<|im_start|>")) return ChatFamily::chatml;
  if (has("<|start_header_id|>")) return ChatFamily::llama3;
  if (has("[INST]")) return ChatFamily::llama2;
  return ChatFamily::plain;
}

std::string render_chat(std::string_view chat_template, const Messages& messages, bool add_generation_prompt) {
  switch (chat_family(chat_template)) {
    case ChatFamily::chatml: return chatml(messages, add_generation_prompt);
    case ChatFamily::llama3: return llama3(messages, add_generation_prompt);
    case ChatFamily::llama2: return llama2(messages);
    case ChatFamily::plain: return plain(messages, add_generation_prompt);
  }
  return {};
}

}  // namespace tokenmark
