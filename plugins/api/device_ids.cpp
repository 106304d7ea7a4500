#include "plugins/api/device_ids.h"

#include <algorithm>
#include <charconv>

namespace tokenmark {
namespace {

constexpr std::uint32_t kMostDevices = 1024;

bool read_number(std::string_view text, std::uint32_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out < kMostDevices;
}

// "3", or "0-3".
bool read_range(std::string_view text, std::uint32_t& first, std::uint32_t& last) {
  const std::size_t dash = text.find('-');
  return read_number(text.substr(0, dash), first) && read_number(dash == std::string_view::npos ? text : text.substr(dash + 1), last) && first <= last;
}

}  // namespace

Result<std::vector<std::string>> device_ids(const std::string& text) {
  std::vector<std::string> ids;
  std::string plugin;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const std::string item = text.substr(begin, comma - begin);
    begin = comma + 1;
    if (item.empty()) return fail(ErrorKind::invalid_input, "'{}' names no device: write cuda:0, cuda:0,cuda:1 or cuda:0-3", text);
    // Numbers alone are of the plugin before.
    const std::size_t colon = item.find(':');
    std::uint32_t first = 0, last = 0;
    const bool numbered = read_range(std::string_view(item).substr(colon == std::string::npos ? 0 : colon + 1), first, last);
    const std::string of = colon == std::string::npos && numbered && !ids.empty() ? plugin : item.substr(0, colon);
    if (!ids.empty() && of != plugin)
      return fail(ErrorKind::invalid_input, "'{}' names devices of several kinds: those that compute one model together are of one", text);
    plugin = of;
    if (!numbered || item == plugin) ids.push_back(item);  // whose plugin knows what it means
    else
      for (std::uint32_t n = first; n <= last; ++n) ids.push_back(fmt::format("{}:{}", plugin, n));
  }
  for (auto id = ids.begin(); id != ids.end(); ++id)
    if (std::find(std::next(id), ids.end(), *id) != ids.end()) return fail(ErrorKind::invalid_input, "'{}' names {} twice", text, *id);
  return ids;
}

std::string joined(const std::vector<std::string>& ids, std::string_view between) {
  std::string text;
  for (const std::string& id : ids) {
    if (!text.empty()) text += between;
    text += id;
  }
  return text;
}

Result<std::vector<std::string>> replica_devices(const std::string& text, std::uint32_t replicas) {
  TOKENMARK_TRY(const std::vector<std::string> ids, device_ids(text));
  if (replicas < 1 || ids.size() % replicas != 0)
    return fail(ErrorKind::invalid_input, "{} replicas cannot share {} devices ('{}') equally", replicas, ids.size(), text);
  const std::size_t each = ids.size() / replicas;
  std::vector<std::string> groups;
  for (std::size_t at = 0; at < ids.size(); at += each) groups.push_back(joined({&ids[at], &ids[at] + each}));
  return groups;
}

}  // namespace tokenmark
