#include "core/download/hub.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace tokenmark {
namespace {

constexpr std::string_view kShort = "hf:";

struct FreeText {
  void operator()(char* text) const { curl_free(text); }
};

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

Url parsed(const std::string& url) {
  Url handle(curl_url(), curl_url_cleanup);
  if (handle && curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) handle.reset();
  return handle;
}

std::string part_of_url(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (!url || curl_url_get(url.get(), part, &text, flags) != CURLUE_OK || text == nullptr) return {};
  const std::unique_ptr<char, FreeText> owned(text);
  return text;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

// A part of a path in a URL: '/' stays.
std::string encoded(std::string_view path) {
  std::string text;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    text += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return text;
}

}  // namespace

std::string hub_url() {
  std::string url = variable("HF_ENDPOINT");
  while (url.ends_with('/')) url.pop_back();
  return origin_of(url).empty() ? "https://huggingface.co" : url;
}

Result<std::string> download_url(const std::string& text) {
  if (text.starts_with(kShort)) {
    const std::string_view path = std::string_view(text).substr(kShort.size());
    const std::size_t owner = path.find('/'), name = owner == std::string_view::npos ? owner : path.find('/', owner + 1);
    if (owner == 0 || name == std::string_view::npos || name == owner + 1 || name + 1 == path.size())
      return fail(ErrorKind::invalid_input, "'{}' must be hf:OWNER/NAME/FILE", text);
    return fmt::format("{}/{}/resolve/main/{}", hub_url(), encoded(path.substr(0, name)), encoded(path.substr(name + 1)));
  }
  if (origin_of(text).empty())
    return fail(ErrorKind::invalid_input, "'{}' is no URL of http or https, and not hf:OWNER/NAME/FILE", text);
  return text;
}

std::string token_for(const std::string& url) {
  return origin_of(url) == origin_of(hub_url()) ? variable("HF_TOKEN") : std::string();
}

Result<std::string> file_name_of(const std::string& url) {
  const std::string path = part_of_url(parsed(url), CURLUPART_PATH);
  const std::string last = path.substr(path.rfind('/') + 1);
  int length = 0;
  const std::unique_ptr<char, FreeText> decoded(
      curl_easy_unescape(nullptr, last.c_str(), static_cast<int>(last.size()), &length));
  const std::string name = decoded ? std::string(decoded.get(), static_cast<std::size_t>(length)) : std::string();
  const bool bad = name.empty() || name == "." || name == ".." || name.size() > 240 ||
                   std::ranges::any_of(name, [](char c) { return c == '/' || static_cast<unsigned char>(c) < ' '; });
  if (bad) return fail(ErrorKind::invalid_input, "{}: names no file: say how it is to be called", url);
  return name;
}

std::string shown_url(const std::string& url) {
  std::string shown = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme = shown.find("://"), host = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t at = shown.rfind('@', shown.find('/', host));
  if (at != std::string::npos && at >= host) shown.erase(host, at + 1 - host);
  return shown;
}

std::string origin_of(const std::string& url) {
  const Url handle = parsed(url);
  const std::string scheme = part_of_url(handle, CURLUPART_SCHEME), host = part_of_url(handle, CURLUPART_HOST);
  if ((scheme != "http" && scheme != "https") || host.empty()) return {};
  std::string origin = scheme + "://" + host + ":" + part_of_url(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::ranges::transform(origin, origin.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return origin;
}

}  // namespace tokenmark
