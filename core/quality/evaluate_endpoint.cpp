#include <nlohmann/json.hpp>

#include "core/load/endpoint_url.h"
#include "core/quality/evaluate.h"
#include "core/quality/judge.h"
#include "core/quality/post_all.h"
#include "core/quality/windows.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

// What an answer says, or why it says nothing.
struct Reply {
  Json choice;  // the first one
  std::string error;
};

Reply read_reply(const HttpAnswer& answer) {
  if (!answer.error.empty()) return {{}, answer.error};
  const Json json = Json::parse(answer.body, nullptr, false);
  if (answer.status != 200) {
    std::string why = answer.body.substr(0, 200);
    if (json.is_object() && json.contains("error") && json["error"].is_object() && json["error"].contains("message"))
      why = json["error"]["message"].dump(-1, ' ', false, Json::error_handler_t::replace);
    return {{}, fmt::format("HTTP {}: {}", answer.status, why)};
  }
  if (!json.is_object() || !json.contains("choices") || !json["choices"].is_array() || json["choices"].empty() ||
      !json["choices"][0].is_object())
    return {{}, "the answer holds no choices"};
  return {json["choices"][0], {}};
}

std::string text_of(const Json& choice) {
  if (const auto text = choice.find("text"); text != choice.end() && text->is_string()) return *text;
  if (const auto message = choice.find("message"); message != choice.end() && message->is_object())
    if (const auto content = message->find("content"); content != message->end() && content->is_string()) return *content;
  return {};
}

Json body_of(const EndpointTarget& endpoint, const QualityTask& task, const QualityItem& item) {
  Json body = {{"model", endpoint.model}, {"max_tokens", task.max_tokens}, {"temperature", task.temperature}, {"seed", task.seed}};
  if (task.chat) body["messages"] = Json::array({{{"role", "user"}, {"content", item.prompt}}});
  else body["prompt"] = item.prompt;
  return body;
}

// −Σ ln p over the scored tokens of a window; absent where the server did not give them.
std::optional<double> window_nll(const Json& choice, const TextWindows& text, std::size_t length) {
  if (!choice.contains("logprobs") || !choice["logprobs"].is_object() || !choice["logprobs"].contains("token_logprobs"))
    return std::nullopt;
  const Json& values = choice["logprobs"]["token_logprobs"];
  if (!values.is_array() || values.size() < length) return std::nullopt;
  double nll = 0;
  for (std::size_t i = text.first_scored + 1; i < length; ++i) {
    if (!values[i].is_number()) return std::nullopt;
    nll -= values[i].get<double>();
  }
  return nll;
}

Result<QualityResult> perplexity(const EndpointTarget& endpoint, const std::string& api_key, const Tokenizer* tokenizer,
                                 const QualityTask& task, const QualityProgressSink& progress, const std::stop_token& stop) {
  if (!tokenizer)
    return fail(ErrorKind::invalid_input, "perplexity of an endpoint needs the tokenizer of its model (a model file or folder)");
  TOKENMARK_TRY(const TextWindows text, read_windows(*tokenizer, task));
  EndpointTarget completions = endpoint;
  completions.api = "completions";
  Posts posts{.api_key = api_key, .count = text.windows.size(), .at_once = static_cast<std::size_t>(task.concurrency)};
  TOKENMARK_TRY(posts.url, endpoint_url(completions));
  std::vector<double> nlls(text.windows.size());
  std::string problem;
  std::int64_t done = 0;
  std::stop_source enough;
  const std::stop_callback pass_on(stop, [&] { enough.request_stop(); });
  posts.body = [&](std::size_t i) {
    return Json{{"model", endpoint.model}, {"prompt", text.windows[i]}, {"max_tokens", 1}, {"echo", true}, {"logprobs", 1}, {"temperature", 0}}.dump();
  };
  posts.done = [&](std::size_t i, HttpAnswer answer) {
    const Reply reply = read_reply(answer);
    const auto nll = reply.error.empty() ? window_nll(reply.choice, text, text.windows[i].size()) : std::nullopt;
    if (nll) nlls[i] = *nll;
    else if (problem.empty()) problem = reply.error.empty() ? "the server gives no log-probabilities of a prompt (echo with logprobs)" : reply.error;
    if (!problem.empty()) enough.request_stop();
    else if (progress) progress({++done, static_cast<std::int64_t>(text.windows.size())});
  };
  const Status sent = post_all(posts, enough.get_token());
  if (!problem.empty()) return fail(ErrorKind::unavailable, "{}: {}", endpoint.url, problem);
  if (!sent) return tl::unexpected(sent.error());
  PerplexitySum sum;
  for (std::size_t i = 0; i < nlls.size(); ++i)
    sum.add_window(nlls[i], static_cast<std::int64_t>(text.windows[i].size() - 1 - text.first_scored));
  QualityResult result;
  result.figures.push_back(sum.figure(task.name));
  result.dataset_hash = text.hash;
  return result;
}

}  // namespace

Result<QualityResult> evaluate_endpoint(const EndpointTarget& endpoint, const std::string& api_key, const Tokenizer* tokenizer,
                                        const QualityTask& task, const QualityProgressSink& progress,
                                        const AnswerSink& answers, std::stop_token stop) {
  if (task.kind == TaskKind::perplexity) return perplexity(endpoint, api_key, tokenizer, task, progress, stop);
  TOKENMARK_TRY(const Dataset dataset, read_dataset(task.file, task.limit));
  TOKENMARK_TRY(const auto items, make_items(task, dataset));
  EndpointTarget target = endpoint;
  target.api = task.chat ? "chat" : "completions";
  Posts posts{.api_key = api_key, .count = items.size(), .at_once = static_cast<std::size_t>(task.concurrency)};
  TOKENMARK_TRY(posts.url, endpoint_url(target));
  std::vector<AnsweredItem> answered(items.size());
  std::int64_t done = 0;
  posts.body = [&](std::size_t i) {
    return body_of(endpoint, task, items[i]).dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  posts.done = [&](std::size_t i, HttpAnswer answer) {
    const Reply reply = read_reply(answer);
    answered[i] = {items[i], text_of(reply.choice), reply.error, {}};
    if (progress) progress({++done, static_cast<std::int64_t>(items.size())});
  };
  TOKENMARK_CHECK(post_all(posts, stop));
  return judge(task, dataset, std::move(answered), answers, endpoint.url);
}

}  // namespace tokenmark
