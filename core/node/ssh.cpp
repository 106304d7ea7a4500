#include "core/node/ssh.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "base/child.h"

namespace tokenmark {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMostOut = 4 << 20, kMostErr = 8192;

// One argument for the remote shell; a leading "~/" stays outside the quotes, so that it is expanded.
std::string shell_quoted(std::string text) {
  std::string quoted;
  if (text.starts_with("~/")) {
    quoted = "~/";
    text.erase(0, 2);
  }
  quoted += '\'';
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Reads what is there once; false: the end.
bool take(int fd, std::string& into, std::size_t most, bool keep_end) {
  char chunk[16384];
  const ssize_t got = read(fd, chunk, sizeof chunk);
  if (got <= 0) return false;
  const std::string_view bytes(chunk, static_cast<std::size_t>(got));
  if (keep_end) {
    into += bytes;
    if (into.size() > most) into.erase(0, into.size() - most);
  } else {
    into += bytes.substr(0, most - std::min(most, into.size()));
  }
  return true;
}

}  // namespace

std::vector<std::string> ssh_command(const SshNode& node) {
  std::vector<std::string> command = {"ssh", "-T",
                                      "-o",  "BatchMode=yes",
                                      "-o",  "StrictHostKeyChecking=yes",
                                      "-o",  "ServerAliveInterval=5",
                                      "-o",  "ServerAliveCountMax=3"};
  command.insert(command.end(), node.options.begin(), node.options.end());
  command.insert(command.end(), {"--", node.host});
  return command;
}

std::vector<std::string> node_command(const Node& node, const std::string& local_program, const std::vector<std::string>& arguments) {
  const auto* ssh = std::get_if<SshNode>(&node);
  std::vector<std::string> command = ssh ? ssh_command(*ssh) : std::vector{local_program};
  std::string line = ssh ? shell_quoted(ssh->agent) : "";
  for (const std::string& argument : arguments)
    if (ssh)
      line.append(1, ' ').append(shell_quoted(argument));
    else
      command.push_back(argument);
  if (ssh) command.push_back(line);
  return command;
}

// ssh's own words, as one line.
std::string one_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  std::string line;
  for (const char c : text) {
    if (c == '\n')
      line += "; ";
    else if (c != '\r')
      line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  if (line.size() > 1000) line.replace(0, line.size() - 1000, "…");
  return line;
}

// What an ssh that failed means, and what to do about it.
std::string ssh_verdict(const SshNode& node, const std::string& said, int status) {
  if (contains(said, "REMOTE HOST IDENTIFICATION HAS CHANGED"))
    return "the host key has changed; find out why before trusting it again (ssh-keygen -R)";
  if (contains(said, "Host key verification failed"))
    return fmt::format("the host key is not known; connect once with `ssh {}` and check it", node.host);
  if (contains(said, "Permission denied (") || contains(said, "Too many authentication failures"))
    return "the login was refused; a key that needs no password must be set up for it (ssh-copy-id, "
           "ssh-agent)";
  if (contains(said, "Could not resolve hostname")) return "the host name is not known";
  if (contains(said, "Connection refused")) return "no SSH server answers there";
  if (contains(said, "timed out") || contains(said, "No route to host") ||
      contains(said, "Network is unreachable"))
    return "the host cannot be reached";
  if (status == 127 || contains(said, "not found") || contains(said, "No such file"))
    return fmt::format("there is no program '{}'; copy tokenmark-cli there and name its path in node.agent",
                       node.agent);
  if (status == 126) return fmt::format("the program '{}' cannot be run there", node.agent);
  return status == 255 ? "the connection was lost" : fmt::format("the agent ended (exit status {})", status);
}

Result<CommandEnd> run_command(const std::vector<std::string>& command, std::chrono::milliseconds limit, std::stop_token stop) {
  TOKENMARK_TRY(Child child, Child::start(command));
  child.close_in();
  CommandEnd end;
  const auto deadline = Clock::now() + limit;
  bool out = true, err = true;
  while (out || err) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (stop.stop_requested() || left <= 0) {
      child.kill_group(SIGKILL);
      if (stop.stop_requested()) return fail(ErrorKind::cancelled, "cancelled");
      const std::string said = one_line(end.err);
      return fail(ErrorKind::unavailable, "no answer within {:g} s{}", std::chrono::duration<double>(limit).count(), said.empty() ? "" : " (it said: " + said + ")");
    }
    pollfd waiting[2] = {{out ? child.out() : -1, POLLIN, 0}, {err ? child.err() : -1, POLLIN, 0}};
    if (poll(waiting, 2, static_cast<int>(std::min<std::int64_t>(left, 100))) <= 0) continue;
    if (waiting[0].revents != 0) out = take(child.out(), end.out, kMostOut, false);
    if (waiting[1].revents != 0) err = take(child.err(), end.err, kMostErr, true);
  }
  const auto status = child.wait(std::max(std::chrono::milliseconds(500), std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now())));
  if (!status) {
    child.kill_group(SIGKILL);
    return fail(ErrorKind::unavailable, "it did not end within {:g} s", std::chrono::duration<double>(limit).count());
  }
  end.status = *status;
  return end;
}

}  // namespace tokenmark
