// A server of one file that does what a test tells it: parts of the file, cut links, another file halfway, wrong lengths.
#pragma once

#include <cstdint>
#include <mutex>

#include "tests/core/load/little_server.h"

namespace tokenmark::test {

struct ServedFile {
  std::string bytes;
  std::string etag = "\"v1\"", last_modified;
  bool parts = true;                 // Range and If-Range are understood
  bool chunked = false;              // no length is told
  std::size_t cut_after = SIZE_MAX;  // bytes of a body after which the link is cut
  std::int64_t length_off_by = 0;    // added to the length that is told
  std::string more_head;             // "X-Linked-Size: 7\r\n"
  std::string answer;                // instead of the file: status and head, "404 Not Found\r\n"
  int piece_ms = 0;                  // wait before every 16 kB
  std::string redirect;              // "/file" leads there
};

class FileServer {
 public:
  explicit FileServer(ServedFile file) : file_(std::move(file)) {}
  std::string url(const std::string& path = "/file.gguf") const { return server_.url() + path; }
  // What is served from now on.
  void serve(const ServedFile& file) {
    const std::lock_guard lock(mutex_);
    file_ = file;
  }
  std::vector<std::string> heads() const {
    const std::lock_guard lock(mutex_);
    return heads_;
  }
  static std::string header(const std::string& head, const std::string& name) {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, std::min(head.find("\r\n", begin), head.size()) - begin);
  }

 private:
  bool answer(Connection& connection, const HttpRequest& request) {
    ServedFile file;
    {
      const std::lock_guard lock(mutex_);
      heads_.push_back(request.head + "\r\n");
      file = file_;
    }
    const std::string head = request.head + "\r\n", range = header(head, "Range"), condition = header(head, "If-Range");
    if (!file.redirect.empty() && head.starts_with("GET /file"))
      return say(connection, "302 Found\r\nLocation: " + file.redirect + "\r\n" + file.more_head + "Content-Length: 0\r\n");
    if (!file.answer.empty()) return say(connection, file.answer + file.more_head + "Content-Length: 0\r\n");
    const bool same =
        condition.empty() || condition == file.etag || (!file.last_modified.empty() && condition == file.last_modified);
    std::size_t begin = 0;
    if (file.parts && !range.empty() && same) begin = std::strtoull(range.c_str() + range.find('=') + 1, nullptr, 10);
    const std::string size = std::to_string(file.bytes.size());
    if (begin > 0 && begin >= file.bytes.size())
      return say(connection, "416 Range\r\nContent-Range: bytes */" + size + "\r\nContent-Length: 0\r\n");
    std::string answer = begin > 0 ? "206 Partial Content\r\nContent-Range: bytes " + std::to_string(begin) + "-" +
                                         std::to_string(file.bytes.size() - 1) + "/" + size + "\r\n"
                                   : "200 OK\r\n";
    if (!file.etag.empty()) answer += "ETag: " + file.etag + "\r\n";
    if (!file.last_modified.empty()) answer += "Last-Modified: " + file.last_modified + "\r\n";
    const std::string body = file.bytes.substr(begin);
    if (file.chunked) answer += "Transfer-Encoding: chunked\r\n";
    else answer += "Content-Length: " + std::to_string(static_cast<std::int64_t>(body.size()) + file.length_off_by) + "\r\n";
    say(connection, answer + file.more_head);
    return send_body(connection, file, body);
  }
  static bool say(Connection& connection, const std::string& answer) {
    connection.send("HTTP/1.1 " + answer + "\r\n");
    return true;
  }
  static bool send_body(Connection& connection, const ServedFile& file, const std::string& body) {
    const std::size_t end = std::min(body.size(), file.cut_after);
    for (std::size_t at = 0; at < end && !connection.peer_left(); at += 16384) {
      if (file.piece_ms > 0) connection.wait_ms(file.piece_ms);
      const std::string piece = body.substr(at, std::min<std::size_t>(16384, end - at));
      if (file.chunked) connection.chunk(piece);
      else connection.send(piece);
    }
    if (end < body.size() || file.length_off_by != 0) return false;
    if (file.chunked) connection.last_chunk();
    return true;
  }

  mutable std::mutex mutex_;
  ServedFile file_;
  std::vector<std::string> heads_;
  LittleServer server_{[this](Connection& connection, const HttpRequest& request) { return answer(connection, request); }};
};

}  // namespace tokenmark::test
