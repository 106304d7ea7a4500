#include "core/load/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tokenmark {
namespace {

constexpr Api kApis[] = {
    {.kind = ApiKind::completions, .name = "completions", .path = "/v1/completions", .token_ids = true},
    {.kind = ApiKind::chat, .name = "chat", .path = "/v1/chat/completions"},
    {.kind = ApiKind::responses, .name = "responses", .path = "/v1/responses"},
    {.kind = ApiKind::embeddings, .name = "embeddings", .path = "/v1/embeddings", .streams = false, .token_ids = true, .media = true},
    {.kind = ApiKind::tgi, .name = "tgi", .path = "/generate_stream", .whole_path = "/generate"},
    {.kind = ApiKind::triton, .name = "triton", .path = "/v2/models/{model}/generate_stream", .whole_path = "/v2/models/{model}/generate"},
    {.kind = ApiKind::llama_cpp, .name = "llama.cpp", .path = "/completion", .token_ids = true},
    {.kind = ApiKind::images, .name = "images", .path = "/v1/images/generations", .streams = false, .media = true},
    {.kind = ApiKind::videos, .name = "videos", .path = "/v1/videos", .streams = false, .media = true},
    {.kind = ApiKind::videos_sync, .name = "videos-sync", .path = "/v1/videos/sync", .streams = false, .media = true},
    {.kind = ApiKind::videos_generations, .name = "videos-generations", .path = "/v1/videos/generations", .streams = false,
     .media = true, .fixed_latent = true},
};
constexpr std::string_view kModel = "{model}";

// RFC 3986: what is not unreserved is written as %XX.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) out += c;
    else out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

std::span<const Api> apis() { return kApis; }

const Api* find_api(std::string_view name) {
  const auto found = std::ranges::find(kApis, name, &Api::name);
  return found == std::end(kApis) ? nullptr : &*found;
}

Result<const Api*> api_of(const EndpointTarget& endpoint) {
  if (const Api* api = find_api(endpoint.api)) return api;
  std::vector<std::string_view> names;
  for (const Api& api : kApis) names.push_back(api.name);
  return fail(ErrorKind::invalid_input, "'{}' is not an API that can be measured: there are {}", endpoint.api, fmt::join(names, ", "));
}

bool asks_for_stream(const EndpointTarget& endpoint, const Api& api) { return api.streams && endpoint.stream != "off"; }

std::string api_path(const EndpointTarget& endpoint, const Api& api) {
  std::string path(asks_for_stream(endpoint, api) || api.whole_path.empty() ? api.path : api.whole_path);
  if (const std::size_t at = path.find(kModel); at != std::string::npos) path.replace(at, kModel.size(), escaped(endpoint.model));
  return path;
}

std::string_view accept_header(const EndpointTarget& endpoint, const Api& api) {
  if (asks_for_stream(endpoint, api)) return "text/event-stream";
  return api.media ? "*/*" : "application/json";
}

std::size_t largest_answer_bytes(const Api& api) { return std::size_t{api.media ? 512u : 64u} << 20; }

std::string not_mlperf_comparable(const Target& target) {
  const auto* endpoint = std::get_if<EndpointTarget>(&target);
  const Api* api = endpoint != nullptr ? find_api(endpoint->api) : nullptr;
  if (api == nullptr || !api->media || api->kind == ApiKind::embeddings) return "";
  if (!api->fixed_latent) return fmt::format("the API '{}' takes no fixed latent, as MLPerf demands", api->name);
  const auto extra = nlohmann::json::parse(endpoint->extra, nullptr, false);
  if (!extra.is_object() || !extra.contains("latent_path")) return "no fixed latent was asked for (latent_path in extra), as MLPerf demands";
  return "";
}

}  // namespace tokenmark
