// A stand-in for `tokenmark-cli agent` that speaks the protocol without an engine: `fake_agent MODE [FILE]
// agent`.
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/load/event_log.h"
#include "core/node/agent.h"
#include "core/node/wire.h"

namespace tokenmark {
namespace {

using nlohmann::json;

EventLog log_of(const json& point, int failed) {
  EventLog log;
  const int count =
      point["load"]["concurrency"].get<int>() * point["load"]["requests_per_concurrency"].get<int>();
  auto& r = log.requests;
  for (int i = 0; i < count; ++i) {
    const std::int64_t start = i * 1'000'000;
    for (auto* column : {&r.intended, &r.queued, &r.send_start, &r.sent}) column->push_back(start);
    for (auto* column : {&r.connected, &r.headers}) column->push_back(kAbsent);
    r.end.push_back(start + 900'000);
    r.input_tokens.push_back(8);
    r.output_tokens.push_back(i < failed ? 0 : 2);
    r.requested_input.push_back(8);
    r.requested_output.push_back(2);
    r.token_source.push_back(TokenSource::engine);
    r.status.push_back(200);
    r.error.push_back(i < failed ? RequestError::engine : RequestError::none);
    r.warmup.push_back(0);
    for (int token = 0; token < (i < failed ? 0 : 2); ++token) {
      log.messages.request.push_back(static_cast<std::uint32_t>(i));
      log.messages.received.push_back(start + 100'000 * (token + 1));
      log.messages.bytes.push_back(3);
      log.messages.tokens.push_back(1);
      log.messages.kind.push_back(MessageKind::content);
    }
  }
  return log;
}

struct Fake {
  std::string mode, file;
  Outbox out{STDOUT_FILENO};
  Inbox in;

  bool first_time() const {  // of all processes with this file
    if (std::ifstream(file)) return false;
    std::ofstream(file) << getpid();
    return true;
  }

  json next() {
    for (;;) {
      auto message = in.next_message();
      if (message && *message) return std::move(**message);
      const auto more = in.receive(STDIN_FILENO);
      if (!more || !*more) {
        if (mode == "stubborn") std::this_thread::sleep_for(std::chrono::hours(1));
        _exit(0);
      }
    }
  }

  void result(const json& run, int failed) {
    const std::string block = encode(log_of(run["point"], failed));
    const json facts = {{"model", "fake"},    {"model_hash", "sha256:0"}, {"device", "cpu"},
                        {"precision", "f32"}, {"hardware", "Fake CPU"},   {"framework", "fake 1"},
                        {"gpus", 1},          {"random_weights", true}};
    json result = {{"id", run["id"]}, {"facts", facts}, {"block", block.size()}};
    if (mode == "quality_fails")
      for (const json& task : run.value("quality", json::array()))
        result["quality_failures"].push_back({{"task", task["name"]}, {"error", "q.jsonl: cannot be opened"}});
    else for (const json& task : run.value("quality", json::array()))
      result["quality"].push_back({{"figures", {{{"task", task["name"]}, {"metric", "accuracy"}, {"value", 0.25}, {"items", 4}}}}});
    (void)out.send({{"result", std::move(result)}}, block);
  }

  void raw(const std::string& text) { (void)!write(STDOUT_FILENO, text.data(), text.size()); }

  void run(const json& run) {
    const json id = run["id"];
    (void)out.send({{"progress", {{"id", id}, {"phase", "measuring"}, {"requests", 4}, {"completed", 1}}}});
    const int concurrency = run["point"]["load"]["concurrency"].get<int>();
    if (mode == "die_once" && concurrency == 2 && first_time()) kill(getpid(), SIGKILL);
    if (mode == "die_at_2" && concurrency == 2) kill(getpid(), SIGKILL);
    if (mode == "exit") {
      (void)!write(STDERR_FILENO, "out of luck\n", 12);
      _exit(3);
    }
    if (mode == "garbage") return raw("Segmentation fault, sorry\n");
    if (mode == "long_line") return raw(std::string(3 << 20, 'x'));
    if (mode == "huge_block")
      return raw(fmt::format("{{\"result\": {{\"id\": {}, \"facts\": {{}}, \"block\": 1099511627776}}}}\n",
                             id.dump()));
    if (mode == "bad_block")
      return raw(
          fmt::format("{{\"result\": {{\"id\": {}, \"facts\": {{}}, \"block\": 9}}}}\nnonsense!", id.dump()));
    if (mode == "short_block") {
      raw(fmt::format("{{\"result\": {{\"id\": {}, \"facts\": {{}}, \"block\": 900}}}}\nhalf", id.dump()));
      _exit(0);
    }
    if (mode == "failed" || (mode == "failed_at_2" && concurrency == 2)) {
      (void)out.send(
          {{"failed", {{"id", id}, {"kind", "exhausted"}, {"message", "not enough memory for this"}}}});
      return;
    }
    if (mode == "mute") return;
    if (mode == "until_cancelled") {
      for (json message = next();; message = next())
        if (message.contains("cancel")) break;
      (void)out.send({{"failed", {{"id", id}, {"kind", "cancelled"}, {"message", "cancelled"}}}});
      return;
    }
    if (mode == "slow") std::this_thread::sleep_for(std::chrono::milliseconds(40));
    result(run, mode == "half_failed" && concurrency == 2 ? 2 : 0);
  }

  void serve() {
    if (mode == "banner") raw("Welcome to this host!\n");
    if (mode == "stubborn") signal(SIGTERM, SIG_IGN);
    if (mode == "slow") std::ofstream(file) << getpid();
    for (;;) {
      const json message = next();
      if (message.contains("hello") && mode != "silent")
        (void)out.send({{"hello",
                         {{"protocol", mode == "version" ? 7 : kAgentProtocol},
                          {"version", "9.9"},
                          {"environment", {{"cpu", "fake"}}}}}});
      if (message.contains("run")) run(message["run"]);
      if (message.contains("bye") && mode != "stubborn") return;
    }
  }
};

}  // namespace
}  // namespace tokenmark

int main(int argc, char** argv) {
  tokenmark::Fake fake;
  if (argc > 2) fake.mode = argv[1];
  if (argc > 3) fake.file = argv[2];
  fake.serve();
  return 0;
}
