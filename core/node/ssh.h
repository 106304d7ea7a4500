// Commands on a node, here or through the user's own OpenSSH client, and what it means when ssh fails. Any thread.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/node/node.h"

namespace tokenmark {

// ssh as everything here calls it: it never asks; an unknown or changed host key is an error, not a question.
std::vector<std::string> ssh_command(const SshNode& node);
// tokenmark-cli on the node with these arguments.
std::vector<std::string> node_command(const Node& node, const std::string& local_program, const std::vector<std::string>& arguments);

// What an ssh that failed means, and what to do about it. `said`: its standard error, `status`: its exit status.
std::string ssh_verdict(const SshNode& node, const std::string& said, int status);
// Foreign words as one line of at most 1,000 bytes (the end of them), without control characters.
std::string one_line(std::string text);

struct CommandEnd {
  int status = 0;           // 128 + n: killed by signal n
  std::string out, err;     // of standard output the first 4 MiB, of standard error the last 8 KiB
};
// Runs a command to its end with nothing on its standard input. An error if it does not end in time (it is killed then),
// cannot be started or is stopped.
Result<CommandEnd> run_command(const std::vector<std::string>& command, std::chrono::milliseconds limit, std::stop_token stop);

}  // namespace tokenmark
