#include "core/quality/rouge.h"

#include <libstemmer.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>

namespace tokenmark {
namespace {

using Words = std::vector<std::string>;

// Forms that the scorers in use (NLTK's Porter stemmer, its own extensions) keep apart from the published rules.
constexpr std::pair<std::string_view, std::string_view> kIrregular[] = {
    {"skies", "sky"}, {"dying", "die"}, {"lying", "lie"}, {"tying", "tie"}, {"news", "news"}, {"innings", "inning"},
    {"inning", "inning"}, {"outings", "outing"}, {"outing", "outing"}, {"cannings", "canning"}, {"canning", "canning"},
    {"howe", "howe"}, {"proceed", "proceed"}, {"exceed", "exceed"}, {"succeed", "succeed"}};

std::string stem(const std::string& word) {
  // One a thread: a stemmer keeps its last word.
  thread_local const std::unique_ptr<sb_stemmer, decltype(&sb_stemmer_delete)> stemmer(sb_stemmer_new("porter", nullptr),
                                                                                      sb_stemmer_delete);
  if (!stemmer || word.size() <= 3) return word;
  for (const auto& [form, stem] : kIrregular)
    if (form == word) return std::string(stem);
  if (word.size() == 4 && (word.ends_with("ies") || word.ends_with("ied"))) return word.substr(0, 1) + "ie";
  const sb_symbol* stemmed =
      sb_stemmer_stem(stemmer.get(), reinterpret_cast<const sb_symbol*>(word.data()), static_cast<int>(word.size()));
  if (!stemmed) return word;
  std::string stem(reinterpret_cast<const char*>(stemmed), static_cast<std::size_t>(sb_stemmer_length(stemmer.get())));
  // There a y behind a vowel stays (play, not plai).
  if (stem.size() >= 2 && stem.back() == 'i' && word[stem.size() - 1] == 'y' &&
      std::string_view("aeiou").find(stem[stem.size() - 2]) != std::string_view::npos)
    stem.back() = 'y';
  return stem;
}

double f1(double hits, std::size_t given, std::size_t expected) {
  if (hits == 0) return 0;
  const double precision = hits / static_cast<double>(given), recall = hits / static_cast<double>(expected);
  return 2 * precision * recall / (precision + recall);
}

template <std::size_t kN>
std::map<std::array<std::string, kN>, int> grams(const Words& words) {
  std::map<std::array<std::string, kN>, int> counts;
  for (std::size_t i = 0; i + kN <= words.size(); ++i) {
    std::array<std::string, kN> gram;
    std::copy_n(words.begin() + static_cast<std::ptrdiff_t>(i), kN, gram.begin());
    ++counts[gram];
  }
  return counts;
}

template <std::size_t kN>
double rouge_n(const Words& given, const Words& expected) {
  if (given.size() < kN || expected.size() < kN) return 0;
  const auto mine = grams<kN>(given);
  double hits = 0;
  for (const auto& [gram, count] : grams<kN>(expected))
    if (const auto found = mine.find(gram); found != mine.end()) hits += std::min(count, found->second);
  return f1(hits, given.size() - kN + 1, expected.size() - kN + 1);
}

// lengths[i][j]: of the longest common subsequence of the first i and first j words.
std::vector<std::vector<int>> common_lengths(const Words& a, const Words& b) {
  std::vector<std::vector<int>> lengths(a.size() + 1, std::vector<int>(b.size() + 1, 0));
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j)
      lengths[i][j] = a[i - 1] == b[j - 1] ? lengths[i - 1][j - 1] + 1 : std::max(lengths[i - 1][j], lengths[i][j - 1]);
  return lengths;
}

int common_length(const Words& a, const Words& b) {  // two rows are enough for the length alone
  std::vector<int> last(b.size() + 1, 0), now(b.size() + 1, 0);
  for (const std::string& word : a) {
    for (std::size_t j = 1; j <= b.size(); ++j) now[j] = word == b[j - 1] ? last[j - 1] + 1 : std::max(last[j], now[j - 1]);
    last.swap(now);
  }
  return last.back();
}

// Which words of `expected` belong to a longest common subsequence with `given`.
void mark_common(const Words& expected, const Words& given, std::vector<bool>& marked) {
  const auto lengths = common_lengths(expected, given);
  std::size_t i = expected.size(), j = given.size();
  while (i > 0 && j > 0) {
    if (expected[i - 1] == given[j - 1]) {
      marked[i - 1] = true;
      --i, --j;
    } else if (lengths[i][j - 1] > lengths[i - 1][j]) {
      --j;
    } else {
      --i;
    }
  }
}

std::vector<Words> lines_of(std::string_view text) {
  std::vector<Words> lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (Words words = rouge_words(text.substr(begin, end - begin)); end > begin) lines.push_back(std::move(words));
    begin = end + 1;
  }
  return lines;
}

std::map<std::string, int> counts_of(const std::vector<Words>& lines) {
  std::map<std::string, int> counts;
  for (const Words& line : lines)
    for (const std::string& word : line) ++counts[word];
  return counts;
}

std::size_t total(const std::vector<Words>& lines) {
  std::size_t words = 0;
  for (const Words& line : lines) words += line.size();
  return words;
}

double rouge_l_of_lines(const std::vector<Words>& given, const std::vector<Words>& expected) {
  auto left_given = counts_of(given), left_expected = counts_of(expected);
  double hits = 0;
  for (const Words& line : expected) {
    std::vector<bool> marked(line.size());
    for (const Words& other : given) mark_common(line, other, marked);
    for (std::size_t i = 0; i < line.size(); ++i) {  // a word counts as often as both sides have it
      if (!marked[i] || left_given[line[i]] == 0 || left_expected[line[i]] == 0) continue;
      ++hits;
      --left_given[line[i]];
      --left_expected[line[i]];
    }
  }
  return f1(hits, total(given), total(expected));
}

}  // namespace

std::vector<std::string> rouge_words(std::string_view text) {
  Words words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty()) words.push_back(stem(word));
    word.clear();
  };
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9')) word += lower;
    else finish();
  }
  finish();
  return words;
}

Rouge rouge(std::string_view given, std::string_view expected) {
  const Words mine = rouge_words(given), theirs = rouge_words(expected);
  if (mine.empty() || theirs.empty()) return {};
  return {rouge_n<1>(mine, theirs), rouge_n<2>(mine, theirs),
          f1(common_length(theirs, mine), mine.size(), theirs.size()), rouge_l_of_lines(lines_of(given), lines_of(expected))};
}

}  // namespace tokenmark
