#include "core/load/event_log.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <cstring>
#include <random>

namespace tokenmark {
namespace {

constexpr std::size_t kHeaderBytes = 8;

EventLog sample_log(std::size_t requests, std::size_t messages_each, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  EventLog log;
  log.wall_clock_start_ns = 1'700'000'000'000'000'000;
  log.client_cpu_s = 0.25;
  log.longest_stall_ns = 12'345;
  log.drafted_tokens = 40;
  log.accepted_tokens = 30;
  RequestColumns& r = log.requests;
  for (std::size_t i = 0; i < requests; ++i) {
    const auto start = static_cast<std::int64_t>(i * 1'000'000 + random() % 1000);
    r.intended.push_back(start);
    r.queued.push_back(start + 10);
    r.send_start.push_back(start + 20);
    r.connected.push_back(i % 3 == 0 ? start + 30 : kAbsent);
    r.sent.push_back(start + 40);
    r.headers.push_back(start + 50);
    r.end.push_back(start + 900'000);
    r.input_tokens.push_back(static_cast<std::int32_t>(random() % 100));
    r.output_tokens.push_back(i % 5 == 0 ? -1 : static_cast<std::int32_t>(messages_each));
    r.requested_input.push_back(100);
    r.requested_output.push_back(static_cast<std::int32_t>(messages_each));
    r.cached_tokens.push_back(i % 2 == 0 ? -1 : 64);
    r.token_source.push_back(TokenSource::usage);
    r.status.push_back(200);
    r.error.push_back(i % 7 == 6 ? RequestError::closed : RequestError::none);
    r.warmup.push_back(i < 2);
  }
  MessageColumns& m = log.messages;
  for (std::size_t k = 0; k < messages_each; ++k) {
    for (std::size_t i = 0; i < requests; ++i) {
      m.request.push_back(static_cast<std::uint32_t>(i));
      m.received.push_back(static_cast<std::int64_t>(i * 1'000'000 + k * 30'000 + random() % 500));
      m.bytes.push_back(static_cast<std::uint32_t>(200 + random() % 5));
      m.tokens.push_back(1);
      m.kind.push_back(k == 0 ? MessageKind::role : MessageKind::content);
    }
  }
  log.error_texts = {"127.0.0.1:8000: connection closed", ""};
  return log;
}

void expect_equal(const Metering& a, const Metering& b) {
  EXPECT_EQ(a.every_s, b.every_s);
  EXPECT_EQ(a.missing, b.missing);
  ASSERT_EQ(a.series.size(), b.series.size());
  for (std::size_t i = 0; i < a.series.size(); ++i) {
    EXPECT_EQ(a.series[i].device, b.series[i].device);
    EXPECT_EQ(a.series[i].computes, b.series[i].computes);
    ASSERT_EQ(a.series[i].readings.size(), b.series[i].readings.size());
    for (std::size_t k = 0; k < a.series[i].readings.size(); ++k) {
      EXPECT_EQ(a.series[i].readings[k].at_ns, b.series[i].readings[k].at_ns);
      for (std::size_t q = 0; q < kQuantities; ++q)
        EXPECT_EQ(a.series[i].readings[k].get(static_cast<Quantity>(q)), b.series[i].readings[k].get(static_cast<Quantity>(q)));
    }
  }
}

void expect_equal(const EventLog& a, const EventLog& b) {
  expect_equal(a.metering, b.metering);
  EXPECT_EQ(a.wall_clock_start_ns, b.wall_clock_start_ns);
  EXPECT_EQ(a.client_cpu_s, b.client_cpu_s);
  EXPECT_EQ(a.longest_stall_ns, b.longest_stall_ns);
  EXPECT_EQ(a.drafted_tokens, b.drafted_tokens);
  EXPECT_EQ(a.accepted_tokens, b.accepted_tokens);
  EXPECT_EQ(a.poll_interval_ns, b.poll_interval_ns);
  EXPECT_EQ(a.client_threads, b.client_threads);
  EXPECT_EQ(a.ended_by, b.ended_by);
  EXPECT_EQ(a.class_names, b.class_names);
  EXPECT_EQ(a.answers, b.answers);
  EXPECT_EQ(a.requests.traffic_class, b.requests.traffic_class);
  EXPECT_EQ(a.requests.group, b.requests.group);
  EXPECT_EQ(a.requests.sample, b.requests.sample);
  const RequestColumns &r = a.requests, &s = b.requests;
  EXPECT_EQ(r.intended, s.intended);
  EXPECT_EQ(r.queued, s.queued);
  EXPECT_EQ(r.send_start, s.send_start);
  EXPECT_EQ(r.connected, s.connected);
  EXPECT_EQ(r.sent, s.sent);
  EXPECT_EQ(r.headers, s.headers);
  EXPECT_EQ(r.end, s.end);
  EXPECT_EQ(r.input_tokens, s.input_tokens);
  EXPECT_EQ(r.output_tokens, s.output_tokens);
  EXPECT_EQ(r.requested_input, s.requested_input);
  EXPECT_EQ(r.requested_output, s.requested_output);
  EXPECT_EQ(r.cached_tokens, s.cached_tokens);
  EXPECT_EQ(r.token_source, s.token_source);
  EXPECT_EQ(r.status, s.status);
  EXPECT_EQ(r.error, s.error);
  EXPECT_EQ(r.warmup, s.warmup);
  const MessageColumns &m = a.messages, &n = b.messages;
  EXPECT_EQ(m.request, n.request);
  EXPECT_EQ(m.received, n.received);
  EXPECT_EQ(m.bytes, n.bytes);
  EXPECT_EQ(m.tokens, n.tokens);
  EXPECT_EQ(m.kind, n.kind);
  EXPECT_EQ(a.error_texts, b.error_texts);
}

std::string payload_of(const std::string& block) {
  std::string payload(ZSTD_getFrameContentSize(block.data() + kHeaderBytes, block.size() - kHeaderBytes), '\0');
  const std::size_t size =
      ZSTD_decompress(payload.data(), payload.size(), block.data() + kHeaderBytes, block.size() - kHeaderBytes);
  EXPECT_EQ(size, payload.size());
  return payload;
}

std::string block_of(const std::string& payload) {
  std::string block = encode({}).substr(0, kHeaderBytes);
  block.resize(kHeaderBytes + ZSTD_compressBound(payload.size()));
  const std::size_t size =
      ZSTD_compress(block.data() + kHeaderBytes, block.size() - kHeaderBytes, payload.data(), payload.size(), 1);
  block.resize(kHeaderBytes + size);
  return block;
}

std::string error_of(const EventLog& log) {
  const auto decoded = decode_event_log(encode(log));
  return decoded ? "" : decoded.error().message;
}

TEST(EventLog, what_is_encoded_decodes_to_the_same) {
  for (const std::size_t requests : {0, 1, 2, 50}) {
    const EventLog log = sample_log(requests, 9);
    const auto decoded = decode_event_log(encode(log));
    ASSERT_TRUE(decoded) << decoded.error().message;
    expect_equal(log, *decoded);
  }
}

TEST(EventLog, a_log_shrinks_to_a_fraction_of_its_columns) {
  const EventLog log = sample_log(100, 200);
  EXPECT_LT(encode(log).size(), log.messages.size() * 21 / 3);
}

TEST(EventLog, every_truncation_is_refused) {
  const std::string block = encode(sample_log(5, 3));
  for (std::size_t size = 0; size < block.size(); ++size)
    EXPECT_FALSE(decode_event_log(std::string_view(block).substr(0, size))) << size;
}

TEST(EventLog, bytes_behind_the_block_are_refused) {
  EXPECT_FALSE(decode_event_log(encode(sample_log(5, 3)) + "x"));
}

TEST(EventLog, an_unknown_version_is_named) {
  std::string block = encode({});
  block[4] = 9;
  const auto decoded = decode_event_log(block);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().message,
            "event log: version 9 is not known here, only up to 4: use the program that wrote it");
}

// What version 4 adds where nothing was metered.
constexpr std::size_t kMeteringBytes = sizeof(double) + 2 * sizeof(std::uint32_t);

// What version 3 adds where there are no classes, groups, samples and answers.
constexpr std::size_t kClassesBytes = sizeof(std::int64_t) + sizeof(std::int32_t) + 1 + 3 + 2 * sizeof(std::uint32_t);

TEST(EventLog, classes_groups_samples_and_answers_come_back) {
  EventLog log = sample_log(5, 3);
  log.class_names = {"chat", "summary"};
  log.requests.traffic_class = {0, 1, 1, 0, 1};
  log.requests.group = {-1, 0, 0, 1, -1};
  log.requests.sample = {4, 3, 2, 1, -1};
  log.answers = {"a", "", std::string(3, '\0'), "ä", "e"};
  log.poll_interval_ns = 500'000'000;
  log.client_threads = 4;
  log.ended_by = EndReason::precision;
  const auto decoded = decode_event_log(encode(log));
  ASSERT_TRUE(decoded) << decoded.error().message;
  expect_equal(*decoded, log);
}

Metering sample_metering() {
  Metering metering;
  metering.every_s = 0.1;
  metering.series = {{{.source = "nvml", .id = "0000:41:00.0", .name = "Board", .shared = true, .least_window_s = 10, .note = "as of now"}, true, {}},
                     {{.kind = MeteredKind::cpu, .source = "powercap", .id = "package-0"}, false, {}}};
  for (int i = 0; i < 20; ++i) {
    MeterReading& gpu = metering.series[0].readings.emplace_back();
    gpu.at_ns = -50'000'000 + i * 100'000'000;
    gpu.set(Quantity::power_w, 100 + i);
    gpu.set(Quantity::energy_j, 1e6 + i * 0.125);
    if (i % 3 != 0) gpu.set(Quantity::busy_share, 0.5);
    gpu.set(Quantity::throttle, kThrottlePowerCap);
    MeterReading& cpu = metering.series[1].readings.emplace_back();
    cpu.at_ns = gpu.at_ns + 1;
  }
  metering.missing = {{"ipmi", "not set up"}, {"rocm-smi", ""}};
  return metering;
}

TEST(EventLog, what_was_metered_comes_back) {
  EventLog log = sample_log(5, 3);
  log.metering = sample_metering();
  const auto decoded = decode_event_log(encode(log));
  ASSERT_TRUE(decoded) << decoded.error().message;
  expect_equal(*decoded, log);
  EXPECT_EQ(decoded->metering.series[0].readings[4].get(Quantity::power_w), 104);
  EXPECT_FALSE(decoded->metering.series[0].readings[3].get(Quantity::busy_share));
  EXPECT_FALSE(decoded->metering.series[1].readings[3].get(Quantity::power_w));
}

TEST(EventLog, logs_of_the_version_before_metering_are_read) {
  const EventLog log = sample_log(5, 3);
  std::string payload = payload_of(encode(log));
  payload.resize(payload.size() - kMeteringBytes);
  std::string block = block_of(payload);
  block[4] = 3;
  const auto decoded = decode_event_log(block);
  ASSERT_TRUE(decoded) << decoded.error().message;
  expect_equal(*decoded, log);
}

TEST(EventLog, readings_that_later_code_could_not_stand_are_refused) {
  const auto with = [](const auto& change) {
    EventLog log = sample_log(1, 1);
    log.metering = sample_metering();
    change(log.metering);
    return error_of(log);
  };
  EXPECT_EQ(with([](Metering&) {}), "");
  EXPECT_EQ(with([](Metering& m) { m.every_s = -1; }), "event log: meters were read every -1 s");
  EXPECT_EQ(with([](Metering& m) { m.series[0].readings[5].at_ns = 0; }), "event log: reading 5 of nvml 0000:41:00.0 is out of order");
  EXPECT_EQ(with([](Metering& m) { m.series[0].readings[0].at_ns = kAbsent; }), "event log: reading 0 of nvml 0000:41:00.0 is out of order");
  EXPECT_EQ(with([](Metering& m) { m.series[1].readings[2].set(Quantity::power_w, -5); }), "event log: power_w of powercap package-0 is -5");
  EXPECT_EQ(with([](Metering& m) { m.series[0].readings[2].set(Quantity::energy_j, INFINITY); }), "event log: energy_j of nvml 0000:41:00.0 is inf");
  EXPECT_EQ(with([](Metering& m) { m.series[0].device.id.clear(); }), "event log: a meter has no name, or needs 10 s");
  EXPECT_EQ(with([](Metering& m) { m.series[0].device.least_window_s = NAN; }), "event log: a meter has no name, or needs nan s");
  EXPECT_NE(with([](Metering& m) { m.series[0].device.kind = static_cast<MeteredKind>(3); }).find("sizes in it do not fit"), std::string::npos);
}

TEST(EventLog, logs_of_the_version_before_classes_are_read) {
  const EventLog log = sample_log(5, 3);
  std::string payload = payload_of(encode(log));
  payload.resize(payload.size() - kMeteringBytes - kClassesBytes);
  std::string block = block_of(payload);
  block[4] = 2;
  const auto decoded = decode_event_log(block);
  ASSERT_TRUE(decoded) << decoded.error().message;
  expect_equal(*decoded, log);
}

TEST(EventLog, logs_of_the_version_before_the_prefix_cache_are_read) {
  EventLog log = sample_log(5, 3);
  std::string payload = payload_of(encode(log));
  payload.resize(payload.size() - kMeteringBytes - kClassesBytes);
  payload.resize(payload.size() - 2 * sizeof(std::int64_t) - 5 * sizeof(std::int32_t));
  std::string block = block_of(payload);
  block[4] = 1;
  const auto decoded = decode_event_log(block);
  ASSERT_TRUE(decoded) << decoded.error().message;
  log.requests.cached_tokens.clear();
  log.drafted_tokens = log.accepted_tokens = -1;
  expect_equal(*decoded, log);
}

TEST(EventLog, values_that_later_code_could_not_stand_are_refused) {
  const auto with = [](const auto& change) {
    EventLog log = sample_log(5, 3);
    change(log);
    return error_of(log);
  };
  EXPECT_EQ(with([](EventLog& l) { l.messages.request[4] = 5; }), "event log: message 4 is of request 5, there are 5");
  EXPECT_EQ(with([](EventLog& l) { l.requests.end[1] = l.requests.send_start[1] - 1; }),
            "event log: request 1 ends before it was sent");
  EXPECT_EQ(with([](EventLog& l) { l.requests.sent[2] = std::int64_t{1} << 62; }),
            "event log: request 2 has a time beyond ten years");
  EXPECT_EQ(with([](EventLog& l) { l.requests.output_tokens[3] = -2; }), "event log: request 3 has a negative number of tokens");
  EXPECT_EQ(with([](EventLog& l) { l.requests.error[0] = static_cast<RequestError>(99); }), "event log: request 0 has an unknown code");
  EXPECT_EQ(with([](EventLog& l) { l.requests.warmup[0] = 2; }), "event log: request 0 has an unknown code");
  EXPECT_EQ(with([](EventLog& l) { l.messages.received[0] = kAbsent; }), "event log: message 0 has an impossible value");
  EXPECT_EQ(with([](EventLog& l) { l.messages.tokens[1] = -1; }), "event log: message 1 has an impossible value");
  EXPECT_EQ(with([](EventLog& l) { l.messages.kind[1] = static_cast<MessageKind>(6); }), "event log: message 1 has an impossible value");
  EXPECT_EQ(with([](EventLog& l) { l.messages.tokens[1] = 1 << 30; }), "event log: holds more than 134217728 output tokens");
  EXPECT_EQ(with([](EventLog& l) { l.requests.cached_tokens[0] = -2; }), "event log: -2 tokens were cached");
  EXPECT_EQ(with([](EventLog& l) { l.accepted_tokens = 41; }), "event log: 41 of 40 drafted tokens were accepted");
  EXPECT_EQ(with([](EventLog& l) { l.requests.traffic_class.assign(5, 1); }), "event log: a request is of class 1, there are 0");
  EXPECT_EQ(with([](EventLog& l) { l.requests.group.assign(5, -2); }), "event log: a request's group or sample is -2");
  EXPECT_EQ(with([](EventLog& l) { l.answers = {"one"}; }), "event log: 1 answers for 5 requests");
  EXPECT_EQ(with([](EventLog& l) { l.client_threads = 0; }), "event log: the way it was measured is not possible");
  EXPECT_EQ(with([](EventLog& l) { l.client_cpu_s = std::numeric_limits<double>::quiet_NaN(); }),
            "event log: the client's own figures are not possible");
}

TEST(EventLog, counts_larger_than_the_block_are_refused_before_memory_is_taken) {
  std::string payload = payload_of(encode(sample_log(3, 2)));
  for (const std::uint64_t count : {std::uint64_t{4}, std::uint64_t{1} << 32, std::uint64_t{1} << 61, ~std::uint64_t{0}}) {
    std::memcpy(payload.data() + 24, &count, sizeof count);
    const auto decoded = decode_event_log(block_of(payload));
    ASSERT_FALSE(decoded);
    EXPECT_NE(decoded.error().message.find("sizes in it do not fit"), std::string::npos) << decoded.error().message;
  }
}

TEST(EventLog, a_block_that_unpacks_to_gigabytes_is_refused) {
  // A frame of run-length blocks: 2 GiB of zeros in a few kilobytes, its size not announced.
  std::string zeros(std::size_t{1} << 20, '\0'), block = encode({}).substr(0, kHeaderBytes);
  ZSTD_CCtx* context = ZSTD_createCCtx();
  std::string out(1 << 20, '\0');
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  for (int i = 0; i < 2048; ++i) {
    ZSTD_inBuffer from{zeros.data(), zeros.size(), 0};
    while (from.pos < from.size) ZSTD_compressStream2(context, &to, &from, ZSTD_e_continue);
  }
  ZSTD_inBuffer nothing{nullptr, 0, 0};
  while (ZSTD_compressStream2(context, &to, &nothing, ZSTD_e_end) != 0) {}
  ZSTD_freeCCtx(context);
  ASSERT_LT(to.pos, to.size);
  const auto decoded = decode_event_log(block + out.substr(0, to.pos));
  ASSERT_FALSE(decoded);
  EXPECT_NE(decoded.error().message.find("larger than"), std::string::npos) << decoded.error().message;
}

// Mutations of the compressed bytes mostly fail the checksum; those of the payload reach every check behind it.
// Either way: an error with a text, or a log that encodes and decodes again.
TEST(EventLog, mutated_blocks_end_in_an_error_or_a_valid_log) {
  std::mt19937_64 random(7);
  EventLog log = sample_log(6, 4);
  log.metering = sample_metering();
  log.metering.series[0].readings.resize(4);
  log.metering.series[1].readings.resize(2);
  const std::string block = encode(log), payload = payload_of(block);
  int accepted = 0, refused = 0;
  for (int round = 0; round < 6000; ++round) {
    std::string bytes = round % 2 == 0 ? payload : block;
    for (std::uint64_t changes = 1 + random() % 4; changes > 0; --changes) {
      const std::size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8)); break;
        case 2: bytes.erase(at, 1 + random() % 8); break;
        case 3: bytes.insert(at, std::string(1 + random() % 8, static_cast<char>(random()))); break;
      }
    }
    const auto decoded = decode_event_log(round % 2 == 0 ? block_of(bytes) : bytes);
    if (!decoded) {
      EXPECT_FALSE(decoded.error().message.empty());
      ++refused;
      continue;
    }
    const auto again = decode_event_log(encode(*decoded));
    ASSERT_TRUE(again) << again.error().message;
    expect_equal(*decoded, *again);
    ++accepted;
  }
  EXPECT_GT(refused, 1000);   // both sides were reached
  EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace tokenmark
