#include "plugins/api/device_ids.h"

#include <algorithm>
#include <charconv>

#include <fmt/ranges.h>

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
    std::string item = text.substr(begin, comma - begin);
    begin = comma + 1;
    const std::size_t colon = item.find(':');
    const bool plain = colon == std::string::npos && (ids.empty() || plugin.empty() || item.find_first_not_of("0123456789-") != std::string::npos);
    if (item.empty()) return fail(ErrorKind::invalid_input, "'{}' names no device: write cuda:0, cuda:0,cuda:1 or cuda:0-3", text);
    const std::string of = plain ? std::string() : colon == std::string::npos ? plugin : item.substr(0, colon);
    if (!ids.empty() && (plain || of != plugin))
      return fail(ErrorKind::invalid_input, "'{}' names devices of several kinds: those that compute one model together are of one", text);
    plugin = of;
    std::uint32_t first = 0, last = 0;
    const std::string_view numbers = std::string_view(item).substr(colon == std::string::npos ? 0 : colon + 1);
    if (plain || !read_range(numbers, first, last)) {
      ids.push_back(std::move(item));  // whose plugin knows what it means
      continue;
    }
    for (std::uint32_t n = first; n <= last; ++n) ids.push_back(fmt::format("{}:{}", plugin, n));
  }
  for (auto id = ids.begin(); id != ids.end(); ++id)
    if (std::find(std::next(id), ids.end(), *id) != ids.end()) return fail(ErrorKind::invalid_input, "'{}' names {} twice", text, *id);
  return ids;
}

Result<std::vector<std::string>> replica_devices(const std::string& text, std::uint32_t replicas) {
  TOKENMARK_TRY(const std::vector<std::string> ids, device_ids(text));
  if (replicas < 1 || ids.size() % replicas != 0)
    return fail(ErrorKind::invalid_input, "{} replicas cannot share {} devices ('{}') equally", replicas, ids.size(), text);
  const std::size_t each = ids.size() / replicas;
  std::vector<std::string> groups;
  for (std::size_t at = 0; at < ids.size(); at += each) groups.push_back(fmt::format("{}", fmt::join(ids.begin() + static_cast<std::ptrdiff_t>(at), ids.begin() + static_cast<std::ptrdiff_t>(at + each), ",")));
  return groups;
}

}  // namespace tokenmark
