// Where the requests of an endpoint go, and with which headers.
#pragma once

#include "base/result.h"
#include "core/load/api.h"
#include "core/load/transport.h"
#include "core/workload/point.h"

namespace tokenmark {

// `api_key`: empty for none; it is in the header lines only.
Result<CallTarget> call_target(const EndpointTarget& endpoint, const Api& api, std::string_view content_type, const std::string& api_key);

}  // namespace tokenmark
