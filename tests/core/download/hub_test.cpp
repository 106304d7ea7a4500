#include "core/download/hub.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace tokenmark {
namespace {

TEST(Hub, the_short_form_is_the_hubs_address_of_the_file) {
  unsetenv("HF_ENDPOINT");
  EXPECT_EQ(*download_url("hf:Qwen/Qwen3-0.6B/model.safetensors"),
            "https://huggingface.co/Qwen/Qwen3-0.6B/resolve/main/model.safetensors");
  EXPECT_EQ(*download_url("hf:a/b/deep/x y?.gguf"), "https://huggingface.co/a/b/resolve/main/deep/x%20y%3F.gguf");
  setenv("HF_ENDPOINT", "http://127.0.0.1:9/", 1);
  EXPECT_EQ(*download_url("hf:a/b/c"), "http://127.0.0.1:9/a/b/resolve/main/c");
  setenv("HF_ENDPOINT", "nonsense", 1);
  EXPECT_EQ(hub_url(), "https://huggingface.co");
  unsetenv("HF_ENDPOINT");
}

TEST(Hub, what_is_no_address_is_refused) {
  for (const char* text :
       {"", "hf:", "hf:a/b", "hf:/b/c", "hf:a//c", "hf:a/b/", "ftp://x/y", "file:///etc/passwd", "model.gguf"})
    EXPECT_FALSE(download_url(text)) << text;
  EXPECT_EQ(*download_url("https://example.org/m.gguf?x=1"), "https://example.org/m.gguf?x=1");
}

TEST(Hub, a_file_is_named_after_the_end_of_its_address) {
  EXPECT_EQ(*file_name_of("https://h/a/b%20c.gguf?download=true#x"), "b c.gguf");
  for (const char* url : {"https://h", "https://h/", "https://h/a/..", "https://h/a/%2e%2e", "https://h/..%2fx",
                          "https://h/a%00b", "https://h/a%0ab"})
    EXPECT_FALSE(file_name_of(url)) << url;
}

TEST(Hub, messages_show_no_keys) {
  EXPECT_EQ(shown_url("https://me:secret@h:1/a@b/c?key=1#x"), "https://h:1/a@b/c");
  EXPECT_EQ(shown_url("https://h/a"), "https://h/a");
  EXPECT_EQ(shown_url("https://h"), "https://h");
}

TEST(Hub, the_token_is_for_the_hub_alone) {
  unsetenv("HF_ENDPOINT");
  setenv("HF_TOKEN", "secret", 1);
  EXPECT_EQ(token_for("https://huggingface.co/a/b"), "secret");
  EXPECT_EQ(token_for("https://HuggingFace.co:443/a/b"), "secret");
  for (const char* url :
       {"http://huggingface.co/a/b", "https://huggingface.co.evil.org/a", "https://huggingface.co@evil.org/a",
        "https://huggingface.co:8443/a", "https://cdn-lfs.huggingface.co/a", "https://example.org/huggingface.co"})
    EXPECT_EQ(token_for(url), "") << url;
  unsetenv("HF_TOKEN");
}

}  // namespace
}  // namespace tokenmark
