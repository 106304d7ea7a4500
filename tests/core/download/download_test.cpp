#include "core/download/download.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/model/hash.h"
#include "tests/support/certificate.h"
#include "tests/support/file_server.h"
#include "tests/support/null_server/null_server.h"

namespace tokenmark {
namespace {

namespace fs = std::filesystem;
using test::FileServer;
using test::ServedFile;
using testing::HasSubstr;

std::string some_bytes(std::size_t count, unsigned seed) {
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>((seed = seed * 1664525u + 1013904223u) >> 24);
  return bytes;
}
std::string hash_of(const std::string& bytes) { return sha256(bytes)->substr(7); }
std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

class DownloadTest : public testing::Test {
 protected:
  DownloadTest() {
    fs::create_directories(folder_);
    request_ = {.url = server_.url(), .file = file_, .retries = 0, .wait_s = 0.01};
  }
  ~DownloadTest() override { fs::remove_all(folder_); }

  Result<Downloaded> get(const std::stop_token& stop = {}) {
    notes_.clear();
    return download(
        request_,
        [&](const DownloadProgress& progress) {
          if (!progress.note.empty()) notes_.push_back(progress.note);
          if (on_progress_) on_progress_(progress);
        },
        stop);
  }
  std::string failure(const Result<Downloaded>& got) { return got ? "it came" : got.error().message; }
  void expect_whole(const Result<Downloaded>& got, const std::string& bytes) {
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(content(file_), bytes);
    EXPECT_EQ(got->bytes, bytes.size());
    EXPECT_EQ(got->sha256, hash_of(bytes));
    EXPECT_FALSE(fs::exists(part_of(file_)));
    EXPECT_FALSE(fs::exists(part_state_of(file_)));
  }
  // The first half comes, then the link breaks.
  void half(ServedFile file) {
    file.cut_after = bytes_.size() / 2;
    server_.serve(file);
    EXPECT_THAT(failure(get()), testing::AllOf(HasSubstr("the link broke"), HasSubstr(part_of(file_).string())));
    EXPECT_EQ(fs::file_size(part_of(file_)), bytes_.size() / 2);
    EXPECT_FALSE(fs::exists(file_));
  }
  std::string sent(const char* header) { return FileServer::header(server_.heads().back(), header); }

  std::string bytes_ = some_bytes(300'000, 1), half_ = "bytes=150000-";
  FileServer server_{{.bytes = bytes_}};
  fs::path folder_ = fs::temp_directory_path() / ("tokenmark-download-" + std::to_string(getpid())),
           file_ = folder_ / "new" / "m.gguf";
  DownloadRequest request_;
  std::vector<std::string> notes_;
  std::function<void(const DownloadProgress&)> on_progress_;
};

TEST_F(DownloadTest, a_file_comes_whole_and_what_was_beside_it_is_gone) {
  expect_whole(get(), bytes_);
  EXPECT_EQ(server_.heads().size(), 1u);
  EXPECT_TRUE(notes_.empty());
}

TEST_F(DownloadTest, an_empty_file_is_a_file) {
  server_.serve({.bytes = ""});
  expect_whole(get(), "");
}

TEST_F(DownloadTest, after_a_cut_link_the_rest_is_asked_for) {
  half({.bytes = bytes_});
  server_.serve({.bytes = bytes_});
  const auto got = get();
  expect_whole(got, bytes_);
  EXPECT_EQ(got->resumed_at, 150'000u);
  EXPECT_EQ(sent("Range"), half_);
  EXPECT_EQ(sent("If-Range"), "\"v1\"");
}

TEST_F(DownloadTest, a_broken_link_is_tried_again_by_itself) {
  request_.retries = 3;
  server_.serve({.bytes = bytes_, .cut_after = 70'000});
  expect_whole(get(), bytes_);
  EXPECT_EQ(server_.heads().size(), 5u);
  EXPECT_EQ(notes_.size(), 4u);
}

TEST_F(DownloadTest, a_link_that_brings_nothing_more_is_given_up) {
  request_.retries = 2;
  server_.serve({.bytes = bytes_, .parts = false, .cut_after = 70'000});
  EXPECT_THAT(failure(get()), HasSubstr("the link broke"));
  EXPECT_EQ(server_.heads().size(), 3u);  // the first, and two that came no farther
}

TEST_F(DownloadTest, the_date_serves_where_there_is_no_strong_tag) {
  for (const char* etag : {"", "W/\"v1\""}) {
    const ServedFile file{.bytes = bytes_, .etag = etag, .last_modified = "Sat, 01 Nov 2025 10:00:00 GMT"};
    half(file);
    server_.serve(file);
    const auto got = get();
    expect_whole(got, bytes_);
    EXPECT_EQ(got->resumed_at, 150'000u);
    EXPECT_EQ(sent("If-Range"), file.last_modified);
    fs::remove(file_);
  }
}

TEST_F(DownloadTest, a_file_that_changed_begins_anew) {
  half({.bytes = bytes_});
  const std::string other = some_bytes(280'000, 2);
  server_.serve({.bytes = other, .etag = "\"v2\""});
  const auto got = get();
  expect_whole(got, other);
  EXPECT_EQ(got->resumed_at, 0u);
  EXPECT_THAT(notes_, testing::Contains(HasSubstr("begun anew")));
}

TEST_F(DownloadTest, a_part_of_another_file_is_not_taken_from_a_server_that_ignores_the_condition) {
  half({.bytes = bytes_});
  const std::string other = some_bytes(280'000, 2);
  test::LittleServer rude([&](test::Connection& connection, const test::HttpRequest& request) {
    const bool ranged = request.head.find("Range: bytes=150000-") != std::string::npos;
    const std::string body = ranged ? other.substr(150'000) : other;
    connection.send((ranged ? "HTTP/1.1 206 P\r\nContent-Range: bytes 150000-279999/280000\r\n" : "HTTP/1.1 200 OK\r\n") +
                    std::string("ETag: \"v2\"\r\nContent-Length: ") + std::to_string(body.size()) + "\r\n\r\n" + body);
    return true;
  });
  auto state = nlohmann::json::parse(content(part_state_of(file_)));
  request_.url = rude.url() + "/m.gguf";
  state["url_sha256"] = *sha256(request_.url);
  write(part_state_of(file_), state.dump());
  expect_whole(get(), other);
}

TEST_F(DownloadTest, a_server_without_parts_sends_all_of_it) {
  half({.bytes = bytes_, .parts = false});
  server_.serve({.bytes = bytes_, .parts = false});
  expect_whole(get(), bytes_);
}

TEST_F(DownloadTest, without_tag_date_and_hash_nothing_is_gone_on_with) {
  half({.bytes = bytes_, .etag = ""});
  server_.serve({.bytes = bytes_, .etag = ""});
  const auto got = get();
  expect_whole(got, bytes_);
  EXPECT_EQ(got->resumed_at, 0u);
  EXPECT_EQ(sent("Range"), "");
}

TEST_F(DownloadTest, a_part_of_another_address_is_not_gone_on_with) {
  half({.bytes = bytes_});
  server_.serve({.bytes = bytes_});
  request_.url += "?other";
  expect_whole(get(), bytes_);
  EXPECT_EQ(sent("Range"), "");
}

TEST_F(DownloadTest, with_the_right_hash_known_the_rest_may_come_from_anywhere) {
  half({.bytes = bytes_});
  server_.serve({.bytes = bytes_});
  request_.url += "?signed=again";
  request_.sha256 = "sha256:" + hash_of(bytes_);
  const auto got = get();
  expect_whole(got, bytes_);
  EXPECT_EQ(got->resumed_at, 150'000u);
  EXPECT_TRUE(got->checked);
}

TEST_F(DownloadTest, a_part_that_is_all_of_it_is_only_checked) {
  half({.bytes = bytes_});
  std::ofstream(part_of(file_), std::ios::app) << bytes_.substr(150'000);
  server_.serve({.bytes = bytes_});
  expect_whole(get(), bytes_);
  EXPECT_EQ(sent("Range"), "bytes=300000-");
}

TEST_F(DownloadTest, a_part_longer_than_the_file_begins_anew) {
  half({.bytes = bytes_});
  std::ofstream(part_of(file_), std::ios::app) << bytes_;
  server_.serve({.bytes = bytes_});
  expect_whole(get(), bytes_);
}

TEST_F(DownloadTest, a_state_that_is_no_json_begins_anew) {
  half({.bytes = bytes_});
  write(part_state_of(file_), "{\"etag\": 7, ");
  server_.serve({.bytes = bytes_});
  expect_whole(get(), bytes_);
}

TEST_F(DownloadTest, a_wrong_hash_keeps_the_part_and_the_next_one_begins_anew) {
  const std::string wrong(64, 'a');
  request_.sha256 = wrong;
  EXPECT_THAT(failure(get()), testing::AllOf(HasSubstr(wrong), HasSubstr(hash_of(bytes_)), HasSubstr("was given"),
                                             HasSubstr(part_of(file_).string())));
  EXPECT_EQ(content(part_of(file_)), bytes_);
  EXPECT_FALSE(fs::exists(file_));
  EXPECT_THAT(failure(get()), HasSubstr(wrong));
  EXPECT_EQ(server_.heads().size(), 2u);
  EXPECT_EQ(sent("Range"), "");
}

TEST_F(DownloadTest, the_hash_mended_what_came_is_taken) {
  request_.sha256 = std::string(64, 'a');
  EXPECT_FALSE(get());
  request_.sha256 = hash_of(bytes_);
  expect_whole(get(), bytes_);
  EXPECT_EQ(server_.heads().size(), 1u);
}

TEST_F(DownloadTest, a_tag_that_is_a_hash_is_checked) {
  server_.serve({.bytes = bytes_, .etag = "\"" + hash_of(bytes_) + "\""});
  const auto got = get();
  expect_whole(got, bytes_);
  EXPECT_TRUE(got->checked);
  fs::remove(file_);
  server_.serve({.bytes = some_bytes(300'000, 9), .etag = "\"" + hash_of(bytes_) + "\""});
  EXPECT_THAT(failure(get()), HasSubstr("the server tells"));
}

TEST_F(DownloadTest, a_file_that_is_there_stays_as_it_is) {
  fs::create_directories(file_.parent_path());
  write(file_, "mine");
  EXPECT_THAT(failure(get()), HasSubstr("is there already"));
  request_.sha256 = hash_of("yours");
  EXPECT_THAT(failure(get()), HasSubstr("with another SHA-256"));
  request_.sha256 = hash_of("mine");
  const auto got = get();
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->was_there);
  EXPECT_EQ(content(file_), "mine");
  EXPECT_TRUE(server_.heads().empty());
}

TEST_F(DownloadTest, refusals_name_the_reason_and_leave_nothing) {
  const std::pair<const char*, const char*> answers[] = {
      {"404 Not Found\r\n", "there is no such file"},
      {"401 No\r\nX-Error-Message: Repository is gated\r\n", "HF_TOKEN"},
      {"401 No\r\nX-Error-Message: Repository is gated\r\n", "Repository is gated"},
      {"204 None\r\n", "HTTP 204"},
      {"503 Busy\r\n", "HTTP 503"}};
  for (const auto& [answer, words] : answers) {
    server_.serve({.bytes = bytes_, .answer = answer});
    EXPECT_THAT(failure(get()), HasSubstr(words));
    EXPECT_FALSE(fs::exists(part_of(file_)));
    EXPECT_FALSE(fs::exists(part_state_of(file_)));
  }
}

TEST_F(DownloadTest, a_busy_server_is_asked_again) {
  request_.retries = 2;
  server_.serve({.bytes = bytes_, .answer = "503 Busy\r\n"});
  on_progress_ = [&](const DownloadProgress& progress) {
    if (!progress.note.empty()) server_.serve({.bytes = bytes_});
  };
  expect_whole(get(), bytes_);
}

TEST_F(DownloadTest, nothing_listens_there_is_said_at_once) {
  request_.retries = 5;
  request_.wait_s = 100;
  request_.url = "http://127.0.0.1:1/m.gguf";
  EXPECT_THAT(failure(get()), HasSubstr("nothing answers there"));
  EXPECT_FALSE(fs::exists(part_of(file_)));
}

TEST_F(DownloadTest, wrong_lengths_are_found) {
  server_.serve({.bytes = bytes_, .length_off_by = 7});
  EXPECT_THAT(failure(get()), HasSubstr("the link broke"));
  fs::remove(part_of(file_));
  server_.serve({.bytes = bytes_, .more_head = "X-Linked-Size: 7\r\n"});
  EXPECT_THAT(failure(get()), HasSubstr("7 bytes, its store 300000"));
  server_.serve({.bytes = bytes_, .chunked = true, .more_head = "X-Linked-Size: 7\r\n"});
  EXPECT_THAT(failure(get()), HasSubstr("more than the 7 bytes"));
  fs::remove(part_of(file_));
  server_.serve({.bytes = bytes_, .chunked = true, .more_head = "X-Linked-Size: 300007\r\n"});
  EXPECT_THAT(failure(get()), HasSubstr("300000 of 300007"));
}

TEST_F(DownloadTest, an_unknown_length_ends_where_the_server_says) {
  server_.serve({.bytes = bytes_, .chunked = true});
  expect_whole(get(), bytes_);
  EXPECT_THAT(notes_, testing::Contains(HasSubstr("does not say how large")));
  fs::remove(file_);
  half({.bytes = bytes_, .chunked = true});
  server_.serve({.bytes = bytes_});
  expect_whole(get(), bytes_);
}

TEST_F(DownloadTest, a_file_larger_than_the_disk_is_refused_before_it_comes) {
  server_.serve({.bytes = bytes_, .length_off_by = std::int64_t{1} << 60});
  EXPECT_THAT(failure(get()), testing::AllOf(HasSubstr("still to come"), HasSubstr("free")));
  EXPECT_FALSE(fs::exists(part_of(file_)));
}

TEST_F(DownloadTest, a_full_disk_is_named) {
  fs::create_directories(file_.parent_path());
  fs::create_symlink("/dev/full", part_of(file_));
  EXPECT_THAT(failure(get()), HasSubstr("the disk is full"));
}

TEST_F(DownloadTest, a_folder_that_cannot_be_made_is_named) {
  request_.file = "/proc/none/m.gguf";
  EXPECT_THAT(failure(get()), HasSubstr("/proc/none"));
}

TEST_F(DownloadTest, two_processes_do_not_write_one_file) {
  fs::create_directories(file_.parent_path());
  const int other = open(part_of(file_).c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  EXPECT_THAT(failure(get()), HasSubstr("another process"));
  close(other);
  expect_whole(get(), bytes_);
}

TEST_F(DownloadTest, a_stop_keeps_what_came) {
  server_.serve({.bytes = bytes_, .piece_ms = 60});
  std::stop_source stop;
  on_progress_ = [&](const DownloadProgress& progress) {
    if (progress.bytes > 0) stop.request_stop();
  };
  const auto got = get(stop.get_token());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::cancelled);
  EXPECT_THAT(got.error().message, HasSubstr(part_of(file_).string()));
  on_progress_ = {};
  server_.serve({.bytes = bytes_});
  const auto rest = get();
  expect_whole(rest, bytes_);
  EXPECT_GT(rest->resumed_at, 0u);
}

TEST_F(DownloadTest, a_stop_ends_the_wait_for_another_try) {
  request_.retries = 1;
  request_.wait_s = 1000;
  server_.serve({.bytes = bytes_, .cut_after = 1000});
  std::stop_source stop;
  on_progress_ = [&](const DownloadProgress& progress) {
    if (!progress.note.empty()) stop.request_stop();
  };
  EXPECT_FALSE(get(stop.get_token()));
}

TEST_F(DownloadTest, the_hub_sends_elsewhere_and_says_what_comes) {
  FileServer store({.bytes = bytes_, .etag = "\"s3\""});
  const std::string linked = "X-Linked-ETag: \"" + hash_of(bytes_) + "\"\r\nX-Linked-Size: 300000\r\n";
  server_.serve({.more_head = linked, .redirect = store.url("/signed?key=1")});
  request_.token = "secret";
  const auto got = get();
  expect_whole(got, bytes_);
  EXPECT_TRUE(got->checked);
  EXPECT_EQ(sent("Authorization"), "Bearer secret");
  ASSERT_EQ(store.heads().size(), 1u);
  EXPECT_EQ(FileServer::header(store.heads()[0], "Authorization"), "") << "the token went to another host";
}

TEST_F(DownloadTest, a_redirect_within_the_hub_keeps_the_token) {
  server_.serve({.bytes = bytes_, .redirect = "/renamed"});
  request_.token = "secret";
  expect_whole(get(), bytes_);
  EXPECT_THAT(server_.heads().back(), HasSubstr("GET /renamed "));
  EXPECT_EQ(sent("Authorization"), "Bearer secret");
}

TEST_F(DownloadTest, what_changed_on_the_hub_begins_anew_wherever_the_bytes_lie) {
  FileServer store({.bytes = bytes_, .etag = "\"s3\"", .cut_after = 150'000});
  server_.serve({.more_head = "X-Linked-ETag: \"" + hash_of(bytes_) + "\"\r\n", .redirect = store.url("/1")});
  EXPECT_FALSE(get());
  const std::string other = some_bytes(300'000, 3);
  store.serve({.bytes = other, .etag = "\"s3\""});
  server_.serve({.more_head = "X-Linked-ETag: \"" + hash_of(other) + "\"\r\n", .redirect = store.url("/2")});
  expect_whole(get(), other);
}

TEST_F(DownloadTest, a_hash_that_is_not_the_hubs_is_said_before_anything_comes) {
  server_.serve({.bytes = bytes_, .more_head = "X-Linked-ETag: \"" + hash_of(bytes_) + "\"\r\n"});
  request_.sha256 = std::string(64, 'b');
  EXPECT_THAT(failure(get()), HasSubstr("not " + request_.sha256 + " as given"));
  EXPECT_FALSE(fs::exists(part_of(file_)));
}

TEST_F(DownloadTest, redirects_in_a_circle_and_to_other_protocols_end) {
  server_.serve({.redirect = "/file"});
  EXPECT_THAT(failure(get()), HasSubstr("more than 10 times"));
  server_.serve({.redirect = "file:///etc/passwd"});
  EXPECT_THAT(failure(get()), HasSubstr("file:///etc/passwd"));
}

TEST_F(DownloadTest, only_trusted_certificates_are_accepted) {
  const std::string certificate = folder_ / "certificate.pem", key = folder_ / "key.pem";
  test::write_certificate(certificate, key);
  const auto tls = *test::NullServer::start({.certificate_file = certificate, .key_file = key});
  request_.url = "https://localhost:" + std::to_string(tls->port()) + "/v1/models";
  EXPECT_THAT(failure(get()), HasSubstr("certificate is not trusted"));
  request_.ca_file = certificate;
  EXPECT_TRUE(get());
  EXPECT_THAT(content(file_), HasSubstr("\"data\""));
}

TEST_F(DownloadTest, what_is_no_request_is_refused) {
  request_.sha256 = "abc";
  EXPECT_THAT(failure(get()), HasSubstr("no SHA-256"));
  request_ = {.url = "file:///etc/passwd", .file = file_};
  EXPECT_THAT(failure(get()), HasSubstr("no URL"));
  request_ = {.url = server_.url(), .file = folder_};
  EXPECT_THAT(failure(get()), HasSubstr("is a folder"));
  request_ = {.url = server_.url(), .file = file_, .token = "a\r\nHost: b"};
  EXPECT_THAT(failure(get()), HasSubstr("line break"));
}

}  // namespace
}  // namespace tokenmark
