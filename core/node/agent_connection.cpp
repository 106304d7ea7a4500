// The host's side of the agent protocol: starts the agent as a child, here or through ssh, and turns whatever
// goes wrong on the way into an error that names the host and what it said.
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/version.h"
#include "core/node/agent.h"
#include "base/child.h"
#include "core/node/ssh.h"
#include "core/node/wire.h"
#include "core/workload/point_json.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kKeptStderr = 8192;

Result<PointFacts> facts_from(const json& body) {
  const auto found = body.find("facts");
  if (found == body.end() || !found->is_object()) return fail(ErrorKind::protocol, "a result without facts");
  PointFacts facts;
  facts.model = text_of(*found, "model");
  facts.model_hash = text_of(*found, "model_hash");
  facts.device = text_of(*found, "device");
  facts.precision = text_of(*found, "precision");
  facts.hardware = text_of(*found, "hardware");
  facts.framework = text_of(*found, "framework");
  facts.gpus = static_cast<std::int32_t>(std::clamp<std::int64_t>(integer_of(*found, "gpus"), 0, 1'000'000));
  const auto random = found->find("random_weights");
  facts.random_weights = random != found->end() && random->is_boolean() && random->get<bool>();
  return facts;
}

LoadProgress progress_from(const json& body) {
  const auto count = [&](const char* key) {
    return static_cast<std::int32_t>(
        std::clamp<std::int64_t>(integer_of(body, key), 0, std::numeric_limits<std::int32_t>::max()));
  };
  return {count("requests"), count("completed"), count("failed"),
          std::max<std::int64_t>(0, integer_of(body, "output_tokens")),
          std::max(0.0, number_of(body, "elapsed_s"))};
}

}  // namespace

struct AgentConnection::State {
  State(Node where, Child started, const AgentLimits& waits)
      : node(std::move(where)), child(std::move(started)), limits(waits), outbox(child.in()) {}
  ~State() {
    if (stop_event >= 0) close(stop_event);
  }

  Node node;
  Child child;
  AgentLimits limits;
  Outbox outbox;
  Inbox inbox;
  std::string said;  // the end of its standard error
  json environment;
  int stop_event = -1;
  std::int64_t last_id = 0;
  bool alive = true;
  bool ended = false;  // its output has ended

  std::string who() const {
    return std::holds_alternative<LocalNode>(node) ? "the agent on this machine"
                                                   : "the agent on " + node_name(node);
  }

  // Waits until something has arrived, the deadline has passed (false) or a stop was asked for (true).
  Result<bool> wait(Clock::time_point deadline);
  Result<json> message(Clock::time_point deadline);
  Result<std::string> block(std::size_t bytes);
  Status greet();
  Result<PointOutcome> result(const json& body);

  // The agent is of no more use: says why, with what its program and ssh said.
  Error lost(ErrorKind kind, const std::string& why);
  Error gone();
  void read_stderr();
};

void AgentConnection::State::read_stderr() {
  char chunk[4096];
  const ssize_t got = read(child.err(), chunk, sizeof chunk);
  if (got > 0) said.append(chunk, static_cast<std::size_t>(got));
  if (said.size() > 2 * kKeptStderr) said.erase(0, said.size() - kKeptStderr);
}

Error AgentConnection::State::lost(ErrorKind kind, const std::string& why) {
  alive = false;
  for (pollfd waiting{child.err(), POLLIN, 0}; poll(&waiting, 1, 0) > 0 && (waiting.revents & POLLIN) != 0;) {
    const std::size_t before = said.size();
    read_stderr();
    if (said.size() == before) break;
  }
  const std::string words = one_line(said);
  return {kind, fmt::format("{}: {}{}", who(), why, words.empty() ? "" : " (it said: " + words + ")")};
}

// The output ended: the process is gone, or about to be.
Error AgentConnection::State::gone() {
  child.close_in();
  auto status = child.wait(std::chrono::seconds(5));
  if (!status) {
    child.kill_group(SIGKILL);
    status = child.wait(std::chrono::seconds(5));
  }
  Error end = lost(ErrorKind::unavailable, "");  // collects the last words
  if (const auto* ssh = std::get_if<SshNode>(&node))
    return lost(ErrorKind::unavailable, ssh_verdict(*ssh, said, status.value_or(255)));
  const int code = status.value_or(0);
  return lost(ErrorKind::unavailable,
              code > 128 ? fmt::format("it was killed by signal {} ({})", code - 128, strsignal(code - 128))
                         : fmt::format("it ended (exit status {})", code));
}

Result<bool> AgentConnection::State::wait(Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waiting[3] = {{child.out(), POLLIN, 0}, {child.err(), POLLIN, 0}, {stop_event, POLLIN, 0}};
    const int ready = poll(waiting, 3, static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return fail(ErrorKind::io, "waiting for {} failed: {}", who(), std::strerror(errno));
    if (ready == 0) return false;
    if ((waiting[1].revents & POLLIN) != 0) read_stderr();
    if (waiting[0].revents != 0) {
      TOKENMARK_TRY(const bool more, inbox.receive(child.out()));
      ended = !more;
      return true;
    }
    if (waiting[2].revents != 0) return true;
    // Only its standard error was closed: look at the rest at leisure.
    if (waiting[1].revents != 0 && (waiting[1].revents & POLLIN) == 0) usleep(10'000);
  }
}

// The next message; an Error of kind cancelled when a stop was asked for meanwhile.
Result<json> AgentConnection::State::message(Clock::time_point deadline) {
  for (;;) {
    auto message = inbox.next_message();
    if (!message) {
      child.kill_group(SIGKILL);
      return tl::unexpected(lost(
          ErrorKind::protocol,
          message.error().message + " — is something printed at login there, or is it another program?"));
    }
    if (*message) return std::move(**message);
    if (ended) return tl::unexpected(gone());
    if (std::uint64_t count = 0; stop_event >= 0 && read(stop_event, &count, sizeof count) == sizeof count)
      return fail(ErrorKind::cancelled, "cancelled");
    TOKENMARK_TRY(const bool something, wait(deadline));
    if (something) continue;
    child.kill_group(SIGKILL);
    return tl::unexpected(lost(ErrorKind::unavailable, "it has said nothing for too long and was ended"));
  }
}

Result<std::string> AgentConnection::State::block(std::size_t bytes) {
  for (;;) {
    if (auto block = inbox.next_block(bytes)) return std::move(*block);
    if (ended) return tl::unexpected(gone());
    TOKENMARK_TRY(const bool something, wait(Clock::now() + limits.silence));
    if (something) {
      std::uint64_t count = 0;  // a stop asked for now comes too late: the result is on its way
      if (stop_event >= 0) (void)!read(stop_event, &count, sizeof count);
      continue;
    }
    child.kill_group(SIGKILL);
    return tl::unexpected(lost(ErrorKind::unavailable, "it stopped in the middle of a result and was ended"));
  }
}

Status AgentConnection::State::greet() {
  if (!outbox.send({{"hello", {{"protocol", kAgentProtocol}, {"version", version()}}}}))
    ended = false;  // the answer, or its lack, says more
  TOKENMARK_TRY(const json answer, message(Clock::now() + limits.handshake));
  if (answer.begin().key() != "hello")
    return tl::unexpected(lost(ErrorKind::protocol, fmt::format("it answered '{}' instead of hello",
                                                                answer.begin().key().substr(0, 40))));
  const json& hello = answer.begin().value();
  const std::int64_t protocol = integer_of(hello, "protocol", -1);
  if (protocol != kAgentProtocol)
    return tl::unexpected(
        lost(ErrorKind::unavailable,
             fmt::format("it speaks protocol {} (version '{}'), this program {} (version {}); install the "
                         "same version on both",
                         protocol, text_of(hello, "version").substr(0, 40), kAgentProtocol, version())));
  const auto found = hello.find("environment");
  environment = found != hello.end() && found->is_object() ? *found : json::object();
  return {};
}

Result<PointOutcome> AgentConnection::State::result(const json& body) {
  const std::int64_t bytes = integer_of(body, "block", -1);
  const auto broken = [&](const std::string& why) {
    child.kill_group(SIGKILL);
    return tl::unexpected(lost(ErrorKind::protocol, "its result cannot be used: " + why));
  };
  if (bytes < 0 || static_cast<std::size_t>(bytes) > kMaxBlockBytes)
    return broken(fmt::format("a block of {} bytes", bytes));
  TOKENMARK_TRY(const std::string block_bytes, block(static_cast<std::size_t>(bytes)));
  auto facts = facts_from(body);
  if (!facts) return broken(facts.error().message);
  auto log = decode_event_log(block_bytes);
  if (!log) return broken(log.error().message);
  PointOutcome outcome{std::move(*facts), std::move(*log), {}, {}};
  if (const auto results = body.find("quality"); results != body.end() && results->is_array())
    for (const json& one : *results) {
      auto read = quality_result_from_json(one);
      if (!read) return broken(read.error().message);
      outcome.quality.push_back(*std::move(read));
    }
  if (const auto failures = body.find("quality_failures"); failures != body.end() && failures->is_array())
    for (const json& one : *failures)
      if (one.is_object())
        outcome.quality_failures.push_back({text_of(one, "task").substr(0, 200), text_of(one, "error").substr(0, 4000)});
  return outcome;
}

AgentConnection::AgentConnection(std::unique_ptr<State> state) : state_(std::move(state)) {}

AgentConnection::~AgentConnection() {
  if (state_ && state_->alive) (void)state_->outbox.send({{"bye", json::object()}});
}

Result<std::unique_ptr<AgentConnection>> AgentConnection::open(const Node& node,
                                                               const std::string& local_program,
                                                               const AgentLimits& limits) {
  TOKENMARK_TRY(Child child, Child::start(node_command(node, local_program, {"agent"})));
  auto state = std::make_unique<State>(node, std::move(child), limits);
  TOKENMARK_CHECK(state->greet());
  return std::unique_ptr<AgentConnection>(new AgentConnection(std::move(state)));
}

const json& AgentConnection::environment() const {
  return state_->environment;
}
bool AgentConnection::alive() const {
  return state_->alive;
}

Result<PointOutcome> AgentConnection::run(const Point& point, const PhaseSink& progress,
                                          std::stop_token stop, const std::vector<QualityTask>& quality) {
  State& state = *state_;
  if (!state.alive) return fail(ErrorKind::unavailable, "{}: the connection is lost", state.who());
  if (stop.stop_requested()) return fail(ErrorKind::cancelled, "cancelled");
  if (state.stop_event < 0) state.stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  const int event = state.stop_event;
  std::uint64_t old = 0;  // a stop of an earlier point that came too late
  (void)!read(event, &old, sizeof old);
  const std::stop_callback wake(stop, [event] {
    const std::uint64_t one = 1;
    (void)!write(event, &one, sizeof one);
  });

  const std::int64_t id = ++state.last_id;
  json run = {{"id", id}, {"point", to_json(point)}};
  for (const QualityTask& task : quality) run["quality"].push_back(to_json(task));
  (void)state.outbox.send({{"run", std::move(run)}});  // a lost agent shows when reading
  std::optional<Clock::time_point> cancelled;
  for (;;) {
    auto message = state.message(cancelled.value_or(Clock::now() + state.limits.silence));
    if (!message && message.error().kind == ErrorKind::cancelled && state.alive) {
      cancelled = Clock::now() + state.limits.cancel;
      (void)state.outbox.send({{"cancel", {{"id", id}}}});
      continue;
    }
    if (!message && cancelled) return fail(ErrorKind::cancelled, "cancelled");
    if (!message) return tl::unexpected(message.error());
    const std::string& kind = message->begin().key();
    const json& body = message->begin().value();
    if (kind == "result") {
      TOKENMARK_TRY(PointOutcome outcome, state.result(body));
      if (integer_of(body, "id") == id) return outcome;
    } else if (integer_of(body, "id") != id) {
      continue;  // late words about an earlier point
    } else if (kind == "progress") {
      if (progress) progress(text_of(body, "phase").substr(0, 200), progress_from(body));
    } else if (kind == "failed") {
      if (cancelled) return fail(ErrorKind::cancelled, "cancelled");
      return tl::unexpected(
          Error{error_kind_from(text_of(body, "kind")), text_of(body, "message").substr(0, 4000)});
    }
  }
}

}  // namespace tokenmark
