#include "engine/server/api.h"

#include <chrono>

namespace tokenmark::server {
namespace {

constexpr std::string_view kModels = "/v1/models";

// Takes as long for a key that is wrong in its first character as for one that is wrong in its last.
bool equal_in_constant_time(std::string_view given, std::string_view key) {
  unsigned difference = given.size() == key.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i)
    difference |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(key[i % key.size()]);
  return difference == 0;
}

std::string_view path_of(const HttpRequest& request) {
  return std::string_view(request.target).substr(0, request.target.find('?'));
}

// Endpoints by name, so that metrics do not grow with the paths that clients think of.
const char* endpoint_of(std::string_view path) {
  for (const char* known : {"/v1/completions", "/v1/chat/completions", "/v1/models", "/health", "/metrics"})
    if (path == known) return known;
  return path.starts_with("/v1/models/") ? "/v1/models" : "other";
}

HttpReply error_reply(const ApiError& error) { return {.status = error.status, .body = error_body(error)}; }

std::int64_t unix_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string spelling(const Model& model, TokenId (Tokenizer::*token)() const) {
  return model.tokenizer->spelling((*model.tokenizer.*token)());
}

}  // namespace

Api::Api(const ServerOptions& options)
    : api_key_(options.api_key), model_name_(options.model_name), created_(unix_seconds()),
      chat_template_(fail(ErrorKind::unavailable, "the model is still loading")) {}

void Api::serve(Engine& engine) {
  engine_ = &engine;
  if (model_name_.empty()) model_name_ = engine.model().description.name;
  chat_template_ = ChatTemplate::make(engine.model().chat_template, spelling(engine.model(), &Tokenizer::bos),
                                      spelling(engine.model(), &Tokenizer::eos));
  end_tokens_ = end_tokens(*engine.model().tokenizer);
}

// ---- requests -------------------------------------------------------------------------------------------------

bool Api::refuse(const HttpRequest& request, HttpReply& refusal) {
  if (api_key_.empty() || path_of(request) == "/health") return false;
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view given = request.authorization;
  if (given.starts_with(kBearer) && equal_in_constant_time(given.substr(kBearer.size()), api_key_)) return false;
  refusal = error_reply({.status = 401, .message = given.empty() ? "An API key is needed: send it as 'Authorization: Bearer KEY'."
                                                                 : "The API key is wrong.",
                         .code = "invalid_api_key"});
  metrics_.count_reply(endpoint_of(path_of(request)), 401);
  return true;
}

HttpReply Api::http_error(int status, const std::string& message) {
  metrics_.count_reply("other", status);
  return error_reply({.status = status, .message = message, .code = status == 413 ? "request_too_large" : ""});
}

void Api::reply(HttpExchange& exchange, const char* endpoint, const HttpReply& reply) {
  metrics_.count_reply(endpoint, reply.status);
  exchange.reply(reply);
}

void Api::reply_error(HttpExchange& exchange, const char* endpoint, const ApiError& error) {
  reply(exchange, endpoint, error_reply(error));
}

void Api::handle(HttpRequest request, std::shared_ptr<HttpExchange> exchange) {
  const std::string_view path = path_of(request);
  const char* endpoint = endpoint_of(path);
  const bool posting = path == "/v1/completions" || path == "/v1/chat/completions";
  if (std::string_view(endpoint) == "other")
    return reply_error(*exchange, endpoint, {.status = 404, .message = fmt::format("There is no '{}' here.", path),
                                             .code = "unknown_url"});
  const char* method = posting ? "POST" : "GET";
  if (request.method != method) {
    HttpReply wrong = error_reply({.status = 405, .message = fmt::format("{} takes {} only, not {}.", path, method, request.method),
                                   .code = "method_not_allowed"});
    wrong.allow = method;
    return reply(*exchange, endpoint, wrong);
  }
  if (!engine_) return reply_error(*exchange, endpoint, {.status = 503, .message = "The model is still loading."});
  if (path == "/v1/completions") return generate(parse_completion(request.body), std::move(exchange), endpoint);
  if (posting) return generate(parse_chat_completion(request.body), std::move(exchange), endpoint);
  if (path == "/metrics")
    return reply(*exchange, endpoint, {.body = metrics_.text(engine_->counts()), .content_type = "text/plain; version=0.0.4"});
  if (path == "/health") {
    const std::string failure = engine_->failure();
    if (failure.empty()) return reply(*exchange, endpoint, {.body = "{\"status\":\"ok\"}"});
    return reply_error(*exchange, endpoint, {.status = 503, .message = failure});
  }
  const std::int32_t context = engine_->options().context;
  if (path == kModels) return reply(*exchange, endpoint, {.body = model_list(model_name_, created_, context)});
  const std::string_view wanted = path.substr(kModels.size() + 1);
  if (wanted == model_name_) return reply(*exchange, endpoint, {.body = model_entry(model_name_, created_, context)});
  reply_error(*exchange, endpoint, {.status = 404, .message = fmt::format("The model '{}' is not served here.", wanted),
                                    .param = "model", .code = "model_not_found"});
}

// ---- generation -----------------------------------------------------------------------------------------------

// How many tokens may be generated after a prompt.
Parsed<std::int32_t> Api::room(const OpenAiRequest& request, std::size_t prompt_tokens) const {
  constexpr std::int32_t kDefaultCompletion = 16;  // OpenAI's; a chat goes on to the end of the context
  const auto context = static_cast<std::int64_t>(engine_->options().context);
  const std::int64_t left = context - static_cast<std::int64_t>(prompt_tokens);
  const std::int64_t wanted = request.max_tokens.value_or(request.chat ? left : std::min<std::int64_t>(left, kDefaultCompletion));
  if (left >= 1 && wanted <= left) return static_cast<std::int32_t>(wanted);
  return tl::unexpected(ApiError{
      .message = fmt::format("The context is {} tokens long; the prompt has {} and {} are to be generated.", context,
                             prompt_tokens, std::max<std::int64_t>(wanted, 1)),
      .param = request.chat ? "messages" : "prompt", .code = "context_length_exceeded"});
}

Parsed<Prompt> Api::chat_prompt(const OpenAiRequest& request) const {
  if (!chat_template_)
    return tl::unexpected(ApiError{.status = 501, .message = fmt::format("The model's chat template cannot be used: {}.",
                                                                         chat_template_.error().message)});
  auto text = chat_template_->render(request.conversation, std::chrono::system_clock::now());
  if (text) return Prompt{*std::move(text), {}};
  return tl::unexpected(ApiError{.message = fmt::format("The model's chat template refuses this conversation: {}.",
                                                        text.error().message),
                                 .param = "messages"});
}

Parsed<Api::Prepared> Api::prepare(const OpenAiRequest& request) const {
  const Model& model = engine_->model();
  std::vector<Prompt> prompts = request.prompts;
  Prepared prepared;
  if (request.chat) {
    TOKENMARK_TRY(Prompt prompt, chat_prompt(request));
    prepared.format = answer_format(model.chat_template, prompt.text, request.offers_tools);
    if (request.forces_tool) {
      prepared.format->begun = call_opening(*prepared.format, model.chat_template, request.forced_tool);
      if (prepared.format->begun.empty())
        return tl::unexpected(ApiError{.message = "A tool call cannot be forced: how this model calls tools is not known from its "
                                                  "chat template. 'tool_choice' can be auto or none here.",
                                       .param = "tool_choice"});
      prompt.text += prepared.format->begun;
    }
    prompts.push_back(std::move(prompt));
  }
  // A template writes BOS itself.
  const bool special = !request.chat || chat_template_->is_plain();
  for (Prompt& prompt : prompts) {
    GenerationRequest made;
    made.prompt = prompt.tokens.empty() ? model.tokenizer->encode(prompt.text, special, true) : std::move(prompt.tokens);
    if (made.prompt.empty()) return tl::unexpected(ApiError{.message = "The prompt is empty.", .param = "prompt"});
    TOKENMARK_TRY(made.max_tokens, room(request, made.prompt.size()));
    made.sampling = request.sampling;
    made.logprobs = request.logprobs;
    if (!request.ignore_eos) made.stop_tokens = end_tokens_;
    prepared.requests.push_back(std::move(made));
  }
  return prepared;
}

Parsed<Api::Job> Api::start_job(std::uint64_t id, const OpenAiRequest& request) {
  if (!request.model.empty() && request.model != model_name_)
    return tl::unexpected(ApiError{.status = 404,
                                   .message = fmt::format("The model '{}' is not served here; '{}' is.", request.model, model_name_),
                                   .param = "model", .code = "model_not_found"});
  TOKENMARK_TRY(Prepared prepared, prepare(request));
  Job job;
  job.arrived_ns = steady_now_ns();
  job.head = {fmt::format("{}-{:016x}", request.chat ? "chatcmpl" : "cmpl", random_()), model_name_, unix_seconds(), request.chat};
  job.options = {request.logprobs >= 0, request.return_token_ids, request.include_usage};
  job.stream = request.stream;
  for (GenerationRequest& next : prepared.requests) {
    const std::size_t index = job.choices.size();
    job.usage.prompt_tokens += static_cast<std::int64_t>(next.prompt.size());
    if (!request.seeded) next.sampling.seed = random_();
    const auto submitted = engine_->submit(std::move(next), [mailbox = mailbox_, id, index](const TokenEvent& event) {
      mailbox->put({id, index, event});
    });
    if (!submitted) {
      cancel_rest(job);
      const bool theirs = submitted.error().kind == ErrorKind::invalid_input;
      return tl::unexpected(ApiError{.status = theirs ? 400 : 503, .message = submitted.error().message});
    }
    std::optional<AnswerParser> parser;
    if (prepared.format) parser.emplace(*prepared.format, job.head.id.substr(job.head.id.find('-') + 1));
    job.choices.emplace_back(Choice(*engine_->model().tokenizer, request.stop, request.logprobs >= 0, std::move(parser)),
                             *submitted);
  }
  job.unfinished = job.choices.size();
  return job;
}

void Api::generate(Parsed<OpenAiRequest> parsed, std::shared_ptr<HttpExchange> exchange, const char* endpoint) {
  if (!parsed) return reply_error(*exchange, endpoint, parsed.error());
  const std::uint64_t id = ++last_job_;
  Parsed<Job> started = start_job(id, *parsed);
  if (!started) return reply_error(*exchange, endpoint, started.error());
  started->endpoint = endpoint;
  started->exchange = exchange;
  if (started->stream) exchange->begin_stream("text/event-stream; charset=utf-8");
  exchange->when_gone([this, id] { drop(id); });
  jobs_.emplace(id, *std::move(started));
}

// ---- tokens ---------------------------------------------------------------------------------------------------

void Api::deliver() {
  for (const Delivery& delivery : mailbox_->take()) take(delivery);
}

void Api::take(const Delivery& delivery) {
  const auto found = jobs_.find(delivery.job);
  if (found == jobs_.end()) return;  // the client is gone
  Job& job = found->second;
  Running& running = job.choices[delivery.choice];
  if (running.choice.finished()) return;  // by a stop string; the engine's end comes after it
  const TokenEvent& event = delivery.event;
  if (!running.started) job.usage.cached_tokens += event.cached_tokens;
  if (event.finish == FinishReason::error || event.finish == FinishReason::cancelled)
    return fail_job(delivery.job, job, event.error.empty() ? "The server is stopping." : event.error);

  const Piece piece = running.choice.add(event);
  if (!running.started) metrics_.count_ttft(static_cast<double>(event.time_ns - job.arrived_ns) * 1e-9);
  add_piece(job, delivery.choice, piece);
  if (piece.finish == FinishReason::none) return;
  if (event.finish == FinishReason::none) engine_->cancel(running.engine_id);  // a stop string
  job.usage.completion_tokens += running.choice.tokens();
  if (--job.unfinished == 0) finish_job(delivery.job, job);
}

void Api::add_piece(Job& job, std::size_t index, const Piece& piece) {
  Running& running = job.choices[index];
  const bool first = !std::exchange(running.started, true);
  if (job.stream) job.exchange->write(stream_message(job.head, index, piece, first, job.options));
  else server::add_piece(running.finished, piece);
}

void Api::finish_job(std::uint64_t id, Job& job) {
  if (job.stream) {
    if (job.options.include_usage) job.exchange->write(stream_usage(job.head, job.usage));
    job.exchange->write(kStreamDone);
    job.exchange->end_stream();
    metrics_.count_reply(job.endpoint, 200);
  } else {
    std::vector<FinishedChoice> finished;
    for (Running& running : job.choices) finished.push_back(std::move(running.finished));
    reply(*job.exchange, job.endpoint, {.body = whole_reply(job.head, finished, job.usage, job.options)});
  }
  jobs_.erase(id);
}

void Api::fail_job(std::uint64_t id, Job& job, const std::string& why) {
  cancel_rest(job);
  if (job.stream) {
    job.exchange->write(stream_error(why));
    job.exchange->end_stream();
    metrics_.count_reply(job.endpoint, 500);
  } else {
    reply_error(*job.exchange, job.endpoint, {.status = 500, .message = why});
  }
  jobs_.erase(id);
}

void Api::drop(std::uint64_t id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return;
  cancel_rest(found->second);
  metrics_.count_reply(found->second.endpoint, 499);  // nginx' number for a client that went away
  jobs_.erase(found);
}

void Api::cancel_rest(const Job& job) {
  for (const Running& running : job.choices)
    if (!running.choice.finished()) engine_->cancel(running.engine_id);
}

}  // namespace tokenmark::server
