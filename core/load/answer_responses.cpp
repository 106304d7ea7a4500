// OpenAI's responses: typed events, numbered, each about an item of the output.
#include <fmt/core.h>

#include <algorithm>

#include "core/load/answer_json.h"

namespace tokenmark {
namespace {

class ResponsesReader : public AnswerReader {
 public:
  using AnswerReader::AnswerReader;

 protected:
  void reset() override { sequence_ = added_item_ = done_item_ = -1; }

  Verdict read_event(std::string_view data, AnswerMessage& message) override {
    seen_ = {};
    od::object root;
    if (!open_object(parser_, document_, data, root) || !read_root(root)) return bad_json(data);
    if (seen_.failed || !seen_.error.empty())
      return bad(RequestError::engine, std::string(seen_.error.empty() ? "the response failed" : seen_.error));
    if (seen_.type.empty()) return bad(RequestError::malformed, "an event has no type: " + std::string(data.substr(0, 80)));
    if (finished_) return bad(RequestError::out_of_order, fmt::format("the event '{}' came after the response's end", seen_.type.substr(0, 60)));
    if (const char* problem = order_problem()) return bad(RequestError::out_of_order, problem);
    const bool over = seen_.type == "response.completed" || seen_.type == "response.incomplete";
    const bool delta = seen_.type.ends_with(".delta");
    if (take(over ? MessageKind::usage : kind_of(seen_.type), delta ? seen_.delta : std::string_view(), message) == Verdict::bad)
      return Verdict::bad;
    finished_ = over;
    return over && seen_.has_usage ? count(seen_.counts, message) : Verdict::message;
  }

  Verdict read_body(std::string_view body, std::vector<AnswerMessage>& messages) override {
    seen_ = {};
    od::object root;
    AnswerMessage message;
    if (!open_object(parser_, document_, body, root) || !read_response(root)) return bad_json(body);
    if (seen_.failed || !seen_.error.empty())
      return bad(RequestError::engine, std::string(seen_.error.empty() ? "the response failed" : seen_.error));
    Verdict verdict = take(seen_.kind, seen_.delta, message);
    if (verdict != Verdict::bad && seen_.has_usage) verdict = count(seen_.counts, message);
    return take_whole(body, verdict, message, messages);
  }

 private:
  struct Seen {
    std::string_view type, delta, error;
    MessageKind kind = MessageKind::content;   // of a whole response's text
    std::int64_t sequence = -1, item = -1;
    bool failed = false, has_usage = false;
    SaidCounts counts;
  };

  static MessageKind kind_of(std::string_view type) {
    if (!type.ends_with(".delta")) return MessageKind::role;
    if (type.find("reasoning") != std::string_view::npos) return MessageKind::reasoning;
    return type.find("_call") != std::string_view::npos ? MessageKind::tool : MessageKind::content;
  }

  // Numbers that stay are let pass: some servers number no event.
  const char* order_problem() {
    if (seen_.sequence >= 0 && seen_.sequence < sequence_) return "the events' sequence numbers go back";
    sequence_ = std::max(sequence_, seen_.sequence);
    if (seen_.item < 0) return nullptr;
    if (seen_.type == "response.output_item.added") added_item_ = std::max(added_item_, seen_.item);
    else if (seen_.type == "response.output_item.done") done_item_ = std::max(done_item_, seen_.item);
    else if (!seen_.type.ends_with(".delta")) return nullptr;
    else if (added_item_ >= 0 && seen_.item > added_item_) return "a text came for an item of the output that was not begun";
    else if (seen_.item <= done_item_) return "a text came for an item of the output that was done";
    return nullptr;
  }

  bool read_root(od::object& root) {
    bool complete = true;
    const bool good = each_member(root, [&](od::raw_json_string key, od::value& value) {
      if (key == "type") seen_.type = raw_text(value);
      else if (key == "delta") seen_.delta = text_of(value, options_.keep_text);
      else if (key == "sequence_number") seen_.sequence = number(value);
      else if (key == "output_index") seen_.item = number(value);
      else if (key == "response") {
        od::object response;
        complete &= value.get_object().get(response) == simdjson::SUCCESS && read_response(response);
      } else if (key == "error") seen_.error = read_error(value);
      else if (key == "message") message_ = decoded_text(value);
    });
    if (seen_.type == "error") seen_.failed = true;
    if (seen_.type == "error" && seen_.error.empty()) seen_.error = message_;
    return good && complete;
  }

  bool read_response(od::object& response) {
    bool complete = true;
    const bool good = each_member(response, [&](od::raw_json_string key, od::value& value) {
      if (key == "status") {
        const std::string_view status = raw_text(value);
        seen_.failed = status == "failed" || status == "cancelled";
      } else if (key == "error") {
        seen_.error = read_error(value);
      } else if (key == "usage" && !is_null(value)) {
        seen_.has_usage = true;
        complete &= read_usage(value, seen_.counts);
      } else if (key == "output") {
        complete &= each_element(value, [&](od::value& item) { return complete &= read_item(item), complete; });
      }
    });
    return good && complete;
  }

  // An item of a whole response: a message's text, or reasoning and calls, which count where there is no text.
  bool read_item(od::value& item) {
    std::string_view type, text;
    bool complete = true;
    const bool good = each_member(item, [&](od::raw_json_string key, od::value& value) {
      if (key == "type") type = raw_text(value);
      else if (key == "content" || key == "summary") complete &= each_element(value, [&](od::value& part) {
        complete &= each_member(part, [&](od::raw_json_string inner, od::value& member) {
          if (inner == "text" || inner == "refusal") text = text_of(member, options_.keep_text);
        });
        return complete && text.empty();
      });
      else if (key == "arguments") text = raw_text(value);
    });
    const MessageKind kind = type == "reasoning" ? MessageKind::reasoning : type == "message" ? MessageKind::content : MessageKind::tool;
    if (!text.empty() && (seen_.delta.empty() || kind == MessageKind::content)) {
      seen_.delta = text;
      seen_.kind = kind;
    }
    return good && complete;
  }

  static std::int64_t number(od::value& value) {
    std::int64_t number = -1;
    return value.get_int64().get(number) == simdjson::SUCCESS ? number : -1;
  }

  od::parser parser_;
  od::document document_;
  Seen seen_;
  std::string_view message_;
  std::int64_t sequence_ = -1, added_item_ = -1, done_item_ = -1;
};

}  // namespace

std::unique_ptr<AnswerReader> make_responses_reader(const AnswerOptions& options) {
  return std::make_unique<ResponsesReader>(options);
}

}  // namespace tokenmark
