#include "core/load/call_target.h"

#include <curl/curl.h>

#include <memory>

#include "base/version.h"
#include "core/load/endpoint_url.h"

namespace tokenmark {
namespace {

std::string part(CURLU* url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, what, &text, flags) != CURLUE_OK) return "";
  std::string out(text);
  curl_free(text);
  return out;
}

}  // namespace

Result<CallTarget> call_target(const EndpointTarget& endpoint, const Api& api, std::string_view content_type, const std::string& api_key) {
  if (api_key.find_first_of("\r\n") != std::string::npos) return fail(ErrorKind::invalid_input, "the API key holds a line break");
  CallTarget target;
  TOKENMARK_TRY(target.url, endpoint_url(endpoint));
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
  if (curl_url_set(url.get(), CURLUPART_URL, target.url.c_str(), 0) != CURLUE_OK)
    return fail(ErrorKind::invalid_input, "'{}' is not the address of a server", target.url);
  target.tls = part(url.get(), CURLUPART_SCHEME) == "https";
  target.host = part(url.get(), CURLUPART_HOST);
  if (target.host.starts_with('[') && target.host.ends_with(']')) target.host = target.host.substr(1, target.host.size() - 2);
  target.port = part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  target.path = part(url.get(), CURLUPART_PATH);
  target.base_url = target.url.substr(0, target.url.size() - target.path.size());
  TOKENMARK_TRY(const std::string root, endpoint_url(endpoint, "/"));
  target.root = root.substr(target.base_url.size(), root.size() - target.base_url.size() - 1);
  target.verify = endpoint.tls_verify != "off";
  target.ca_file = endpoint.ca_file;
  target.proxy = endpoint.proxy;
  target.http2 = endpoint.http == "2";
  target.header_lines = {fmt::format("User-Agent: tokenmark/{}", version()), fmt::format("Content-Type: {}", content_type),
                         fmt::format("Accept: {}", accept_header(endpoint, api))};
  if (!api_key.empty()) target.header_lines.push_back("Authorization: Bearer " + api_key);
  return target;
}

}  // namespace tokenmark
