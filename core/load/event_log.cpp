#include "core/load/event_log.h"

#include <zstd.h>

#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <memory>

#include "core/load/metering_block.h"
#include "core/load/payload.h"

// The block: "TMEL", version (u32), a zstd frame with a checksum. The frame holds, little-endian and without
// padding: wall_clock_start_ns (i64), client_cpu_s (f64), longest_stall_ns (i64); the number of requests (u64) and
// their columns; the number of messages (u64) and their columns; the number of texts (u32), each with its length
// (u32); since version 2 drafted_tokens and accepted_tokens (i64) and the column cached_tokens; since version 3
// poll_interval_ns (i64), client_threads (i32), ended_by (u8), the columns traffic_class, group and sample, each behind
// a byte that says whether it is there, and two lists of texts as above: class_names, answers; since version 4 what was
// metered (metering_block.h). Columns stand whole, one after the other, in the order of the structs. Columns of times hold
// the differences between neighbours (wrapping), which compress to a fraction of the times themselves.

namespace tokenmark {
namespace {

static_assert(std::endian::native == std::endian::little, "columns are copied as they lie in memory");

constexpr std::string_view kMagic = "TMEL";
constexpr std::uint32_t kVersion = 4, kWithoutMetering = 3, kWithoutClasses = 2, kWithoutCache = 1;
constexpr std::size_t kHeaderBytes = kMagic.size() + sizeof kVersion;
constexpr std::size_t kMaxPayloadBytes = std::size_t{1} << 30;  // about 50 million messages
constexpr std::size_t kMaxErrorTexts = 1000, kMaxClasses = 65'536;
constexpr std::int64_t kMaxOutputTokens = std::int64_t{1} << 27;  // figures keep a number for each
constexpr std::int64_t kMaxTime = 10ll * 366 * 86'400 * 1'000'000'000;  // ten years: sums and differences cannot overflow

// Columns of a log in the order of the format; times apart, since they are stored as differences.
template <class Requests, class F>
bool each_request_column(Requests& r, F&& f) {
  return f(r.intended) && f(r.queued) && f(r.send_start) && f(r.connected) && f(r.sent) && f(r.headers) && f(r.end) &&
         f(r.input_tokens) && f(r.output_tokens) && f(r.requested_input) && f(r.requested_output) &&
         f(r.token_source) && f(r.status) && f(r.error) && f(r.warmup);
}
template <class Messages, class F>
bool each_message_column(Messages& m, F&& f) {
  return f(m.request) && f(m.received) && f(m.bytes) && f(m.tokens) && f(m.kind);
}

// Columns that are empty where every entry would be the default.
template <class Requests, class F>
bool each_optional_column(Requests& r, F&& f) {
  return f(r.traffic_class) && f(r.group) && f(r.sample);
}

bool read_payload(std::string_view payload, std::uint32_t version, EventLog& log) {
  PayloadReader in(payload);
  std::uint64_t requests = 0, messages = 0;
  if (!in.value(log.wall_clock_start_ns) || !in.value(log.client_cpu_s) || !in.value(log.longest_stall_ns)) return false;
  if (!in.value(requests) || !each_request_column(log.requests, [&](auto& c) { return in.column(c, requests); })) return false;
  if (!in.value(messages) || !each_message_column(log.messages, [&](auto& c) { return in.column(c, messages); })) return false;
  if (!in.texts(log.error_texts, kMaxErrorTexts)) return false;
  if (version > kWithoutCache && (!in.value(log.drafted_tokens) || !in.value(log.accepted_tokens) ||
                                  !in.column(log.requests.cached_tokens, requests)))
    return false;
  if (version > kWithoutClasses &&
      (!in.value(log.poll_interval_ns) || !in.value(log.client_threads) || !in.value(log.ended_by) ||
       !each_optional_column(log.requests, [&](auto& c) { return in.optional_column(c, requests); }) ||
       !in.texts(log.class_names, kMaxClasses) || !in.texts(log.answers, requests)))
    return false;
  if (version > kWithoutMetering && !read_metering(in, log.metering)) return false;
  return in.at_end();
}

// ---- meaning: what later code relies on without asking again ----

template <class Enum>
bool known(Enum value, Enum last) {
  return static_cast<std::uint8_t>(value) <= static_cast<std::uint8_t>(last);
}
bool plausible(std::int64_t time) { return time == kAbsent || (time >= -kMaxTime && time <= kMaxTime); }
bool in_order(std::int64_t earlier, std::int64_t later) {
  return earlier == kAbsent || later == kAbsent || earlier <= later;
}

const char* request_problem(const RequestColumns& r, std::size_t i) {
  for (const std::int64_t time : {r.intended[i], r.queued[i], r.send_start[i], r.connected[i], r.sent[i], r.headers[i], r.end[i]})
    if (!plausible(time)) return "has a time beyond ten years";
  if (!in_order(r.send_start[i], r.end[i])) return "ends before it was sent";
  if (r.input_tokens[i] < -1 || r.output_tokens[i] < -1 || r.requested_input[i] < 0 || r.requested_output[i] < 0)
    return "has a negative number of tokens";
  if (!known(r.token_source[i], TokenSource::messages) || !known(r.error[i], RequestError::server_error) || r.warmup[i] > 1)
    return "has an unknown code";
  return nullptr;
}

Status check_meaning(const EventLog& log) {
  TOKENMARK_CHECK(check_metering(log.metering, kMaxTime));
  const RequestColumns& r = log.requests;
  const MessageColumns& m = log.messages;
  if (!std::isfinite(log.client_cpu_s) || log.client_cpu_s < 0 || log.longest_stall_ns < 0)
    return fail(ErrorKind::invalid_input, "event log: the client's own figures are not possible");
  if (log.poll_interval_ns < 0 || !plausible(log.poll_interval_ns) || log.client_threads < 1 || !known(log.ended_by, EndReason::limit))
    return fail(ErrorKind::invalid_input, "event log: the way it was measured is not possible");
  for (const std::uint16_t c : r.traffic_class)
    if (c >= std::max<std::size_t>(1, log.class_names.size()))
      return fail(ErrorKind::invalid_input, "event log: a request is of class {}, there are {}", c, log.class_names.size());
  for (const auto* numbers : {&r.group, &r.sample})
    for (const std::int32_t number : *numbers)
      if (number < -1) return fail(ErrorKind::invalid_input, "event log: a request's group or sample is {}", number);
  if (!log.answers.empty() && log.answers.size() != r.size())
    return fail(ErrorKind::invalid_input, "event log: {} answers for {} requests", log.answers.size(), r.size());
  for (std::size_t i = 0; i < r.size(); ++i)
    if (const char* problem = request_problem(r, i))
      return fail(ErrorKind::invalid_input, "event log: request {} {}", i, problem);
  for (const std::int32_t cached : r.cached_tokens)
    if (cached < -1) return fail(ErrorKind::invalid_input, "event log: {} tokens were cached", cached);
  if (log.drafted_tokens < -1 || log.accepted_tokens < -1 || log.accepted_tokens > log.drafted_tokens)
    return fail(ErrorKind::invalid_input, "event log: {} of {} drafted tokens were accepted", log.accepted_tokens, log.drafted_tokens);
  std::int64_t tokens = 0;
  for (std::size_t i = 0; i < m.size(); ++i) {
    if (m.request[i] >= r.size())
      return fail(ErrorKind::invalid_input, "event log: message {} is of request {}, there are {}", i, m.request[i], r.size());
    if (m.received[i] == kAbsent || !plausible(m.received[i]) || m.tokens[i] < 0 || !known(m.kind[i], MessageKind::media))
      return fail(ErrorKind::invalid_input, "event log: message {} has an impossible value", i);
    if ((tokens += m.tokens[i]) > kMaxOutputTokens)
      return fail(ErrorKind::invalid_input, "event log: holds more than {} output tokens", kMaxOutputTokens);
  }
  return {};
}

// Grows with what really comes out, so that a small block cannot ask for much memory by a claimed size.
Result<std::string> decompress(std::string_view frame) {
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(), ZSTD_freeDStream);
  if (!stream) return fail(ErrorKind::exhausted, "event log: no memory to decompress it");
  std::string out;
  ZSTD_inBuffer in{frame.data(), frame.size(), 0};
  for (;;) {
    const std::size_t before = out.size();
    if (before >= kMaxPayloadBytes) return fail(ErrorKind::invalid_input, "event log: larger than {} bytes", kMaxPayloadBytes);
    out.resize(before + std::min<std::size_t>(std::max<std::size_t>(before, 1 << 16), 1 << 26));
    ZSTD_outBuffer piece{out.data() + before, out.size() - before, 0};
    const std::size_t left = ZSTD_decompressStream(stream.get(), &piece, &in);
    out.resize(before + piece.pos);
    if (ZSTD_isError(left)) return fail(ErrorKind::invalid_input, "event log: damaged block ({})", ZSTD_getErrorName(left));
    if (left == 0 && in.pos == in.size) return out;
    if (left == 0) return fail(ErrorKind::invalid_input, "event log: {} foreign bytes behind the block", in.size - in.pos);
    if (in.pos == in.size && piece.pos < piece.size) return fail(ErrorKind::invalid_input, "event log: the block is cut short");
  }
}

}  // namespace

std::string_view request_error_name(RequestError error) {
  switch (error) {
    case RequestError::none: return "none";
    case RequestError::refused: return "refused";
    case RequestError::dns: return "dns";
    case RequestError::tls: return "tls";
    case RequestError::timeout: return "timeout";
    case RequestError::closed: return "closed";
    case RequestError::http_status: return "http_status";
    case RequestError::malformed: return "malformed";
    case RequestError::cancelled: return "cancelled";
    case RequestError::engine: return "engine";
    case RequestError::truncated: return "truncated";
    case RequestError::too_large: return "too_large";
    case RequestError::wrong_usage: return "wrong_usage";
    case RequestError::out_of_order: return "out_of_order";
    case RequestError::rate_limited: return "rate_limited";
    case RequestError::server_error: return "server_error";
  }
  return "unknown";
}

std::string encode(const EventLog& log) {
  PayloadWriter payload;
  payload.value(log.wall_clock_start_ns);
  payload.value(log.client_cpu_s);
  payload.value(log.longest_stall_ns);
  payload.value(std::uint64_t{log.requests.size()});
  each_request_column(log.requests, [&](const auto& c) { return payload.column(c, log.requests.size()); });
  payload.value(std::uint64_t{log.messages.size()});
  each_message_column(log.messages, [&](const auto& c) { return payload.column(c, log.messages.size()); });
  payload.texts(log.error_texts, kMaxErrorTexts);
  payload.value(log.drafted_tokens);
  payload.value(log.accepted_tokens);
  std::vector<std::int32_t> cached = log.requests.cached_tokens;
  if (cached.empty()) cached.assign(log.requests.size(), -1);
  payload.column(cached, log.requests.size());
  payload.value(log.poll_interval_ns);
  payload.value(log.client_threads);
  payload.value(log.ended_by);
  each_optional_column(log.requests, [&](const auto& c) { return payload.optional_column(c, log.requests.size()); });
  payload.texts(log.class_names, kMaxClasses);
  payload.texts(log.answers, log.answers.size());
  write_metering(log.metering, payload);

  std::string block(kMagic);
  block.append(reinterpret_cast<const char*>(&kVersion), sizeof kVersion);
  block.resize(kHeaderBytes + ZSTD_compressBound(payload.out.size()));
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  const std::size_t size = ZSTD_compress2(context.get(), block.data() + kHeaderBytes, block.size() - kHeaderBytes,
                                          payload.out.data(), payload.out.size());
  assert(!ZSTD_isError(size));
  block.resize(kHeaderBytes + size);
  return block;
}

Result<EventLog> decode_event_log(std::string_view block) {
  if (block.size() < kHeaderBytes || block.substr(0, kMagic.size()) != kMagic)
    return fail(ErrorKind::invalid_input, "event log: these {} bytes are not an event log", block.size());
  std::uint32_t version = 0;
  std::memcpy(&version, block.data() + kMagic.size(), sizeof version);
  if (version < kWithoutCache || version > kVersion)
    return fail(ErrorKind::unavailable, "event log: version {} is not known here, only up to {}: use the program that wrote it",
                version, kVersion);
  const Result<std::string> payload = decompress(block.substr(kHeaderBytes));
  if (!payload) return tl::unexpected(payload.error());
  EventLog log;
  if (!read_payload(*payload, version, log))
    return fail(ErrorKind::invalid_input, "event log: the sizes in it do not fit its {} bytes", payload->size());
  TOKENMARK_CHECK(check_meaning(log));
  return log;
}

}  // namespace tokenmark
