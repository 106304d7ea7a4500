#include "core/report/report_template.h"

#include <algorithm>
#include <exception>
#include <kainjow/mustache.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "core/report/svg.h"
#include "resources/resources.h"

namespace tokenmark {
namespace {

using nlohmann::json;
namespace mustache = kainjow::mustache;

constexpr std::size_t kLargestTemplate = 4 << 20;

// Every name of the document (report_document.h); a test holds the documents against it.
const std::set<std::string_view> kNames = {".",     "title",   "author",   "remarks", "created", "program", "cards",
                                           "value", "name",    "sections", "section", "id",      "blocks",  "paragraph",
                                           "note",  "heading", "list",     "items",   "terms",   "text",    "code",
                                           "chart", "svg",     "notes",    "table",   "columns", "number",  "rows",
                                           "cells", "small",   "bad",      "dim",     "why",     "marked"};
const std::set<std::string_view> kSections = {"summary", "charts", "comparison", "points", "environment", "configuration", "method", "definitions",
                                              "prices", "failures", "runs", "steady", "checks", "reproduce", "sources"};

struct Tag {
  char kind = ' ';                   // '#', '^', '/', '>', '!', '&' or ' '
  std::string name;
  int line = 0;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool known_name(std::string_view name) {
  if (kNames.contains(name)) return true;
  constexpr std::string_view kSection = "section.";
  return name.starts_with(kSection) && kSections.contains(name.substr(kSection.size()));
}

std::string blocks_template() { return std::string(resource("report/blocks.html")); }

// Walks the tags, in their order, and says what is wrong with the first that cannot be meant so.
class Checker {
 public:
  Checker(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Status check() {
    if (text_.size() > kLargestTemplate) return fail(ErrorKind::invalid_input, "{}: a template of {} bytes is too large: {} are possible", file_, text_.size(), kLargestTemplate);
    for (std::size_t at = text_.find("{{"); at != std::string_view::npos; at = text_.find("{{", at)) {
      line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(seen_), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
      seen_ = at;
      const bool raw = text_.substr(at).starts_with("{{{");
      const std::string_view close = raw ? "}}}" : "}}";
      const std::size_t begin = at + (raw ? 3 : 2), end = text_.find(close, begin);
      if (end == std::string_view::npos) return wrong("the tag '{}…' is not closed with '{}'", text_.substr(at, 20), close);
      TOKENMARK_CHECK(tag(trimmed(text_.substr(begin, end - begin)), raw));
      at = end + close.size();
    }
    if (!open_.empty()) {
      line_ = open_.back().line;
      return wrong("{{{{{}{}}}}} is never closed", open_.back().kind, open_.back().name);
    }
    return {};
  }

 private:
  template <class... Args>
  Status wrong(fmt::format_string<Args...> format, Args&&... args) const {
    return fail(ErrorKind::invalid_input, "{}:{}: {}", file_, line_, fmt::format(format, std::forward<Args>(args)...));
  }

  Status tag(std::string_view inside, bool raw) {
    if (inside.empty()) return wrong("a tag without a name");
    Tag found{' ', std::string(inside), line_};
    if (!raw && std::string_view("#^/>!&=").find(inside.front()) != std::string_view::npos) {
      found.kind = inside.front();
      found.name = std::string(trimmed(inside.substr(1)));
    }
    switch (found.kind) {
      case '!': return {};
      case '=': return wrong("other delimiters than {{{{ and }}}} are not taken");
      case '>': return found.name == "all_blocks" ? Status() : wrong("there is no part '{}' to put in; there is: all_blocks", found.name);
      case '/': return closed(found);
      default: break;
    }
    if (!known_name(found.name)) return wrong("a report has no '{}'; the names are: {}", found.name, all_names());
    if (found.kind == '#' || found.kind == '^') open_.push_back(std::move(found));
    return {};
  }

  Status closed(const Tag& tag) {
    if (open_.empty()) return wrong("{{{{/{}}}}} closes nothing", tag.name);
    if (open_.back().name != tag.name) return wrong("{{{{/{}}}}} closes {{{{{}{}}}}} of line {}", tag.name, open_.back().kind, open_.back().name, open_.back().line);
    open_.pop_back();
    return {};
  }

  static std::string all_names() {
    std::string names;
    for (const std::string_view name : kNames) names += (names.empty() ? "" : ", ") + (name == "section" ? std::string("section.summary …") : std::string(name));
    return names;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t seen_ = 0;
  int line_ = 1;
  std::vector<Tag> open_;
};

// Nothing, false and empty texts count as not there.
mustache::data to_data(const json& value) {
  switch (value.type()) {
    case json::value_t::object: {
      mustache::data object = mustache::data::type::object;
      for (const auto& item : value.items())
        if (item.key() != "data") object.set(item.key(), to_data(item.value()));  // charts as data are for the pages of a PDF
      return object;
    }
    case json::value_t::array: {
      mustache::data list = mustache::data::type::list;
      for (const json& item : value) list.push_back(to_data(item));
      return list;
    }
    case json::value_t::string: return value.get_ref<const std::string&>().empty() ? mustache::data(false) : mustache::data(value.get<std::string>());
    case json::value_t::boolean: return mustache::data(value.get<bool>());
    case json::value_t::null: return mustache::data(false);
    default: return mustache::data(value.dump());
  }
}

mustache::data report_data(const json& document) {
  mustache::data data = to_data(document);
  mustache::data sections = mustache::data::type::object;
  for (const json& section : document.at("sections")) sections.set(section.at("id").get<std::string>(), to_data(section));
  data.set("section", sections);
  data.set("all_blocks", mustache::data(mustache::partial(blocks_template)));
  return data;
}

}  // namespace

std::string default_report_template() {
  std::string text(resource("report/report.html"));
  constexpr std::string_view kPart = "{{> all_blocks}}\n";
  const std::size_t at = text.find(kPart);
  return at == std::string::npos ? text : text.replace(at, kPart.size(), blocks_template());
}

Status check_report_template(std::string_view text, const std::string& file_name) { return Checker(text, file_name).check(); }

Result<std::string> render_report(const json& document, std::string_view text, const std::string& file_name) {
  TOKENMARK_CHECK(check_report_template(text, file_name));
  try {
    mustache::mustache made{std::string(text)};
    made.set_custom_escape([](const std::string& words) { return escape_markup(words); });
    std::string html = made.is_valid() ? made.render(report_data(document)) : std::string();
    if (!made.is_valid()) return fail(ErrorKind::invalid_input, "{}: {}", file_name, made.error_message());
    return html;
  } catch (const std::exception& error) {
    return fail(ErrorKind::internal, "{}: the template cannot be filled: {}", file_name, error.what());
  }
}

}  // namespace tokenmark
