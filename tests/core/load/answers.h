// Answers as each server gives them, written by hand from the formats that the servers document: what the readers must
// make of them is in answer_reader_test.cpp; answer_fuzz_test.cpp breaks them.
#pragma once

#include <string>
#include <vector>

#include "core/load/answer_reader.h"

namespace tokenmark::test {

struct Answer {
  const char* name;
  const char* api;
  std::int32_t max_tokens;
  std::vector<std::string> events;  // of a stream; one body: a whole answer
  bool whole = false;
  std::vector<MessageKind> kinds;
  std::vector<std::int32_t> tokens;
  std::int64_t input = -1, output = -1, cached = -1;
  std::string text;
};

// An MP4 of two boxes.
inline std::string small_mp4() {
  return std::string("\0\0\0\x14" "ftypisom\0\0\0\0isom" "\0\0\0\x10" "mdat12345678", 36);
}

inline const std::vector<Answer>& good_answers() {
  using K = MessageKind;
  static const std::vector<Answer> all = {
      {"vLLM completions", "completions", 3,
       {R"({"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":" a","logprobs":null,"finish_reason":null,"stop_reason":null}],"usage":null})",
        R"({"id":"cmpl-1","choices":[{"index":0,"text":" \"b\"","finish_reason":null}]})",
        R"({"id":"cmpl-1","choices":[{"index":0,"text":" c","finish_reason":"length"}]})",
        R"({"id":"cmpl-1","choices":[],"usage":{"prompt_tokens":7,"total_tokens":10,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4}}})",
        "[DONE]"},
       false, {K::content, K::content, K::content, K::usage}, {1, 1, 1, 0}, 7, 3, 4, " a \"b\" c"},
      {"a running count", "completions", 5,
       {R"({"choices":[{"text":"a"}],"usage":{"prompt_tokens":7,"completion_tokens":1}})",
        R"({"choices":[{"text":""}],"usage":{"prompt_tokens":7,"completion_tokens":2}})",
        R"({"usage":{"prompt_tokens":7,"completion_tokens":4},"choices":[{"finish_reason":"stop","text":"bc"}]})",
        R"({"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":4,"prompt_tokens_details":null}})"},
       false, {K::content, K::content, K::content, K::usage}, {1, 0, 3, 0}, 7, 4, -1, "abc"},
      {"vLLM chat with reasoning and a call", "chat", 9,
       {R"({"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})",
        R"({"choices":[{"index":0,"delta":{"reasoning_content":"hm","content":null}}]})",
        R"({"choices":[{"index":0,"delta":{"reasoning":"so"}}]})",
        R"({"choices":[{"index":0,"delta":{"content":"yes"}}]})",
        R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]})",
        R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})",
        R"({"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":4,"completion_tokens_details":{"reasoning_tokens":2}}})", "[DONE]"},
       false, {K::role, K::reasoning, K::reasoning, K::content, K::tool, K::content, K::usage}, {0, 1, 1, 1, 1, 0, 0}, 20, 4, -1, "hmsoyes"},
      {"a chat that begins without choices", "chat", 2,
       {R"({"choices":[],"prompt_filter_results":[]})", R"({"choices":[{"delta":{"content":"a","role":"assistant"}}],"error":null})",
        R"({"choices":[{"delta":{"content":null},"finish_reason":"stop"}]})", "[DONE]"},
       false, {K::usage, K::content, K::content}, {0, 1, 0}, -1, -1, -1, "a"},
      {"a whole completion", "completions", 4,
       {R"({"id":"cmpl-1","object":"text_completion","choices":[{"index":0,"text":"a b c","finish_reason":"length"}],"usage":{"prompt_tokens":7,"completion_tokens":4,"total_tokens":11}})"},
       true, {K::content}, {4}, 7, 4, -1, "a b c"},
      {"a whole chat answer", "chat", 4,
       {R"({"choices":[{"index":0,"message":{"role":"assistant","reasoning_content":"so","content":"yes","tool_calls":[]},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3}})"},
       true, {K::content}, {3}, 7, 3, -1, "yes"},
      {"responses", "responses", 8,
       {R"({"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress","error":null,"output":[],"usage":null}})",
        R"({"type":"response.in_progress","sequence_number":1,"response":{"id":"resp_1","status":"in_progress","error":null,"usage":null}})",
        R"({"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}})",
        R"({"type":"response.reasoning_text.delta","sequence_number":3,"item_id":"rs_1","output_index":0,"content_index":0,"delta":"hm"})",
        R"({"type":"response.output_item.done","sequence_number":4,"output_index":0,"item":{"id":"rs_1","type":"reasoning"}})",
        R"({"type":"response.output_item.added","sequence_number":5,"output_index":1,"item":{"id":"msg_1","type":"message","status":"in_progress","content":[]}})",
        R"({"type":"response.content_part.added","sequence_number":6,"item_id":"msg_1","output_index":1,"content_index":0,"part":{"type":"output_text","text":""}})",
        R"({"type":"response.output_text.delta","sequence_number":7,"item_id":"msg_1","output_index":1,"content_index":0,"delta":"ye","logprobs":[]})",
        R"({"delta":"s","item_id":"msg_1","output_index":1,"sequence_number":8,"type":"response.output_text.delta"})",
        R"({"type":"response.output_text.done","sequence_number":9,"item_id":"msg_1","output_index":1,"content_index":0,"text":"yes"})",
        R"({"type":"response.output_item.done","sequence_number":10,"output_index":1,"item":{"id":"msg_1","type":"message"}})",
        R"({"type":"response.output_item.added","sequence_number":11,"output_index":2,"item":{"id":"fc_1","type":"function_call","name":"f","arguments":""}})",
        R"({"type":"response.function_call_arguments.delta","sequence_number":12,"item_id":"fc_1","output_index":2,"delta":"{}"})",
        R"({"type":"response.incomplete","sequence_number":13,"response":{"id":"resp_1","status":"incomplete","error":null,"incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"message","content":[{"type":"output_text","text":"yes"}]}],"usage":{"input_tokens":31,"input_tokens_details":{"cached_tokens":16},"output_tokens":8,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":39}}})"},
       false,
       {K::role, K::role, K::role, K::reasoning, K::role, K::role, K::role, K::content, K::content, K::role, K::role, K::role, K::tool, K::usage},
       {0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0}, 31, 8, 16, "hmyes"},
      {"a whole response", "responses", 8,
       {R"({"id":"resp_1","object":"response","status":"completed","error":null,"output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"yes","annotations":[]}]}],"usage":{"input_tokens":31,"output_tokens":5,"total_tokens":36}})"},
       true, {K::content}, {5}, 31, 5, -1, "yes"},
      {"embeddings", "embeddings", 0,
       {R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.25,-1e-3, 3]}],"model":"m","usage":{"prompt_tokens":8,"total_tokens":8}})"},
       true, {K::media}, {0}, 8, 0, -1, ""},
      {"embeddings in base64", "embeddings", 0, {R"({"data":[{"embedding":"AACAPwAAAEA="}],"usage":{"prompt_tokens":8}})"}, true, {K::media}, {0}, 8, 0, -1, ""},
      {"text-generation-inference", "tgi", 3,
       {R"({"index":1,"token":{"id":264,"text":" a","logprob":-0.3,"special":false},"generated_text":null,"details":null})",
        R"({"index":2,"token":{"id":265,"text":" b","logprob":-0.3,"special":false},"top_tokens":[],"generated_text":null,"details":null})",
        R"({"index":3,"token":{"id":2,"text":"</s>","logprob":-0.3,"special":true},"generated_text":" a b","details":{"finish_reason":"eos_token","generated_tokens":3,"seed":null,"input_length":6}})"},
       false, {K::content, K::content, K::content}, {1, 1, 1}, 6, 3, -1, " a b"},
      {"text-generation-inference, whole", "tgi", 3,
       {R"({"generated_text":" a b","details":{"finish_reason":"length","generated_tokens":3,"seed":null,"prefill":[],"tokens":[{"id":264,"text":" a","logprob":-0.3,"special":false}]}})"},
       true, {K::content}, {3}, -1, 3, -1, " a b"},
      {"Triton", "triton", 2,
       {R"({"context_logits":0.0,"cum_log_probs":0.0,"model_name":"ensemble","model_version":"1","output_log_probs":[0.0],"sequence_end":false,"sequence_id":0,"sequence_start":false,"text_output":" a"})",
        R"({"model_name":"ensemble","model_version":"1","text_output":" b"})", R"({"model_name":"ensemble","model_version":"1","text_output":""})"},
       false, {K::content, K::content, K::content}, {1, 1, 0}, -1, -1, -1, " a b"},
      {"Triton, whole", "triton", 2, {R"({"model_name":"ensemble","model_version":"1","text_output":" a b"})"}, true, {K::content}, {1}, -1, -1, -1, " a b"},
      {"llama.cpp", "llama.cpp", 4,
       {R"({"index":0,"content":" a","tokens":[264],"stop":false,"id_slot":-1,"tokens_predicted":1,"tokens_evaluated":12})",
        R"({"index":0,"content":" é","tokens":[265,266],"stop":false,"id_slot":-1,"tokens_predicted":3,"tokens_evaluated":12})",
        R"({"index":0,"content":"","tokens":[],"id_slot":0,"stop":true,"model":"m","tokens_predicted":4,"tokens_evaluated":12,"generation_settings":{"n_predict":4},"prompt":"x","truncated":false,"stop_type":"limit","stopping_word":"","tokens_cached":15,"timings":{"cache_n":8,"prompt_n":4,"prompt_ms":3.5,"predicted_n":4}})"},
       false, {K::content, K::content, K::usage}, {1, 2, 0}, 12, 4, 8, " a é"},
      {"llama.cpp, whole", "llama.cpp", 4,
       {R"({"content":" a b","stop":true,"tokens_predicted":4,"tokens_evaluated":12,"stop_type":"limit","timings":{"prompt_n":12}})"},
       true, {K::content}, {4}, 12, 4, -1, " a b"},
      {"images", "images", 0, {R"({"created":1,"data":[{"b64_json":"iVBORw0KGgoAAAANSUhEUg==","revised_prompt":null}],"inference_time_s":1.5})"}, true, {K::media}, {0}, -1, -1, -1, ""},
      {"an image that the server keeps", "images", 0, {R"({"data":[{"url":"http://h/1.png","b64_json":null}]})"}, true, {K::media}, {0}, -1, -1, -1, ""},
      {"a video in one call", "videos-sync", 0, {small_mp4()}, true, {K::media}, {0}, -1, -1, -1, ""},
      {"a video in JSON", "videos-generations", 0, {R"({"video_id":"v1","video_bytes":"AAAAFGZ0eXBpc29t"})"}, true, {K::media}, {0}, -1, -1, -1, ""},
      {"a video in a file of the server's", "videos-generations", 0, {R"({"video_id":"v1","video_path":"/out/v1.mp4"})"}, true, {K::media}, {0}, -1, -1, -1, ""},
      {"a video as a job", "videos", 0,
       {R"({"id":"video_1","object":"video","status":"queued","created_at":1,"error":null})", R"({"id":"video_1","status":"in_progress","progress":40})",
        R"({"id":"video_1","status":"completed","inference_time_s":4.5,"peak_memory_mb":1})", small_mp4()},
       true, {K::media}, {0}, -1, -1, -1, ""},
  };
  return all;
}

// What a reader makes of an answer; every piece lies in a block of its own with exactly the promised bytes behind it.
struct ReadAnswer {
  std::vector<AnswerMessage> messages;
  std::vector<std::string> paths;  // of follow-ups
  RequestError error = RequestError::none;
  std::string problem, text;
  std::int64_t input = -1, output = -1, cached = -1;
};

inline ReadAnswer read_answer(AnswerReader& reader, const Answer& answer, bool inside_event = false) {
  ReadAnswer out;
  reader.begin(answer.max_tokens);
  for (const std::string& piece : answer.events) {
    std::vector<char> exact(piece.begin(), piece.end());
    exact.resize(piece.size() + 64, ' ');
    const std::string_view view(exact.data(), piece.size());
    AnswerMessage message;
    if (answer.whole) {
      if (!reader.read_whole(view, out.messages)) break;
      if (FollowUp next; reader.follow_up(next)) out.paths.push_back(next.path);
    } else {
      const auto verdict = reader.read(view, message);
      if (verdict == AnswerReader::Verdict::bad) break;
      if (verdict == AnswerReader::Verdict::message) out.messages.push_back(message);
    }
  }
  reader.end(inside_event);
  out.error = reader.error();
  out.problem = reader.problem();
  out.input = reader.input_tokens();
  out.output = reader.output_tokens();
  out.cached = reader.cached_tokens();
  out.text = reader.take_text();
  return out;
}

inline ReadAnswer read_answer(const Answer& answer, AnswerOptions options = {.keep_text = true}, bool inside_event = false) {
  const auto reader = make_answer_reader(*find_api(answer.api), options);
  return read_answer(*reader, answer, inside_event);
}

}  // namespace tokenmark::test
