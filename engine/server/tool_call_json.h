// Tool calls as models write them. Pure functions; the text is hostile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tokenmark::server {

struct ToolCallJson {
  std::string name;
  std::string arguments;  // a JSON object as text
};

// {"name": …, "arguments" or "parameters": …}, a list of such objects, or several with ';' between. Empty: it is
// something else.
std::vector<ToolCallJson> read_tool_calls(std::string_view text);
// DeepSeek's: `before` the separator "function", after it the name and a code block; or the name before and JSON after.
std::vector<ToolCallJson> read_deepseek_call(std::string_view before, std::string_view after);

}  // namespace tokenmark::server
