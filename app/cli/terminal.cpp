#include "app/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace tokenmark::cli {
namespace {

long long now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Characters, not bytes, so that "µs" pads like "ms".
std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool numeric(const std::string& cell) {
  return cell.find_first_not_of("0123456789.,+-–%×e∞ ") == std::string::npos;
}

}  // namespace

int report(const Error& error) {
  fmt::print(stderr, "tokenmark-cli: {}\n", error.message);
  const bool usage = error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::not_found;
  return usage ? kUsage : kFailed;
}

int report_usage(std::string_view message) {
  fmt::print(stderr, "tokenmark-cli: {}\n", message);
  return kUsage;
}

ProgressBar::ProgressBar(std::string title) : title_(std::move(title)), terminal_(isatty(STDERR_FILENO) != 0) {}

ProgressBar::~ProgressBar() {
  if (terminal_ && width_ > 0) fmt::print(stderr, "\n");
}

void ProgressBar::set(double share, const std::string& text) {
  share = std::clamp(share, 0.0, 1.0);
  const long long now = now_ms();
  if (now - last_ms_ < (terminal_ ? 50 : 3000) && (share < 1 || text == last_text_)) return;
  last_ms_ = now;
  last_text_ = text;
  if (!terminal_) {
    fmt::print(stderr, "{}{}{:3.0f} % {}\n", title_, title_.empty() ? "" : ": ", share * 100, text);
    return;
  }
  winsize size{};
  const std::size_t room = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col - 1u : 79u;
  // Words say more than the bar: it is what gives way on a narrow terminal.
  const std::string title = title_.empty() ? "" : title_ + " ";
  const std::string words = fmt::format(" {:3.0f} % {}", share * 100, text);
  const auto left = static_cast<long>(room) - static_cast<long>(columns(title) + columns(words));
  const int cells = static_cast<int>(std::clamp(left, 8L, 24L));
  const int filled = static_cast<int>(share * cells + 0.5);
  std::string line = title;
  for (int i = 0; i < cells; ++i) line += i < filled ? "█" : "░";
  line += words;
  while (columns(line) > room) line.pop_back();
  const std::size_t width = columns(line);
  fmt::print(stderr, "\r{}{}", line, std::string(width_ > width ? width_ - width : 0, ' '));
  std::fflush(stderr);
  width_ = width;
}

void ProgressBar::say(const std::string& line) {
  const std::string blank = terminal_ && width_ > 0 ? "\r" + std::string(width_, ' ') + "\r" : std::string();
  fmt::print(stderr, "{}{}\n", blank, line);
  width_ = 0;
}

void print_document(const nlohmann::json& document) {
  fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

void print_written(const std::string& file, bool as_json, nlohmann::json document) {
  fmt::print(stderr, "wrote {}\n", file);
  document["written"] = file;
  if (as_json) print_document(document);
}
void print_written(const std::string& file, bool as_json) { print_written(file, as_json, nlohmann::json::object()); }

std::string duration_text(double seconds) {
  const auto whole = static_cast<long long>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  std::vector<bool> right;
  for (std::size_t c = 0; c < header.size(); ++c) {
    std::size_t width = columns(header[c]);
    bool numbers = !rows.empty();
    for (const auto& row : rows) {
      if (c >= row.size()) continue;
      width = std::max(width, columns(row[c]));
      numbers = numbers && numeric(row[c]);
    }
    widths.push_back(width);
    right.push_back(numbers);
  }
  std::string text;
  const auto add = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t c = 0; c < header.size(); ++c) {
      const std::string cell = c < cells.size() ? cells[c] : "";
      const std::string padding(widths[c] - columns(cell), ' ');
      line += (c > 0 ? "  " : "") + (right[c] ? padding + cell : cell + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  add(header);
  for (const auto& row : rows) add(row);
  return text;
}

}  // namespace tokenmark::cli
