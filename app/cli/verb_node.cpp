// The user's nodes: a list by name, and whether one can be measured on.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/node/node_check.h"
#include "core/node/node_list.h"
#include "core/node/running_here.h"

namespace tokenmark::cli {
namespace {

using nlohmann::json;

struct Arguments {
  SshNode node;
  std::string name;
  bool as_json = false, report_only = false;
};

json to_json(const SshNode& node) {
  return {{"name", node.name}, {"ssh", node.host}, {"agent", node.agent}, {"options", node.options}};
}

json nodes_json(const std::vector<SshNode>& nodes) {
  json all = json::array();
  for (const SshNode& node : nodes) all.push_back(to_json(node));
  return all;
}

int keep(const std::vector<SshNode>& nodes, bool as_json) {
  if (const Status written = write_nodes(node_list_path(), nodes); !written) return report(written.error());
  if (as_json) print_document({{"written", node_list_path().string()}, {"nodes", nodes_json(nodes)}});
  return kDone;
}

int list(const Arguments& arguments) {
  const auto nodes = read_nodes(node_list_path());
  if (!nodes) return report(nodes.error());
  if (arguments.as_json) {
    print_document({{"file", node_list_path().string()}, {"nodes", nodes_json(*nodes)}});
    return kDone;
  }
  std::vector<std::vector<std::string>> rows = {{"local", "this machine", ""}};
  for (const SshNode& node : *nodes) rows.push_back({node.name, node.host, node.agent});
  fmt::print("{}", table({"node", "host", "program there"}, rows));
  return kDone;
}

int add(const Arguments& arguments) {
  auto nodes = read_nodes(node_list_path());
  if (!nodes) return report(nodes.error());
  std::erase_if(*nodes, [&](const SshNode& node) { return node.name == arguments.node.name; });  // replaced
  nodes->push_back(arguments.node);
  return keep(*nodes, arguments.as_json);
}

int remove(const Arguments& arguments) {
  auto nodes = read_nodes(node_list_path());
  if (!nodes) return report(nodes.error());
  if (std::erase_if(*nodes, [&](const SshNode& node) { return node.name == arguments.name; }) == 0)
    return report({ErrorKind::not_found, fmt::format("there is no node '{}'", arguments.name)});
  return keep(*nodes, arguments.as_json);
}

int check(const Arguments& arguments, const Context& context) {
  const auto node = find_node(arguments.name);
  if (!node) return report(node.error());
  const auto said = [](const CheckStep& step) {
    fmt::print(stderr, "{:8} {:8} {}\n", step.name, kCheckStates[static_cast<std::size_t>(step.state)], step.text);
  };
  const NodeReport found = check_node(*node, context.program, said, context.stop);
  if (arguments.as_json) fmt::print("{}\n", tokenmark::to_json(found).dump(2, ' ', false, json::error_handler_t::replace));
  else fmt::print("{}\n", found.usable ? arguments.name + " can be measured on" : arguments.name + " cannot be measured on: " + found.steps.back().text);
  return found.usable || arguments.report_only ? kDone : kFailed;
}

int here(const Arguments& arguments) {
  const json found = running_here();
  if (arguments.as_json) {
    fmt::print("{}\n", found.dump(2, ' ', false, json::error_handler_t::replace));
    return kDone;
  }
  std::vector<std::vector<std::string>> rows;
  for (const json& one : found["running"])
    rows.push_back({std::to_string(one["pid"].get<long>()), one.value("program", ""), one.value("verb", ""), fmt::format("{:.0f} s", one.value("since_s", 0.0))});
  if (rows.empty()) fmt::print("no program of Tokenmark runs here\n");
  else fmt::print("{}", table({"pid", "program", "verb", "since"}, rows));
  return kDone;
}

}  // namespace

void add_node(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("node", "The machines that points can be measured on: by name, and whether they can");
  verb->require_subcommand(1);
  verb->footer("Example: tokenmark-cli node add box user@host --agent '~/bin/tokenmark-cli' --option=-p --option=2222; tokenmark-cli node check box");
  auto* adding = verb->add_subcommand("add", "Add a node to the list, or replace the one of that name");
  adding->add_option("NAME", arguments->node.name, "How sweeps name it: node: NAME")->required();
  adding->add_option("HOST", arguments->node.host, "user@host, or a Host of ssh's configuration")->required();
  adding->add_option("--agent", arguments->node.agent, "Path of tokenmark-cli there")->capture_default_str();
  adding->add_option("--option", arguments->node.options, "A further argument of ssh, once for each")->expected(1)->take_all();
  adding->callback([arguments, &context] { context.action = [arguments] { return add(*arguments); }; });
  auto* removing = verb->add_subcommand("remove", "Take a node out of the list");
  removing->add_option("NAME", arguments->name, "Of the list")->required();
  removing->callback([arguments, &context] { context.action = [arguments] { return remove(*arguments); }; });
  auto* listing = verb->add_subcommand("list", "The nodes of the list");
  listing->callback([arguments, &context] { context.action = [arguments] { return list(*arguments); }; });
  auto* checking = verb->add_subcommand("check", "Whether a node can be measured on, step by step");
  checking->add_option("NAME", arguments->name, "Of the list, or local")->required();
  checking->callback([arguments, &context] { context.action = [arguments, &context] { return check(*arguments, context); }; });
  checking->add_flag("--report", arguments->report_only, "Exit 0 whatever was found");
  auto* at_home = verb->add_subcommand("here", "What of Tokenmark runs on this machine now");
  at_home->callback([arguments, &context] { context.action = [arguments] { return here(*arguments); }; });
  for (auto* one : {adding, removing, listing, checking, at_home})
    one->add_flag("--json", arguments->as_json, "One JSON document on standard output");
  for (auto* one : {adding, removing, listing, checking, at_home}) one->footer(verb->get_footer());
}

}  // namespace tokenmark::cli
