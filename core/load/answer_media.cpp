// Images, and videos: made in one call or as a job that is asked for again and again.
#include <fmt/core.h>

#include <algorithm>

#include "core/load/answer_json.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMaxId = 200;

bool is_base64(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=' ||
           c == '\\';  // JSON may write a slash with an escape
  };
  // The beginning tells: a whole video is not read again for this.
  return !text.empty() && std::ranges::all_of(text.substr(0, 256), plain);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

bool is_mp4(std::string_view body) { return body.size() >= 12 && body.substr(4, 4) == "ftyp"; }

// ISO/IEC 14496-12: a file is boxes of 4 bytes size, 4 bytes type; size 1: 8 more bytes of size; 0: to the end.
bool boxes_fit(std::string_view body) {
  while (!body.empty()) {
    if (body.size() < 8) return false;
    std::uint64_t size = big_endian(body.substr(0, 4));
    if (size == 0) return true;
    if (size == 1) {
      if (body.size() < 16) return false;
      size = big_endian(body.substr(8, 8));
      if (size < 16) return false;
    }
    if (size < 8 || size > body.size()) return false;
    body.remove_prefix(size);
  }
  return true;
}

bool is_other_video(std::string_view body) {  // AVI, WebM, GIF
  return (body.starts_with("RIFF") && body.size() >= 12 && body.substr(8, 4) == "AVI ") || body.starts_with("\x1A\x45\xDF\xA3") ||
         body.starts_with("GIF8");
}

class ImagesReader : public AnswerReader {
 public:
  using AnswerReader::AnswerReader;

 protected:
  Verdict read_body(std::string_view body, std::vector<AnswerMessage>& messages) override {
    media_ = true;
    od::object root;
    std::string_view error;
    bool complete = true, sound = true;
    std::vector<AnswerMessage> items;
    const bool good = open_object(parser_, document_, body, root) && each_member(root, [&](od::raw_json_string key, od::value& value) {
      if (key == "error") error = read_error(value);
      if (key != "data") return;
      complete &= each_element(value, [&](od::value& entry) {
        AnswerMessage item{MessageKind::media};
        bool there = false;
        complete &= read_entry(entry, there, item.bytes);
        sound &= there;
        items.push_back(item);
        return complete && items.size() <= static_cast<std::size_t>(options_.items);
      });
    });
    if (!good || !complete) return bad_json(body);
    if (!error.empty()) return bad(RequestError::engine, std::string(error));
    if (items.size() != static_cast<std::size_t>(options_.items))
      return bad(RequestError::malformed, fmt::format("the answer holds {}{} images where {} were asked for",
                                                      items.size() > static_cast<std::size_t>(options_.items) ? "at least " : "", items.size(), options_.items));
    if (!sound) return bad(RequestError::malformed, "an image of the answer has neither b64_json in base64 nor url");
    messages.insert(messages.end(), items.begin(), items.end());
    finished_ = true;
    return Verdict::message;
  }

 private:
  // An image that the server keeps has no bytes in the answer.
  static bool read_entry(od::value& entry, bool& there, std::size_t& bytes) {
    return each_member(entry, [&](od::raw_json_string key, od::value& value) {
      const std::string_view text = raw_text(value);
      if (key == "b64_json" && is_base64(text)) bytes = text.size() / 4 * 3;
      there |= bytes > 0 || (key == "url" && !text.empty());
    });
  }

  od::parser parser_;
  od::document document_;
};

class VideosReader : public AnswerReader {
 public:
  VideosReader(bool job, const AnswerOptions& options) : AnswerReader(options), job_(job) {}

  bool follow_up(FollowUp& next) override {
    if (stage_ == Stage::created || error() != RequestError::none || finished_) return false;
    next.path = "/v1/videos/" + id_ + (stage_ == Stage::ready ? "/content" : "");
    next.delay_ns = stage_ == Stage::ready ? 0 : options_.poll_ns;
    return true;
  }

 protected:
  void reset() override {
    stage_ = Stage::created;
    id_.clear();
  }

  Verdict read_body(std::string_view body, std::vector<AnswerMessage>& messages) override {
    media_ = true;
    if (is_mp4(body) && !boxes_fit(body)) return bad(RequestError::malformed, "the MP4 ends inside of one of its boxes");
    if (is_mp4(body) || is_other_video(body)) return take_video(body.size(), messages);
    if (stage_ == Stage::ready) return bad(RequestError::malformed, "the content of the video is no MP4, AVI, WebM or GIF");
    seen_ = {};
    od::object root;
    if (!open_object(parser_, document_, body, root) || !read_root(root))
      return bad(RequestError::malformed, "the answer is neither a video nor a JSON object");
    if (!seen_.error.empty()) return bad(RequestError::engine, std::string(seen_.error));
    return job_ ? read_job() : read_made(messages);
  }

 private:
  enum class Stage : std::uint8_t { created, waiting, ready };
  struct Seen {
    std::string_view id, status, error;
    bool made = false;
    std::size_t bytes = 0;
  };

  Verdict take_video(std::size_t bytes, std::vector<AnswerMessage>& messages) {
    messages.push_back({MessageKind::media, 0, bytes});
    finished_ = true;
    return Verdict::message;
  }

  Verdict read_made(std::vector<AnswerMessage>& messages) {
    if (!seen_.made) return bad(RequestError::malformed, "the answer holds neither video_bytes in base64 nor video_path");
    return take_video(seen_.bytes, messages);
  }

  Verdict read_job() {
    static constexpr std::string_view kBusy[] = {"queued", "in_progress", "processing", "running", "pending"};
    if (stage_ == Stage::created) {
      // It becomes a part of a path.
      if (seen_.id.empty() || seen_.id.size() > kMaxId ||
          seen_.id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != std::string_view::npos)
        return bad(RequestError::malformed, fmt::format("the job's id is '{}'", seen_.id.substr(0, 80)));
      id_ = seen_.id;
    } else if (!seen_.id.empty() && seen_.id != id_) {
      return bad(RequestError::out_of_order, fmt::format("asked for the job '{}', the server told of '{}'", id_, seen_.id.substr(0, 80)));
    }
    if (seen_.status == "completed" || seen_.status == "succeeded") stage_ = Stage::ready;
    else if (std::ranges::find(kBusy, seen_.status) != std::end(kBusy)) stage_ = Stage::waiting;
    else if (seen_.status == "failed" || seen_.status == "cancelled" || seen_.status == "expired" || seen_.status == "deleted")
      return bad(RequestError::engine, fmt::format("the job of the video is {}", seen_.status));
    else return bad(RequestError::malformed, fmt::format("the job's status is '{}'", seen_.status.substr(0, 80)));
    return Verdict::message;
  }

  bool read_root(od::object& root) {
    return each_member(root, [&](od::raw_json_string key, od::value& value) {
      if (key == "id" || key == "video_id") seen_.id = raw_text(value);
      else if (key == "status") seen_.status = raw_text(value);
      else if (key == "error") seen_.error = read_error(value);
      else if (key == "video_bytes" && is_base64(raw_text(value))) seen_.bytes = raw_text(value).size() / 4 * 3;
      seen_.made |= seen_.bytes > 0 || (key == "video_path" && !raw_text(value).empty());
    });
  }

  const bool job_;
  od::parser parser_;
  od::document document_;
  Seen seen_;
  Stage stage_ = Stage::created;
  std::string id_;
};

}  // namespace

std::unique_ptr<AnswerReader> make_images_reader(const AnswerOptions& options) { return std::make_unique<ImagesReader>(options); }
std::unique_ptr<AnswerReader> make_videos_reader(bool job, const AnswerOptions& options) { return std::make_unique<VideosReader>(job, options); }

}  // namespace tokenmark
