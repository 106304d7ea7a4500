#include "core/download/download.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "core/download/fetch.h"
#include "core/download/hub.h"
#include "core/download/part_file.h"
#include "engine/model/hash.h"

namespace tokenmark {
namespace {

namespace fs = std::filesystem;

constexpr int kMostRedirects = 10;

// 64 hexadecimal digits in lower case, out of quotes and without the name before it; empty: it is none.
std::string as_sha256(std::string text) {
  std::erase(text, '"');
  if (text.starts_with("sha256:")) text.erase(0, 7);
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos ? text : std::string();
}

std::string gigabytes(std::uint64_t bytes) {
  return bytes < 100'000'000 ? fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6)
                             : fmt::format("{:.2f} GB", static_cast<double>(bytes) / 1e9);
}

bool worth_another_try(int status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

class Download {
 public:
  Download(const DownloadRequest& request, const OnDownload& progress, const std::stop_token& stop, PartFile part)
      : request_(request), on_progress_(progress), stop_(stop), part_(std::move(part)), given_(as_sha256(request.sha256)) {}

  Result<Downloaded> run() {
    TOKENMARK_TRY(url_sha256_, sha256(request_.url));
    const std::string before = part_.state().url_sha256;
    if (part_.size() > 0 && before.empty() && !given_.empty() && hash_of_part() == given_) return finish();
    // Where the right SHA-256 is known, the bytes may come from anywhere: signed addresses are others each time.
    if (part_.size() > 0 && (before.empty() || (given_.empty() && (before != url_sha256_ || validator().empty())))) {
      TOKENMARK_CHECK(part_.begin_anew());
    }
    begun_at_ = part_.size();
    if (const Status came = with_retries(); !came) return tl::unexpected(explained(came.error()));
    return finish();
  }

 private:
  // By which the server says whether its file is still the one of our bytes (RFC 9110 §13.1.5: no weak tag does).
  std::string validator() const {
    const PartState& state = part_.state();
    if (!state.etag.empty() && !state.etag.starts_with("W/")) return state.etag;
    return state.last_modified;
  }

  Status with_retries() {
    std::uint64_t farthest = part_.size();
    for (int failed = 0;; ++failed) {
      const Status came = attempt();
      if (came || stop_.stop_requested()) return came;
      if (part_.size() > farthest) failed = 0;
      farthest = std::max(farthest, part_.size());
      // One that never answered is rather a mistake than a bad link.
      const bool again = worth_another_try(fetched_.head.status) || (fetched_.broke && fetched_bytes_ > 0);
      if (!again || failed >= request_.retries) return came;
      const double wait_s = std::max(request_.wait_s * static_cast<double>(1 << std::min(failed, 6)),
                                     static_cast<double>(fetched_.head.retry_after_s));
      tell(fmt::format("{}; trying again in {:.0f} s", came.error().message, wait_s));
      wait(wait_s);
    }
  }

  void wait(double seconds) const {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait_for(lock, stop_, std::chrono::duration<double>(seconds), [] { return false; });
  }

  // From the URL over its redirects to the end of the file.
  Status attempt() {
    std::string url = request_.url;
    linked_ = {};
    for (int hop = 0; hop <= kMostRedirects; ++hop) {
      const bool ranged = part_.size() > 0;
      again_ = false;
      const Status came = fetch(get(url, ranged), stop_, fetched_);
      const AnswerHead& head = fetched_.head;
      if (again_ || (came && head.status == 416 && ranged && head.range_total != part_.size())) {
        TOKENMARK_CHECK(anew("the server's file has changed"));
        continue;
      }
      if (!came) return fail(came.error().kind, "{}: {}", shown_url(url), came.error().message);
      if (head.status / 100 == 3 && !head.location.empty()) {
        TOKENMARK_CHECK(follow(url, head));
        continue;
      }
      if (head.status == 416 && ranged) return {};  // all of it is there
      if (head.status / 100 != 2) return refused(url, head);
      return whole();
    }
    return fail(ErrorKind::protocol, "{}: leads from one address to the next more than {} times", shown_url(request_.url),
                kMostRedirects);
  }

  Get get(const std::string& url, bool ranged) {
    Get get{.url = url, .ca_file = request_.ca_file};
    get.header_lines = {"Accept-Encoding: identity"};
    if (!request_.token.empty() && origin_of(url) == origin_of(request_.url))
      get.header_lines.push_back("Authorization: Bearer " + request_.token);
    if (ranged) {
      get.header_lines.push_back(fmt::format("Range: bytes={}-", part_.size()));
      if (const std::string same = validator(); !same.empty()) get.header_lines.push_back("If-Range: " + same);
    }
    get.on_head = [this, ranged](const AnswerHead& head) { return begin(head, ranged); };
    get.on_body = [this](std::string_view bytes) { return take(bytes); };
    get.on_tick = [this] { tell(); };
    return get;
  }

  // A hub sends us to where the bytes are, and says what they are.
  Status follow(std::string& url, const AnswerHead& head) {
    if (url.starts_with("https:") && !head.location.starts_with("https:"))
      return fail(ErrorKind::protocol, "{}: leads to {}, which is not encrypted", shown_url(url), shown_url(head.location));
    if (origin_of(head.location).empty())
      return fail(ErrorKind::protocol, "{}: leads to {}", shown_url(url), shown_url(head.location));
    if (!head.linked_etag.empty()) linked_.etag = head.linked_etag;
    if (head.linked_size) linked_.length = head.linked_size;
    url = head.location;
    const std::string& before = part_.state().linked_etag;
    if (part_.size() > 0 && !before.empty() && !linked_.etag.empty() && before != linked_.etag)
      return anew("the server's file has changed");
    return {};
  }

  Status anew(const char* why) {
    TOKENMARK_CHECK(part_.begin_anew());
    begun_at_ = 0;
    tell(fmt::format("{}: begun anew", why));
    return {};
  }

  // The head of the bytes' answer: how they fit to what is there, whether all have room, what they are to be.
  Status begin(const AnswerHead& head, bool ranged) {
    const PartState& state = part_.state();
    total_ = head.length.value_or(0);
    if (head.status == 206) {
      if (!ranged)
        return fail(ErrorKind::protocol, "the server answers with a part of the file, and all of it was asked for");
      total_ = head.range_total.value_or(0);
      const bool other_tag = !state.etag.empty() && !head.etag.empty() && state.etag != head.etag;
      again_ = other_tag || head.range_start != part_.size() || (state.total > 0 && total_ > 0 && state.total != total_);
      if (again_) return fail(ErrorKind::protocol, "the server's file has changed");
      if (total_ == 0) total_ = state.total;
    } else if (head.status != 200) {
      return fail(ErrorKind::protocol, "HTTP {} instead of a file", head.status);
    } else if (ranged) {
      TOKENMARK_CHECK(anew("the server's file has changed, or it gives no parts of files"));
    }
    if (linked_.etag.empty()) linked_.etag = head.linked_etag;
    const std::string linked = as_sha256(linked_.etag);
    if (const auto size = linked_.length ? linked_.length : head.linked_size) {
      if (total_ > 0 && total_ != *size)
        return fail(ErrorKind::protocol, "the hub says that the file has {} bytes, its store {}", *size, total_);
      total_ = *size;
    }
    if (!given_.empty() && !linked.empty() && given_ != linked)
      return fail(ErrorKind::protocol, "the hub's file has the SHA-256 {}, not {} as given", linked, given_);
    TOKENMARK_CHECK(check_room());
    if (total_ == 0) tell("the server does not say how large the file is");
    return part_.remember({url_sha256_, head.etag, head.last_modified, linked_.etag, total_});
  }

  Status check_room() const {
    std::error_code error;
    const fs::path folder = fs::absolute(request_.file, error).parent_path();
    const auto space = fs::space(folder, error);
    const std::uint64_t missing = total_ > part_.size() ? total_ - part_.size() : 0;
    if (error || missing <= space.available) return {};
    return fail(ErrorKind::exhausted, "{} are still to come, and {} has {} free", gigabytes(missing), folder.string(),
                gigabytes(space.available));
  }

  Status take(std::string_view bytes) {
    if (total_ > 0 && part_.size() + bytes.size() > total_)
      return fail(ErrorKind::protocol, "the server sends more than the {} bytes that it said", total_);
    fetched_bytes_ += bytes.size();
    return part_.add(bytes);
  }

  Status whole() {
    if (total_ == 0 || part_.size() == total_) return {};
    fetched_.broke = true;
    return fail(ErrorKind::io, "{}: the link broke after {} of {} bytes", shown_url(request_.url), part_.size(), total_);
  }

  Status refused(const std::string& url, const AnswerHead& head) const {
    const char* advice = "";
    if (head.status == 401 || head.status == 403)
      advice = request_.token.empty() ? ": the file is not for everyone; the hub's token is taken from the variable HF_TOKEN"
                                      : ": the token does not open this file";
    if (head.status == 404 || head.status == 410) advice = ": there is no such file";
    if (head.status == 429) advice = ": the server takes no more requests from here now";
    const ErrorKind kind = head.status == 404 || head.status == 410 ? ErrorKind::not_found : ErrorKind::unavailable;
    return fail(kind, "{}: HTTP {}{}{}", shown_url(url), head.status, advice,
                head.said.empty() ? "" : " (" + head.said + ")");
  }

  // Given, or as hubs tell it: in the address's answer, or as the tag of the bytes themselves.
  std::string expected() const {
    if (!given_.empty()) return given_;
    const std::string linked = as_sha256(part_.state().linked_etag);
    return linked.empty() ? as_sha256(part_.state().etag) : linked;
  }

  Result<std::string> hash_of_part() const {
    on_progress_({part_.size(), part_.size(), begun_at_, true, {}});
    TOKENMARK_TRY(const std::string hash, sha256_of_files({part_.path().string()}, stop_));
    return as_sha256(hash);
  }

  Result<Downloaded> finish() {
    const auto computed = hash_of_part();
    if (!computed) return tl::unexpected(explained(computed.error()));
    const std::string hash = *computed, wanted = expected();
    if (!wanted.empty() && hash != wanted) {
      part_.forget();
      return fail(
          ErrorKind::protocol,
          "{}: the SHA-256 is wrong: {} instead of {}, which {}; the file is kept, and the next download begins anew",
          part_.path().string(), hash, wanted, given_.empty() ? "the server tells" : "was given");
    }
    const std::uint64_t bytes = part_.size();
    TOKENMARK_CHECK(part_.become(request_.file));
    return Downloaded{bytes, begun_at_, hash, !wanted.empty(), false};
  }

  Error explained(Error error) const {
    if (part_.size() > 0)
      error.message += fmt::format("; what came is kept in {} ({}), and the same download goes on with it",
                                   part_.path().string(), gigabytes(part_.size()));
    return error;
  }

  void tell(const std::string& note = {}) const { on_progress_({part_.size(), total_, begun_at_, false, note}); }

  const DownloadRequest& request_;
  const OnDownload& on_progress_;
  const std::stop_token& stop_;
  PartFile part_;
  std::string given_, url_sha256_;
  AnswerHead linked_;  // what the hub said on the way
  Fetched fetched_;
  std::uint64_t total_ = 0, begun_at_ = 0, fetched_bytes_ = 0;
  bool again_ = false;
};

// Whether FILE is what was asked for already.
Result<Downloaded> there_already(const DownloadRequest& request, const std::stop_token& stop) {
  const std::string given = as_sha256(request.sha256), file = request.file.string();
  if (given.empty()) return fail(ErrorKind::invalid_input, "{}: is there already", file);
  TOKENMARK_TRY(const std::string hash, sha256_of_files({file}, stop));
  if (hash != "sha256:" + given)
    return fail(ErrorKind::invalid_input, "{}: is there already, with another SHA-256: {}", file, hash.substr(7));
  std::error_code error;
  return Downloaded{fs::file_size(request.file, error), 0, given, true, true};
}

}  // namespace

Result<Downloaded> download(const DownloadRequest& request, const OnDownload& progress, const std::stop_token& stop) {
  if (!request.sha256.empty() && as_sha256(request.sha256).empty())
    return fail(ErrorKind::invalid_input, "'{}' is no SHA-256: it must be 64 hexadecimal digits", request.sha256);
  if (origin_of(request.url).empty()) return fail(ErrorKind::invalid_input, "'{}' is no URL of http or https", request.url);
  if (request.token.find_first_of("\r\n") != std::string::npos)
    return fail(ErrorKind::invalid_input, "the token holds a line break");
  std::error_code error;
  if (fs::is_directory(request.file, error)) return fail(ErrorKind::invalid_input, "{}: is a folder", request.file.string());
  if (fs::exists(request.file, error)) return there_already(request, stop);
  TOKENMARK_TRY(PartFile part, PartFile::open(request.file));
  return Download(request, progress, stop, std::move(part)).run();
}

}  // namespace tokenmark
