#include "tests/support/null_server/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace tokenmark::test {
namespace {

constexpr std::string_view kDone = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";
// Counts are right-aligned in ten places, so that an answer's length does not depend on them.
constexpr std::string_view kUsage = R"({{"prompt_tokens":{:10},"total_tokens":{:10},"completion_tokens":{:10},"prompt_tokens_details":null}})";
constexpr std::string_view kId = "3f0c9a7be4d84c0f9b1d6a52c7e8f013";

std::string chunk(std::string_view json) { return fmt::format("{:x}\r\ndata: {}\n\n\r\n", json.size() + 8, json); }

std::string answer(std::string_view json, std::string_view status = "200 OK") {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", status, json.size(), json);
}

std::string_view value_of(std::string_view body, std::string_view key) {
  const void* found = memmem(body.data(), body.size(), key.data(), key.size());
  if (found == nullptr) return {};
  body.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(found) - body.data()) + key.size());
  body.remove_prefix(std::min(body.size(), body.find_first_not_of(" :\t\r\n")));
  return body;
}

std::uint32_t prompt_tokens_of(std::string_view body) {
  const std::string_view prompt = value_of(body, "\"prompt\"");
  if (!prompt.starts_with('[')) return static_cast<std::uint32_t>(1 + std::count(body.begin(), body.end(), ' '));
  const auto end = prompt.begin() + static_cast<std::ptrdiff_t>(std::min(prompt.size(), prompt.find(']')));
  return static_cast<std::uint32_t>(1 + std::count(prompt.begin(), end, ','));
}

}  // namespace

Asked what_is_asked(std::string_view body) {
  Asked asked;
  asked.stream = value_of(body, "\"stream\"").starts_with("true");
  asked.usage = value_of(body, "\"include_usage\"").starts_with("true");
  for (const char* key : {"\"max_tokens\"", "\"max_completion_tokens\""})
    if (const std::string_view number = value_of(body, key); !number.empty())
      std::from_chars(number.data(), number.data() + number.size(), asked.max_tokens);
  asked.max_tokens = std::clamp(asked.max_tokens, 1u, 1u << 24);
  asked.prompt_tokens = prompt_tokens_of(body);
  return asked;
}

Answers::Texts Answers::texts_of(Api api, int most_coalesced) {
  const bool chat = api == Api::chat;
  const auto event = [&](std::string_view choice, std::string_view usage) {
    return fmt::format(R"({{"id":"{}-{}","object":"{}","created":1764547200,"model":"null","choices":[{}],"usage":{}}})",
                       chat ? "chatcmpl" : "cmpl", kId, chat ? "chat.completion.chunk" : "text_completion", choice, usage);
  };
  const auto choice = [&](std::string_view text, std::string_view reason) {
    return chat ? fmt::format(R"({{"index":0,"delta":{{"content":"{}"}},"logprobs":null,"finish_reason":{},"token_ids":null}})", text, reason)
                : fmt::format(R"({{"index":0,"text":"{}","logprobs":null,"finish_reason":{},"stop_reason":null}})", text, reason);
  };
  Texts texts;
  texts.head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n";
  if (chat)
    texts.head += chunk(event(R"({"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null})", "null"));
  texts.event = chunk(event(choice(" nothing", "null"), "null"));
  for (int i = 0; i <= most_coalesced; ++i) texts.events += texts.event;
  texts.last = chunk(event(choice("", R"("length")"), "null"));
  const std::string counts = fmt::format(kUsage, 0, 0, 0);
  texts.usage = event("", counts).substr(0, event("", counts).size() - counts.size() - 1);  // to where the counts begin
  const std::string body = fmt::format(
      R"({{"id":"{}-{}","object":"{}","created":1764547200,"model":"null","choices":[{}],"usage":)", chat ? "chatcmpl" : "cmpl", kId,
      chat ? "chat.completion" : "text_completion",
      chat ? R"({"index":0,"message":{"role":"assistant","content":" nothing"},"logprobs":null,"finish_reason":"length"})"
           : choice(" nothing", R"("length")"));
  texts.whole = fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                            body.size() + counts.size() + 1, body);
  return texts;
}

Answers::Answers(int most_coalesced) : texts_{texts_of(Api::completions, most_coalesced), texts_of(Api::chat, most_coalesced)} {
  std::array<char, kScratch> scratch;
  for (const Api api : {Api::completions, Api::chat})
    for (const bool usage : {false, true}) texts_[static_cast<std::size_t>(api)].tail_bytes[usage] = tail({api, usage}, scratch).size();
  models_ = answer(R"({"object":"list","data":[{"id":"null","object":"model","created":1764547200,"owned_by":"tokenmark","max_model_len":16777216}]})");
  healthy_ = answer("{}");
  not_found_ = answer(R"({"error":{"message":"the null server knows /v1/completions, /v1/chat/completions, /v1/models and /health"}})",
                      "404 Not Found");
}

std::uint64_t Answers::length(const Stream& stream, std::uint64_t tokens) const {
  const Texts& texts = texts_[static_cast<std::size_t>(stream.api)];
  const std::uint64_t events = texts.head.size() + tokens * texts.event.size();
  return tokens < stream.tokens ? events : events + texts.tail_bytes[stream.usage];
}

std::uint64_t Answers::tokens_sent(const Stream& stream) const {
  const Texts& texts = texts_[static_cast<std::size_t>(stream.api)];
  const std::uint64_t head = texts.head.size();
  return stream.position <= head ? 0 : std::min<std::uint64_t>(stream.tokens, (stream.position - head) / texts.event.size());
}

std::span<iovec> Answers::pieces(const Stream& stream, std::uint64_t end, std::array<iovec, 3>& into, std::span<char> scratch) const {
  const Texts& texts = texts_[static_cast<std::size_t>(stream.api)];
  std::size_t count = 0;
  std::uint64_t at = stream.position;
  const auto add = [&](const char* bytes, std::uint64_t size) {
    into[count++] = {const_cast<char*>(bytes), static_cast<std::size_t>(size)};
    at += size;
  };
  const std::uint64_t head = texts.head.size(), events_end = head + std::uint64_t{stream.tokens} * texts.event.size();
  if (at < std::min(head, end)) add(texts.head.data() + at, std::min(head, end) - at);
  if (at < std::min(events_end, end)) {
    const std::uint64_t offset = (at - head) % texts.event.size();
    add(texts.events.data() + offset, std::min({events_end - at, end - at, texts.events.size() - offset}));
  }
  if (at >= events_end && at < end) add(tail(stream, scratch).data() + (at - events_end), end - at);
  return {into.data(), count};
}

std::string_view Answers::tail(const Stream& stream, std::span<char> scratch) const {
  const Texts& texts = texts_[static_cast<std::size_t>(stream.api)];
  char* out = fmt::format_to(scratch.data(), "{}", texts.last);
  if (stream.usage) {
    const std::size_t size = texts.usage.size() + fmt::formatted_size(kUsage, 0, 0, 0) + 1;
    out = fmt::format_to(out, "{:x}\r\ndata: {}", size + 8, texts.usage);
    out = fmt::format_to(out, kUsage, stream.prompt_tokens, stream.prompt_tokens + stream.tokens, stream.tokens);
    out = fmt::format_to(out, "}}\n\n\r\n");
  }
  out = fmt::format_to(out, "{}", kDone);
  return {scratch.data(), static_cast<std::size_t>(out - scratch.data())};
}

std::string_view Answers::whole(Api api, const Asked& asked, std::span<char> scratch) const {
  char* out = fmt::format_to(scratch.data(), "{}", texts_[static_cast<std::size_t>(api)].whole);
  out = fmt::format_to(out, kUsage, asked.prompt_tokens, asked.prompt_tokens + asked.max_tokens, asked.max_tokens);
  out = fmt::format_to(out, "}}");
  return {scratch.data(), static_cast<std::size_t>(out - scratch.data())};
}

}  // namespace tokenmark::test
