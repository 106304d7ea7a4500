// Whether a node can measure, found out step by step as a person would look for what is wrong: its name, its port, its
// host key, the login, the program there, its agent and version, its devices and what runs there now. Everything is done
// by child processes with time limits. Blocks in the calling thread.
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "core/node/node.h"

namespace tokenmark {

enum class CheckState : std::uint8_t { ok, failed, skipped, note };  // note: it works, but is to be known
inline constexpr std::string_view kCheckStates[] = {"ok", "failed", "skipped", "note"};

struct CheckStep {
  std::string name;        // "name", "port", "host key", "login", "program", "agent", "devices", "running"
  CheckState state = CheckState::ok;
  std::string text;        // what was found, or why it failed and what to do
  double seconds = 0;
};

struct NodeReport {
  std::vector<CheckStep> steps;  // until the first that failed
  bool usable = false;           // its agent answers: points can be measured there
  std::string version;           // of the program there
  nlohmann::json environment, devices, running;  // as agent, `devices --json` and `node here --json` say; null: unknown
};

struct NodeCheckLimits {
  std::chrono::milliseconds name{5000}, port{5000}, login{15'000}, agent{15'000}, devices{30'000};
};

NodeReport check_node(const Node& node, const std::string& local_program, const std::function<void(const CheckStep&)>& said,
                      std::stop_token stop, const NodeCheckLimits& limits = {});

nlohmann::json to_json(const NodeReport& report);

}  // namespace tokenmark
