#include "core/load/endpoint_url.h"

#include <curl/curl.h>

#include <cstdlib>
#include <memory>

#include "core/load/api.h"

namespace tokenmark {
namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part(const Url& url, CURLUPart what) {
  char* text = nullptr;
  if (curl_url_get(url.get(), what, &text, 0) != CURLUE_OK) return "";
  std::string out(text);
  curl_free(text);
  return out;
}

}  // namespace

Result<std::string> endpoint_url(const EndpointTarget& endpoint) {
  TOKENMARK_TRY(const Api* api, api_of(endpoint));
  return endpoint_url(endpoint, api_path(endpoint, *api));
}

Result<std::string> endpoint_url(const EndpointTarget& endpoint, std::string_view path) {
  const Url url(curl_url(), curl_url_cleanup);
  const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, endpoint.url.c_str(), 0);
  const std::string scheme = part(url, CURLUPART_SCHEME);
  if (code != CURLUE_OK || (scheme != "http" && scheme != "https"))
    return fail(ErrorKind::invalid_input, "'{}' is not the address of a server: it must look like http://127.0.0.1:8000", endpoint.url);
  if (!part(url, CURLUPART_QUERY).empty() || !part(url, CURLUPART_FRAGMENT).empty())
    return fail(ErrorKind::invalid_input, "'{}' must not have a query or a fragment", endpoint.url);
  std::string text = endpoint.url;
  while (text.back() == '/') text.pop_back();
  if (text.ends_with("/v1")) text.resize(text.size() - 3);  // paths begin with it, or are not below it
  return text.append(path);
}

bool is_loopback(const std::string& address) {
  const Url url(curl_url(), curl_url_cleanup);
  if (curl_url_set(url.get(), CURLUPART_URL, address.c_str(), 0) != CURLUE_OK) return false;
  const std::string host = part(url, CURLUPART_HOST);
  const auto ends_with = [&](std::string_view end) {
    return host.size() >= end.size() && host.compare(host.size() - end.size(), end.size(), end) == 0;
  };
  return host == "localhost" || ends_with(".localhost") || host.rfind("127.", 0) == 0 || host == "[::1]" || host == "::1";
}

Result<std::string> api_key_of(const EndpointTarget& endpoint) {
  if (endpoint.api_key_env.empty()) return std::string();
  const char* value = std::getenv(endpoint.api_key_env.c_str());
  if (value == nullptr || *value == '\0')
    return fail(ErrorKind::invalid_input,
                "the API key of {} should be in the variable {}, which is not set where the requests are sent from",
                endpoint.url, endpoint.api_key_env);
  return std::string(value);
}

}  // namespace tokenmark
