// libcurl as a transport: HTTP/2 (many requests on one connection) and proxies. Costs several times the time of the
// native client for a message (tests/benchmarks/README.md), so it serves what that one does not.
#pragma once

#include <memory>

#include "base/result.h"
#include "core/load/run_clock.h"
#include "core/load/transport.h"

namespace tokenmark {

// `target`, `clock` and `between` must outlive it. `connections`: how many are kept open.
Result<std::unique_ptr<Transport>> make_curl_transport(const CallTarget& target, const RunClock& clock, BetweenSockets& between,
                                                       std::size_t connections);

// Whether this address is reached through a proxy: the target's, or the environment's (never for this machine).
bool needs_proxy(const std::string& url, const std::string& proxy);

}  // namespace tokenmark
