// What one event of a stream costs the client after its bytes are there: the reader of each API on an event as its
// servers send it. The aim is 300 ns for a chunk of 250 bytes.
#include <benchmark/benchmark.h>

#include "core/load/answer_reader.h"

namespace tokenmark {
namespace {

constexpr const char* kCompletions =
    R"({"id":"cmpl-4f2e4c0c8a8d4a5fb1a6f8f6b1c9d0e1","object":"text_completion","created":1760000000,"model":"meta-llama/Llama-3.1-8B-Instruct","choices":[{"index":0,"text":" word","logprobs":null,"finish_reason":null,"stop_reason":null}],"usage":null})";
constexpr const char* kChat =
    R"({"id":"chatcmpl-4f2e4c0c8a8d4a5fb1a6f8f6b1c9d0e1","object":"chat.completion.chunk","created":1760000000,"model":"meta-llama/Llama-3.1-8B-Instruct","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}]})";
constexpr const char* kResponses =
    R"({"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_67c9fdcf37fc8190ba82116e33fb28c507b8b0ad4e5eb654","output_index":0,"content_index":0,"delta":" word","logprobs":[]})";
constexpr const char* kTgi = R"({"index":4,"token":{"id":1234,"text":" word","logprob":-0.34,"special":false},"generated_text":null,"details":null})";
constexpr const char* kTriton =
    R"({"context_logits":0.0,"cum_log_probs":0.0,"generation_logits":0.0,"model_name":"ensemble","model_version":"1","sequence_end":false,"sequence_id":0,"sequence_start":false,"text_output":" word"})";
constexpr const char* kLlamaCpp = R"({"index":0,"content":" word","tokens":[],"stop":false,"id_slot":0,"tokens_predicted":1,"tokens_evaluated":12})";

void read_events(benchmark::State& state, const char* api, const char* event, bool keep_text) {
  std::string padded = event;
  const std::size_t size = padded.size();
  padded.resize(size + 64, ' ');
  const auto reader = make_answer_reader(*find_api(api), {.keep_text = keep_text, .tokens_bounded = false});
  constexpr int kEvents = 1000;  // of one answer
  AnswerMessage message;
  for (auto _ : state) {
    reader->begin(kEvents);
    for (int i = 0; i < kEvents; ++i)
      if (reader->read({padded.data(), size}, message) != AnswerReader::Verdict::message) state.SkipWithError(reader->problem().c_str());
    benchmark::DoNotOptimize(message);
  }
  state.counters["event"] = benchmark::Counter(kEvents, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.SetBytesProcessed(state.iterations() * kEvents * static_cast<std::int64_t>(size));
}

BENCHMARK_CAPTURE(read_events, completions, "completions", kCompletions, false);
BENCHMARK_CAPTURE(read_events, completions_keeping_the_text, "completions", kCompletions, true);
BENCHMARK_CAPTURE(read_events, chat, "chat", kChat, false);
BENCHMARK_CAPTURE(read_events, responses, "responses", kResponses, false);
BENCHMARK_CAPTURE(read_events, tgi, "tgi", kTgi, false);
BENCHMARK_CAPTURE(read_events, triton, "triton", kTriton, false);
BENCHMARK_CAPTURE(read_events, llama_cpp, "llama.cpp", kLlamaCpp, false);

}  // namespace
}  // namespace tokenmark

BENCHMARK_MAIN();
