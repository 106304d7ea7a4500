// The HTTP APIs that a load can be sent to, in one table: their names in a point, where they answer, what they take and
// give. The bodies are made by request_bodies.h, the answers read by answer_reader.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/workload/point.h"

namespace tokenmark {

enum class ApiKind : std::uint8_t {
  completions, chat, responses, embeddings,  // OpenAI
  tgi,                                       // Hugging Face text-generation-inference
  triton,                                    // NVIDIA Triton's generate extension: TensorRT-LLM and vLLM backends
  llama_cpp,
  images,                                    // OpenAI's, as vLLM-Omni and SGLang serve it
  videos,                                    // a job: create, ask until it is done, fetch
  videos_sync,                               // vLLM-Omni: the call lasts until the video is there
  videos_generations,                        // TensorRT-LLM's trtllm-serve, the same
};

struct Api {
  ApiKind kind;
  std::string_view name;        // EndpointTarget::api
  std::string_view path;        // below the server's address; {model} stands for the model's name
  std::string_view whole_path;  // where an answer in one piece is asked for; empty: at the same path
  bool streams = true;          // can answer with server-sent events
  bool token_ids = false;       // takes a prompt as token ids
  bool media = false;           // answers with items that have no tokens: embeddings, images, videos
  bool fixed_latent = false;    // takes the latent that MLPerf fixes
};

std::span<const Api> apis();
const Api* find_api(std::string_view name);  // null: there is none
// An error names those that there are.
Result<const Api*> api_of(const EndpointTarget& endpoint);

// Events are asked for, not a whole answer.
bool asks_for_stream(const EndpointTarget& endpoint, const Api& api);
// "/v1/chat/completions": where requests go, below the server's address.
std::string api_path(const EndpointTarget& endpoint, const Api& api);
std::string_view accept_header(const EndpointTarget& endpoint, const Api& api);
// Of a status: the body is an answer of the API, not an error (trtllm-serve creates a video's job with 202).
constexpr bool is_answer(int status) { return status >= 200 && status <= 299; }
// A body longer than this is no answer.
std::size_t largest_answer_bytes(const Api& api);

// Why a result of this endpoint cannot be set beside MLPerf's (images and videos without the latent that it fixes);
// empty where nothing speaks against it, and for the embedded engine.
std::string not_mlperf_comparable(const Target& target);

}  // namespace tokenmark
