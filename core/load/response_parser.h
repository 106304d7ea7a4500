// One HTTP/1.1 answer, given to a sink as it comes (Boost.Beast's parser, which reads foreign bytes).
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <string>
#include <string_view>

#include "core/load/transport.h"

namespace tokenmark {

class ResponseParser : public boost::beast::http::basic_parser<false> {
 public:
  using Base = boost::beast::http::basic_parser<false>;
  using StringView = boost::beast::string_view;
  using ErrorCode = boost::beast::error_code;

  ResponseParser(CallSink& sink) : sink_(&sink) {
    body_limit(std::uint64_t{1} << 40);  // its own kind of "none" refuses short bodies in Boost 1.74
    header_limit(64 << 10);
    eager(true);
  }
  // Bytes that were taken; `refused` where the sink wanted no more, `error` where it is not HTTP.
  std::size_t feed(std::string_view bytes, std::int64_t now, ErrorCode& error) {
    now_ = now;
    error = {};
    const std::size_t taken = put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    if (error == boost::beast::http::error::need_more) error = {};
    return taken;
  }
  bool refused() const { return refused_; }
  int status() const { return status_; }

 private:
  static std::string_view view(StringView text) { return {text.data(), text.size()}; }
  std::size_t body(StringView bytes, ErrorCode& error) {
    if (!refused_ && !sink_->on_body(view(bytes), now_)) {
      refused_ = true;
      error = boost::beast::http::error::end_of_stream;
    }
    return bytes.size();
  }

  void on_request_impl(boost::beast::http::verb, StringView, StringView, int, ErrorCode&) override {}
  void on_response_impl(int code, StringView, int, ErrorCode&) override { status_ = code; }
  void on_field_impl(boost::beast::http::field name, StringView, StringView value, ErrorCode&) override {
    if (name == boost::beast::http::field::content_type) content_type_ = view(value);
    if (name == boost::beast::http::field::retry_after) retry_after_ = view(value);
  }
  void on_header_impl(ErrorCode&) override { sink_->on_head(status_, content_type_, retry_after_, now_); }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(StringView bytes, ErrorCode& error) override { return body(bytes, error); }
  void on_chunk_header_impl(std::uint64_t, StringView, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, StringView bytes, ErrorCode& error) override { return body(bytes, error); }
  void on_finish_impl(ErrorCode&) override {}

  CallSink* sink_;
  std::int64_t now_ = 0;
  int status_ = 0;
  bool refused_ = false;
  std::string content_type_, retry_after_;
};

}  // namespace tokenmark
