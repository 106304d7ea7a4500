// A small HTTP client over a real socket, for tests: it sends the bytes it is given and reads one answer at a time.
// Every wait ends after 20 seconds with an empty answer, so that a hanging server fails a test and does not stop it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokenmark::test {

struct Answer {
  int status = 0;                              // 0: the connection ended or nothing came
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port);
  ~HttpClient() { close(); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool send(std::string_view bytes);
  Answer read(bool to_head = false);
  std::string read_event();      // the next "data: …" of a stream, after read_head
  Answer read_head();            // status and headers only
  bool at_end();                 // waits until the server has closed the connection
  void close();
  void finish_sending();         // the server sees the end of input
  void shrink_receive_buffer();  // so that a client that does not read is noticed soon

  Answer request(std::string_view method, std::string_view target, std::string_view body = {}, std::string_view headers = {});
  Answer post(std::string_view target, std::string_view body) { return request("POST", target, body); }
  Answer get(std::string_view target) { return request("GET", target); }

 private:
  bool fill();                              // more bytes, or false
  bool take_line(std::string& line);
  bool take(std::size_t bytes, std::string& out);
  bool take_chunk(std::string& out);        // false: the end

  int socket_ = -1;
  std::string input_, events_;
};

std::string request_text(std::string_view method, std::string_view target, std::string_view body = {},
                         std::string_view headers = {});

}  // namespace tokenmark::test
