// The native HTTP/1.1 client of the streaming path: one epoll set, edge-triggered, kept connections, TLS by OpenSSL. A
// message costs one recv, one look at the clock and what its reader does; nothing is allocated for it.
#pragma once

#include <memory>

#include "base/result.h"
#include "core/load/run_clock.h"
#include "core/load/transport.h"

namespace tokenmark {

// `target`, `clock` and `between` must outlive it.
Result<std::unique_ptr<Transport>> make_http_transport(const CallTarget& target, const RunClock& clock, BetweenSockets& between);

// Fills in target.addresses, or target.resolve_error. Blocks, at most 30 s.
void resolve(CallTarget& target);

// Raises this process's limit of open files as far as it may; an error says what is missing for so many connections.
Status allow_connections(std::size_t count);

}  // namespace tokenmark
