#include "engine/tokenizer/chat.h"

#include <gtest/gtest.h>

namespace tokenmark {
namespace {

const std::vector<ChatMessage> kTalk = {{"system", "Be brief."}, {"user", "Hi"}, {"assistant", "Hello"}, {"user", "Why?"}};

TEST(Chat, families_are_told_by_the_markers_of_their_template) {
  EXPECT_EQ(chat_family("{% for m in messages %}{{'<|im_start|>' + m['role']"), ChatFamily::chatml);
  EXPECT_EQ(chat_family("{{ '<|start_header_id|>' + role }}"), ChatFamily::llama3);
  EXPECT_EQ(chat_family("{{ bos_token + '[INST] ' + content }}"), ChatFamily::llama2);
  EXPECT_EQ(chat_family(""), ChatFamily::plain);
}

TEST(Chat, every_family_has_its_form) {
  EXPECT_EQ(render_chat("<|im_start|>", kTalk, true),
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
            "<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_EQ(render_chat("<|start_header_id|>", {{"user", "Hi"}}, true),
            "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n");
  EXPECT_EQ(render_chat("[INST]", kTalk, true),
            "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello </s><s>[INST] Why? [/INST]");
  EXPECT_EQ(render_chat("", {{"user", "Hi"}}, true), "user: Hi\nassistant:");
}

TEST(Chat, without_a_generation_prompt_the_text_ends_with_the_last_message) {
  EXPECT_EQ(render_chat("<|im_start|>", {{"user", "Hi"}}, false), "<|im_start|>user\nHi<|im_end|>\n");
  EXPECT_EQ(render_chat("", {{"user", "Hi"}}, false), "user: Hi\n");
}

}  // namespace
}  // namespace tokenmark
