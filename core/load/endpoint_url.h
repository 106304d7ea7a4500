// Where requests go and with which key: from what the user gave.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "core/workload/point.h"

namespace tokenmark {

// "http://host:8000", "…/" and "…/v1" all give "http://host:8000/v1/completions", or where the endpoint's API answers (api.h).
Result<std::string> endpoint_url(const EndpointTarget& endpoint);
// The same server with another path ("/v1/videos/ID").
Result<std::string> endpoint_url(const EndpointTarget& endpoint, std::string_view path);

// The key in the variable that `api_key_env` names; empty where it names none. The key itself is never stored.
Result<std::string> api_key_of(const EndpointTarget& endpoint);

// The host of a URL is this machine: localhost and its subdomains, 127.0.0.0/8, ::1.
bool is_loopback(const std::string& url);

}  // namespace tokenmark
