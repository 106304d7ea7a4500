#include "core/node/node_check.h"

#include <fmt/ranges.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <sstream>

#include "base/version.h"
#include "core/node/agent.h"
#include "core/node/ssh.h"
#include "core/node/wire.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;
constexpr std::size_t kMostAddresses = 8;

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// The first line of what a host sent, if it says so in time: an SSH server names itself.
std::string first_words(int fd, Milliseconds limit) {
  pollfd waiting{fd, POLLIN, 0};
  char words[256];
  if (poll(&waiting, 1, static_cast<int>(limit.count())) != 1) return "";
  const ssize_t got = recv(fd, words, sizeof words, 0);
  const std::string text(words, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return one_line(text.substr(0, text.find_first_of("\r\n")));
}

// Whether something listens on a numeric address, and what it says of itself.
Result<std::string> knock(const std::string& address, const std::string& port, Milliseconds limit) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(address.c_str(), port.c_str(), &hints, &found) != 0) return fail(ErrorKind::invalid_input, "'{}' port '{}' is no address", address, port);
  const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int problem = fd < 0 || (connect(fd, found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS) ? errno : 0;
  freeaddrinfo(found);
  pollfd waiting{fd, POLLOUT, 0};
  if (problem == 0 && poll(&waiting, 1, static_cast<int>(limit.count())) != 1) problem = ETIMEDOUT;
  socklen_t size = sizeof problem;
  if (problem == 0) getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size);
  const std::string words = problem == 0 ? first_words(fd, limit) : "";
  if (fd >= 0) close(fd);
  if (problem == 0) return words;
  return fail(ErrorKind::unavailable, "{} port {}: {}", address, port, std::strerror(problem));
}

class NodeCheck {
 public:
  NodeCheck(const Node& node, const std::string& local_program, const std::function<void(const CheckStep&)>& said, std::stop_token stop,
            const NodeCheckLimits& limits)
      : node_(node), ssh_(std::get_if<SshNode>(&node)), program_(local_program), said_(said), stop_(std::move(stop)), limits_(limits) {}

  NodeReport run() {
    if ((!ssh_ || (find_address() && find_port() && log_in())) && find_program() && greet()) {
      report_.usable = true;
      ask_devices();
      ask_running();
    }
    return std::move(report_);
  }

 private:
  // Notes a step; false where it failed.
  bool step(const char* name, CheckState state, std::string text) {
    const auto now = Clock::now();
    report_.steps.push_back({name, state, std::move(text), std::chrono::duration<double>(now - begun_).count()});
    begun_ = now;
    if (said_) said_(report_.steps.back());
    return state != CheckState::failed;
  }
  Result<CommandEnd> on_node(const std::vector<std::string>& arguments, Milliseconds limit) {
    return run_command(node_command(node_, program_, arguments), limit, stop_);
  }

  // Where ssh would go, as its own configuration says (ssh -G).
  bool find_address() {
    std::vector<std::string> command = {"ssh", "-G"};
    command.insert(command.end(), ssh_->options.begin(), ssh_->options.end());
    command.insert(command.end(), {"--", ssh_->host});
    const auto answer = run_command(command, limits_.name, stop_);
    if (!answer) return step("name", CheckState::failed, answer.error().kind == ErrorKind::not_found ? "there is no ssh on this machine; install openssh-client" : answer.error().message);
    if (answer->status != 0) return step("name", CheckState::failed, "ssh does not take this host and these options: " + one_line(answer->err));
    std::istringstream lines(answer->out);
    for (std::string line; std::getline(lines, line);)
      if (const auto space = line.find(' '); space != std::string::npos) settings_.try_emplace(line.substr(0, space), line.substr(space + 1));
    const std::string host = settings_["hostname"];
    for (const char* way : {"proxycommand", "proxyjump"}) through_another_ = through_another_ || (settings_.contains(way) && settings_[way] != "none");
    if (through_another_) return step("name", CheckState::skipped, fmt::format("{} is reached through another host, which resolves the name", host));
    const auto found = run_command({"getent", "ahosts", host}, limits_.name, stop_);
    if (!found) return step("name", CheckState::failed, fmt::format("the name {} cannot be looked up: {}", host, found.error().message));
    std::istringstream addresses(found->out);  // each with its kinds behind it, a line a kind
    for (std::string line, address; std::getline(addresses, line) && addresses_.size() < kMostAddresses;)
      if (std::istringstream(line) >> address && std::find(addresses_.begin(), addresses_.end(), address) == addresses_.end()) addresses_.push_back(address);
    if (addresses_.empty()) return step("name", CheckState::failed, fmt::format("the host name '{}' is not known here; is it spelt right, and is the network up?", host));
    return step("name", CheckState::ok, host == addresses_.front() ? host : fmt::format("{} is {}", host, fmt::join(addresses_, ", ")));
  }

  bool find_port() {
    if (through_another_) return step("port", CheckState::skipped, "reached through another host");
    const std::string port = settings_.contains("port") ? settings_["port"] : "22";
    Result<std::string> words;
    for (const std::string& address : addresses_)  // in ssh's order, until one answers
      if ((words = knock(address, port, limits_.port))) break;
    if (!words) return step("port", CheckState::failed, words.error().message + "; is the SSH server running there, on this port, and does a firewall let it through?");
    if (!words->starts_with("SSH-"))
      return step("port", CheckState::failed, fmt::format("what listens on port {} is no SSH server{}", port, words->empty() ? "" : " (it said: " + *words + ")"));
    return step("port", CheckState::ok, fmt::format("port {}: {}", port, *words));
  }

  bool log_in() {
    std::vector<std::string> command = ssh_command(*ssh_);
    command.push_back("true");
    const auto answer = run_command(command, limits_.login, stop_);
    if (!answer) return step("login", CheckState::failed, answer.error().message);
    if (answer->status == 0) {
      step("host key", CheckState::ok, "known");
      const std::string user = settings_["user"];
      return step("login", CheckState::ok, user.empty() ? "without a password" : fmt::format("as {}, without a password", user));
    }
    const std::string why = fmt::format("{} (ssh said: {})", ssh_verdict(*ssh_, answer->err, answer->status), one_line(answer->err));
    if (has(answer->err, "Host key verification failed") || has(answer->err, "HOST IDENTIFICATION HAS CHANGED"))
      return step("host key", CheckState::failed, why);
    if (has(answer->err, "Permission denied") || has(answer->err, "Too many authentication")) step("host key", CheckState::ok, "known");
    return step("login", CheckState::failed, why);
  }

  bool find_program() {
    const auto answer = on_node({"--version"}, limits_.agent);
    const std::string path = ssh_ ? ssh_->agent : program_;
    if (!answer) return step("program", CheckState::failed, answer.error().message);
    if (answer->status != 0)
      return step("program", CheckState::failed,
                  ssh_ ? fmt::format("{} (it said: {})", ssh_verdict(*ssh_, answer->err, answer->status), one_line(answer->err))
                       : fmt::format("{} --version ended with {}: {}", path, answer->status, one_line(answer->err)));
    report_.version = one_line(answer->out.substr(0, answer->out.find('\n'))).substr(0, 200);
    if (!report_.version.starts_with("tokenmark")) return step("program", CheckState::failed, fmt::format("'{}' there is another program: it says '{}'", path, report_.version));
    const std::string ours = fmt::format("tokenmark {} ", version());
    if (!report_.version.starts_with(ours)) return step("program", CheckState::note, fmt::format("{}; here is {}({})", report_.version, ours, commit()));
    return step("program", CheckState::ok, report_.version);
  }

  bool greet() {
    const auto agent = AgentConnection::open(node_, program_, {.handshake = limits_.agent});
    if (!agent) return step("agent", CheckState::failed, agent.error().message);
    report_.environment = (*agent)->environment();
    return step("agent", CheckState::ok, fmt::format("answers, protocol {}", kAgentProtocol));
  }

  json asked(const std::vector<std::string>& arguments, std::string& why) {
    const auto answer = on_node(arguments, limits_.devices);
    if (!answer || answer->status != 0) {
      why = answer ? one_line(answer->err) : answer.error().message;
      return nullptr;
    }
    json document = json::parse(answer->out, nullptr, false);
    if (document.is_object()) return document;
    why = "its answer cannot be read";
    return nullptr;
  }

  void ask_devices() {
    std::string why, names;
    report_.devices = asked({"devices", "--json"}, why);
    if (report_.devices.is_null()) {
      step("devices", CheckState::note, "the devices are not known: " + why);
      return;
    }
    const json list = report_.devices.value("devices", json::array());
    for (const json& device : list.is_array() ? list : json::array()) {
      const auto there = device.is_object() ? device.find("available") : device.end();
      if (device.is_object() && there != device.end() && there->is_boolean() && there->get<bool>())
        names += (names.empty() ? "" : ", ") + text_of(device, "id").substr(0, 40) + " (" + text_of(device, "name").substr(0, 80) + ")";
    }
    step("devices", names.empty() ? CheckState::note : CheckState::ok, names.empty() ? "none that can be used" : names);
  }

  void ask_running() {
    std::string why;
    report_.running = asked({"node", "here", "--json"}, why);
    if (report_.running.is_null()) {
      step("running", CheckState::note, "what runs there is not known: " + why);
      return;
    }
    const auto found = report_.running.find("running");
    const std::size_t count = found != report_.running.end() && found->is_array() ? found->size() : 0;
    if (count == 0) step("running", CheckState::ok, "nothing of Tokenmark");
    else step("running", CheckState::note, fmt::format("{} program{} of Tokenmark: measuring there now would disturb both", count, count == 1 ? "" : "s"));
  }

  const Node& node_;
  const SshNode* ssh_;
  const std::string& program_;
  const std::function<void(const CheckStep&)>& said_;
  std::stop_token stop_;
  NodeCheckLimits limits_;
  NodeReport report_;
  Clock::time_point begun_ = Clock::now();
  std::map<std::string, std::string> settings_;  // of ssh -G
  std::vector<std::string> addresses_;
  bool through_another_ = false;
};

}  // namespace

NodeReport check_node(const Node& node, const std::string& local_program, const std::function<void(const CheckStep&)>& said,
                      std::stop_token stop, const NodeCheckLimits& limits) {
  return NodeCheck(node, local_program, said, std::move(stop), limits).run();
}

json to_json(const NodeReport& report) {
  json steps = json::array();
  for (const CheckStep& one : report.steps)
    steps.push_back({{"name", one.name}, {"state", kCheckStates[static_cast<std::size_t>(one.state)]}, {"text", one.text}, {"seconds", one.seconds}});
  return {{"usable", report.usable}, {"version", report.version}, {"steps", steps},
          {"environment", report.environment}, {"devices", report.devices}, {"running", report.running}};
}

}  // namespace tokenmark
