#include "core/load/sse_parser.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace tokenmark {
namespace {

struct Parsed {
  std::vector<std::string> events;
  std::size_t bytes = 0;
  bool unfinished = false, too_large = false;
  bool operator==(const Parsed&) const = default;
};

Parsed parse(const std::vector<std::string_view>& pieces, std::size_t limit = 1 << 20) {
  SseParser parser(limit);
  Parsed out;
  for (const auto piece : pieces) {
    // A copy of exactly this size, so that a sanitizer sees any read behind it.
    const std::vector<char> exact(piece.begin(), piece.end());
    parser.feed({exact.data(), exact.size()});
    SseParser::Event event;
    while (parser.next(event)) {
      out.events.emplace_back(event.data);
      out.bytes += event.bytes;
    }
  }
  out.unfinished = parser.unfinished();
  out.too_large = parser.too_large();
  return out;
}

struct Case {
  const char* name;
  std::string stream;
  std::vector<std::string> events;
  bool unfinished = false;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"line feeds", "data: one\n\ndata: two\n\n", {"one", "two"}},
      {"carriage returns and line feeds", "data: one\r\n\r\ndata: two\r\n\r\n", {"one", "two"}},
      {"carriage returns alone", "data: one\r\rdata: two\r\r", {"one", "two"}},
      {"mixed ends", "data: one\r\n\ndata: two\n\r\ndata: three\r\n\r\n", {"one", "two", "three"}},
      {"several data lines", "data: a\ndata: b\ndata:\ndata: c\n\n", {"a\nb\n\nc"}},
      {"one space is taken off", "data:  x \n\ndata:y\n\n", {" x ", "y"}},
      {"comments", ": ping\n\ndata: x\n: between\ndata: y\n\n:\n\n", {"x\ny"}},
      {"other fields", "event: message\nid: 7\nretry: 10\ndata: x\nnonsense\ndatax: y\n\n", {"x"}},
      {"a field without a colon", "data\n\n", {""}},
      {"blank lines give no events", "\n\n\r\n\ndata: x\n\n\n\n", {"x"}},
      {"byte-order mark", "\xEF\xBB\xBF" "data: x\n\n", {"x"}},
      {"only the first byte-order mark is one", "\xEF\xBB\xBF\xEF\xBB\xBF" "data: x\n\ndata: y\n\n", {"y"}},
      {"half a byte-order mark is a field", "\xEF\xBBX\ndata: y\n\n", {"y"}},
      {"a colon in the data", "data: {\"a\":1}\n\n", {"{\"a\":1}"}},
      {"cut in a line", "data: one\n\ndata: tw", {"one"}, true},
      {"cut after a line", "data: one\n\ndata: two\n", {"one"}, true},
      {"nothing", "", {}},
  };
  return all;
}

TEST(SseParser, reads_streams_as_the_standard_says) {
  for (const Case& c : cases()) {
    const Parsed parsed = parse({c.stream});
    EXPECT_EQ(parsed.events, c.events) << c.name;
    EXPECT_EQ(parsed.unfinished, c.unfinished) << c.name;
  }
}

TEST(SseParser, borders_of_pieces_change_nothing) {
  for (const Case& c : cases()) {
    const Parsed whole = parse({c.stream});
    const std::string_view stream = c.stream;
    for (std::size_t cut = 0; cut <= stream.size(); ++cut)
      EXPECT_EQ(parse({stream.substr(0, cut), stream.substr(cut)}), whole) << c.name << " at " << cut;
    std::vector<std::string_view> single;
    for (std::size_t i = 0; i < stream.size(); ++i) single.push_back(stream.substr(i, 1));
    EXPECT_EQ(parse(single), whole) << c.name;
  }
}

TEST(SseParser, random_streams_in_random_pieces_read_the_same) {
  std::mt19937_64 random(5);
  const std::vector<std::string_view> words = {"data: ", "data:", "\n", "\r", "\r\n", ":", "x", "\n\n", "\xEF\xBB\xBF", "event: y"};
  for (int round = 0; round < 2000; ++round) {
    std::string stream;
    for (std::uint64_t n = random() % 40; n > 0; --n) stream += words[random() % words.size()];
    std::vector<std::string_view> pieces;
    for (std::string_view rest = stream; !rest.empty();) {
      const std::size_t n = std::min<std::size_t>(1 + random() % 7, rest.size());
      pieces.push_back(rest.substr(0, n));
      rest.remove_prefix(n);
    }
    EXPECT_EQ(parse(pieces), parse({stream}));
  }
}

TEST(SseParser, an_events_bytes_are_those_of_the_stream) {
  EXPECT_EQ(parse({"data: one\n\n"}).bytes, 11u);
  EXPECT_EQ(parse({": ping\n\ndata: one\ndata: two\n\ndata: tail"}).bytes, 8u + 21u);
}

TEST(SseParser, a_line_or_an_event_over_the_limit_is_refused_and_one_below_is_not) {
  const std::string long_line = "data: " + std::string(2000, 'x');
  EXPECT_TRUE(parse({long_line}, 1000).too_large);
  EXPECT_TRUE(parse({std::string_view(long_line).substr(0, 900), std::string_view(long_line).substr(900)}, 1000).too_large);
  EXPECT_FALSE(parse({long_line + "\n\n"}, 3000).too_large);
  std::string many;
  for (int i = 0; i < 300; ++i) many += "data: 0123456789\n";
  EXPECT_TRUE(parse({many}, 1000).too_large);
  EXPECT_TRUE(parse({many + "\n\ndata: x\n\n"}, 1000).events.empty());
}

TEST(SseParser, a_reset_parser_starts_anew) {
  SseParser parser;
  parser.feed("data: half");
  SseParser::Event event;
  EXPECT_FALSE(parser.next(event));
  parser.reset();
  EXPECT_FALSE(parser.unfinished());
  parser.feed("\xEF\xBB\xBF" "data: x\n\n");
  ASSERT_TRUE(parser.next(event));
  EXPECT_EQ(event.data, "x");
}

}  // namespace
}  // namespace tokenmark
