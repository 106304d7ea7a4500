#include "kernels/gpu/tuning/table_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "kernels/formats/format.h"

namespace tokenmark::gpu {
namespace {

constexpr std::string_view kTitle = "tokenmark tuning table 1";
constexpr std::size_t kMostBytes = 4 << 20;
constexpr std::uint32_t kMostValue = 1u << 30, kMostBlocks = 1u << 20, kMostSplit = 4096;

std::string name_of(std::uint32_t format) { return std::string(format_name(static_cast<Format>(format))); }
std::string micros(const Times& t) { return fmt::format("{:.3f} {:.3f}", t.chosen_s * 1e6, t.rule_s * 1e6); }

std::string line_of(const TunedProduct& p) {
  const ProductChoice& c = p.choice;
  return fmt::format("product       {} {} {} {} {} {} {} {} {} {} {}\n", name_of(p.format), p.up_to_rows, p.matrix_rows, p.columns, p.groups,
                     c.gemv ? "gemv" : "gemm", c.rows_a_block, c.blocks, c.split, c.chunk, micros(p.times));
}
std::string line_of(const TunedGroups& g) {
  return fmt::format("groups        {} {} {} {} {} {} {}\n", name_of(g.format), g.up_to_rows, g.experts, g.used, g.width, g.rows_a_block, micros(g.times));
}
std::string line_of(const TunedAttention& a) {
  const AttentionShape& s = a.shape;
  return fmt::format("attention     {} {} {} {} {} {} {} {}\n", name_of(s.format), s.tiles, s.heads, s.kv_heads, s.key_dim, s.value_dim, a.parts, micros(a.times));
}

bool same_shape(const TunedProduct& a, const TunedProduct& b) {
  return a.device == b.device && a.format == b.format && a.up_to_rows == b.up_to_rows && a.matrix_rows == b.matrix_rows && a.columns == b.columns && a.groups == b.groups;
}
bool same_shape(const TunedGroups& a, const TunedGroups& b) {
  return a.device == b.device && a.format == b.format && a.up_to_rows == b.up_to_rows && a.experts == b.experts && a.used == b.used && a.width == b.width;
}
bool same_shape(const TunedAttention& a, const TunedAttention& b) {
  const AttentionShape &s = a.shape, &t = b.shape;
  return a.device == b.device && s.format == t.format && s.tiles == t.tiles && s.heads == t.heads && s.kv_heads == t.kv_heads && s.key_dim == t.key_dim && s.value_dim == t.value_dim;
}
template <class Entry>
void merge_entries(std::vector<Entry>& into, const std::vector<Entry>& more) {
  for (const Entry& entry : more) {
    std::erase_if(into, [&](const Entry& old) { return same_shape(old, entry); });
    into.push_back(entry);
  }
}

// The words of one line; the first that is not what is asked for is remembered.
class Line {
 public:
  Line(std::size_t number, std::string_view text) : number_(number), rest_(text) {}

  std::string_view word() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
    const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t"));
    rest_.remove_prefix(word.size());
    return word;
  }
  std::string remainder() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
    return std::string(rest_);
  }
  std::uint32_t number(const char* what, std::uint32_t least = 1, std::uint32_t most = kMostValue) {
    const std::string_view text = word();
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
      problem(text, fmt::format("{}, a whole number from {} to {}", what, least, most));
    return value;
  }
  Times times() {
    const double chosen = microseconds("the time as chosen"), rule = microseconds("the time by the rule");
    return {chosen * 1e-6, rule * 1e-6};
  }
  std::uint32_t format() {
    const std::string_view text = word();
    const auto format = format_from_name(text);
    if (!format) problem(text, "a number format");
    return format ? static_cast<std::uint32_t>(*format) : 0;
  }
  void problem(std::string_view found, const std::string& expected) {
    if (problem_.empty()) problem_ = fmt::format("line {}: '{}' is not {}", number_, found.substr(0, 40), expected);
  }
  Status end() {
    if (const std::string_view more = word(); !more.empty()) problem(more, "the end of the line");
    if (problem_.empty()) return {};
    return fail(ErrorKind::invalid_input, "{}", problem_);
  }

 private:
  double microseconds(const char* what) {
    const std::string_view text = word();
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= 0 && value < 1e9)) problem(text, std::string(what) + ", microseconds");
    return value;
  }

  std::size_t number_;
  std::string_view rest_;
  std::string problem_;
};

void read(Line& line, TunedProduct& p) {
  p.format = line.format();
  p.up_to_rows = line.number("the rows up to which it holds");
  p.matrix_rows = line.number("the matrix' rows");
  p.columns = line.number("the matrix' columns");
  p.groups = line.number("the number of matrices");
  const std::string_view kernel = line.word();
  p.choice.gemv = kernel == "gemv";
  if (kernel != "gemv" && kernel != "gemm") line.problem(kernel, "a kernel, gemv or gemm");
  p.choice.rows_a_block = line.number("the rows of a block");
  p.choice.blocks = line.number("the number of blocks", 0, kMostBlocks);
  p.choice.split = line.number("the split", 1, kMostSplit);
  p.choice.chunk = line.number("the columns at a time", 0, kMostBlocks);
  p.times = line.times();
}
void read(Line& line, TunedGroups& g) {
  g.format = line.format();
  g.up_to_rows = line.number("the rows up to which it holds");
  g.experts = line.number("the number of experts");
  g.used = line.number("the number of experts used");
  g.width = line.number("the matrix' columns");
  g.rows_a_block = line.number("the rows of a block");
  g.times = line.times();
}
void read(Line& line, TunedAttention& a) {
  a.shape.format = line.format();
  a.shape.tiles = line.number("the tiles up to which it holds");
  a.shape.heads = line.number("the number of heads");
  a.shape.kv_heads = line.number("the number of key/value heads");
  a.shape.key_dim = line.number("the size of a key");
  a.shape.value_dim = line.number("the size of a value");
  a.parts = line.number("the number of parts");
  a.times = line.times();
}
template <class Entry>
void read_entry(Line& line, const std::string& device, std::vector<Entry>& entries) {
  Entry& entry = entries.emplace_back();
  entry.device = device;
  read(line, entry);
}

// "device", "architecture" …: where the head's value is, or null.
const std::string* value_of(const TuningHead& head, std::string_view name) {
  return name == "device" ? &head.device : name == "architecture" ? &head.architecture : name == "driver" ? &head.driver : name == "kernels" ? &head.kernels : nullptr;
}
std::string words_of(std::string_view name, std::string_view value) {
  if (name == "kernels") return fmt::format("other kernels ({})", value);
  return fmt::format("the {} '{}'", name, value.substr(0, 100));
}

}  // namespace

std::string table_text(const TuningHead& head, const TuningTable& table) {
  std::string text = fmt::format("{}\ndevice        {}\narchitecture  {}\ndriver        {}\nkernels       {}\n", kTitle, head.device, head.architecture, head.driver, head.kernels);
  if (!table.products.empty())
    text += "\n# format, rows up to which it holds, the matrix' rows and columns, matrices: kernel, rows a block, blocks, split, columns at a time: us, us by the rule\n";
  for (const TunedProduct& p : table.products) text += line_of(p);
  if (!table.groups.empty()) text += "\n# format, rows up to which it holds, experts, those used, columns: rows a block: us, us by the rule\n";
  for (const TunedGroups& g : table.groups) text += line_of(g);
  if (!table.attention.empty())
    text += "\n# cache, tiles up to which it holds, heads, key/value heads, sizes of a key and a value: parts: us, us by the rule\n";
  for (const TunedAttention& a : table.attention) text += line_of(a);
  return text;
}

Result<TuningTable> read_table(std::string_view text, const TuningHead& head) {
  if (text.size() > kMostBytes) return fail(ErrorKind::invalid_input, "it has {} bytes, a table has {} at most", text.size(), kMostBytes);
  TuningTable table;
  std::size_t number = 0;
  std::set<const std::string*> named;  // of the head
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view content = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (content.ends_with('\r')) content.remove_suffix(1);
    if (++number == 1 && content != kTitle)
      return fail(ErrorKind::invalid_input, "line 1: '{}' is not '{}'", content.substr(0, 40), kTitle);
    Line line(number, content);
    const std::string_view kind = line.word();
    if (number == 1 || kind.empty() || kind.starts_with('#')) continue;
    if (const std::string* wanted = value_of(head, kind)) {
      const std::string found = line.remainder();
      if (found != *wanted) return fail(ErrorKind::unavailable, "it was measured with {}, here is {}", words_of(kind, found), words_of(kind, *wanted));
      named.insert(wanted);
      continue;
    }
    if (named.size() < 4) return fail(ErrorKind::invalid_input, "line {}: a choice stands before device, architecture, driver and kernels", number);
    if (kind == "product") read_entry(line, head.device, table.products);
    else if (kind == "groups") read_entry(line, head.device, table.groups);
    else if (kind == "attention") read_entry(line, head.device, table.attention);
    else line.problem(kind, "product, groups or attention");
    TOKENMARK_CHECK(line.end());
  }
  if (named.size() < 4) return fail(ErrorKind::invalid_input, "line {}: the table ends before device, architecture, driver and kernels are named", number);
  return table;
}

void merge(TuningTable& into, const TuningTable& more) {
  merge_entries(into.products, more.products);
  merge_entries(into.groups, more.groups);
  merge_entries(into.attention, more.attention);
}

TuningSummary summarize(const TuningTable& table) {
  TuningSummary summary;
  double logarithms = 0;
  const auto count = [&](const auto& entries) {
    for (const auto& entry : entries) {
      ++summary.choices;
      if (!(entry.times.chosen_s > 0 && entry.times.chosen_s < entry.times.rule_s)) continue;
      const double gain = entry.times.rule_s / entry.times.chosen_s;
      ++summary.changed;
      logarithms += std::log(gain);
      summary.largest_gain = std::max(summary.largest_gain, gain);
    }
  };
  count(table.products);
  count(table.groups);
  count(table.attention);
  if (summary.changed > 0) summary.mean_gain = std::exp(logarithms / summary.changed);
  return summary;
}

}  // namespace tokenmark::gpu
