// The OpenAI-compatible endpoints over one engine; until `serve` names it, they say that the model is loading. Server's
// thread only.
#pragma once

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/server/choice.h"
#include "engine/server/http_server.h"
#include "engine/server/mailbox.h"
#include "engine/server/metrics.h"
#include "engine/server/openai_reply.h"
#include "engine/server/openai_request.h"
#include "engine/server/server.h"

namespace tokenmark::server {

class Api {
 public:
  explicit Api(const ServerOptions& options);
  void serve(Engine& engine);

  // Token events reach `deliver` through this; it is set before the first request.
  void use(std::shared_ptr<Mailbox> mailbox) { mailbox_ = std::move(mailbox); }

  bool refuse(const HttpRequest& without_body, HttpReply& refusal);
  void handle(HttpRequest request, std::shared_ptr<HttpExchange> exchange);
  HttpReply http_error(int status, const std::string& message);
  void deliver();

 private:
  // One client's request with its sequences.
  struct Running {
    Running(Choice made, RequestId id) : choice(std::move(made)), engine_id(id) {}
    Choice choice;
    RequestId engine_id;
    FinishedChoice finished;       // what a whole answer will hold
    bool started = false;
  };
  struct Job {
    std::shared_ptr<HttpExchange> exchange;
    ReplyHead head;
    ReplyOptions options;
    bool stream = false;
    Usage usage;
    std::vector<Running> choices;
    std::size_t unfinished = 0;
    std::int64_t arrived_ns = 0;
    const char* endpoint = "";
  };

  void generate(Parsed<OpenAiRequest> parsed, std::shared_ptr<HttpExchange> exchange, const char* endpoint);
  struct Prepared {
    std::vector<GenerationRequest> requests;
    std::optional<AnswerFormat> format;  // of a chat
  };
  Parsed<Prepared> prepare(const OpenAiRequest& request) const;
  Parsed<Prompt> chat_prompt(const OpenAiRequest& request) const;
  Parsed<std::int32_t> room(const OpenAiRequest& request, std::size_t prompt_tokens) const;
  Parsed<Job> start_job(std::uint64_t id, const OpenAiRequest& request);
  void take(const Delivery& delivery);
  void add_piece(Job& job, std::size_t index, const Piece& piece);
  void finish_job(std::uint64_t id, Job& job);
  void fail_job(std::uint64_t id, Job& job, const std::string& why);
  void drop(std::uint64_t id);
  void cancel_rest(const Job& job);
  void reply(HttpExchange& exchange, const char* endpoint, const HttpReply& reply);
  void reply_error(HttpExchange& exchange, const char* endpoint, const ApiError& error);

  Engine* engine_ = nullptr;  // null: not loaded yet
  std::string api_key_, model_name_;
  std::int64_t created_;
  Result<ChatTemplate> chat_template_;
  std::vector<TokenId> end_tokens_;  // those that end a generation
  std::shared_ptr<Mailbox> mailbox_;
  Metrics metrics_;
  std::unordered_map<std::uint64_t, Job> jobs_;
  std::uint64_t last_job_ = 0;
  std::mt19937_64 random_{std::random_device{}()};  // seeds of requests without one, ids of replies
};

}  // namespace tokenmark::server
