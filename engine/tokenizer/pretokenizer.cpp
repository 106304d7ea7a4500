#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/tokenizer/pretokenizer.h"

#include <fmt/format.h>
#include <pcre2.h>

#include <algorithm>
#include <string>

namespace tokenmark {
namespace {

// Unicode's White_Space, spelled out since engines differ on what \s is.
#define SPACES R"(\x09-\x0D\x20\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})"
#define SPACE "[" SPACES "]"
#define NOT_SPACE "[^" SPACES "]"

// Letters with case, as deepseek-llm's tokenizer.json lists them (fewer than Unicode knows today).
#define DEEPSEEK_LETTERS \
  R"([A-Za-z\x{B5}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{1BA}\x{1BC}-\x{1BF}\x{1C4}-\x{293}\x{295}-\x{2AF}\x{370}-\x{373})" \
  R"(\x{376}\x{377}\x{37B}-\x{37D}\x{37F}\x{386}\x{388}-\x{38A}\x{38C}\x{38E}-\x{3A1}\x{3A3}-\x{3F5}\x{3F7}-\x{481})" \
  R"(\x{48A}-\x{52F}\x{531}-\x{556}\x{10A0}-\x{10C5}\x{13A0}-\x{13F5}\x{13F8}-\x{13FD}\x{1C90}-\x{1CBA})" \
  R"(\x{1CBD}-\x{1CBF}\x{1D00}-\x{1D2B}\x{1D6B}-\x{1D77}\x{1D79}-\x{1D9A}\x{1E00}-\x{1F15}\x{1F18}-\x{1F1D})" \
  R"(\x{1F20}-\x{1F45}\x{1F48}-\x{1F4D}\x{1F50}-\x{1F57}\x{1F59}\x{1F5B}\x{1F5D}\x{1F5F}-\x{1F7D}\x{1F80}-\x{1FB4})" \
  R"(\x{1FB6}-\x{1FBC}\x{1FBE}\x{1FC2}-\x{1FC4}\x{1FC6}-\x{1FCC}\x{1FD0}-\x{1FD3}\x{1FD6}-\x{1FDB}\x{1FE0}-\x{1FEC})" \
  R"(\x{1FF2}-\x{1FF4}\x{1FF6}-\x{1FFC}\x{2102}\x{2107}\x{210A}-\x{2113}\x{2115}\x{2119}-\x{211D}\x{2124}\x{2126})" \
  R"(\x{2128}\x{212A}-\x{212D}\x{212F}-\x{2134}\x{2139}\x{213C}-\x{213F}\x{2145}-\x{2149}\x{214E}\x{2183}\x{2184})" \
  R"(\x{2C00}-\x{2C7B}\x{2C7E}-\x{2CE4}\x{2CEB}-\x{2CEE}\x{2CF2}\x{2CF3}\x{A640}-\x{A66D}\x{A680}-\x{A69B})" \
  R"(\x{A722}-\x{A76F}\x{A771}-\x{A787}\x{A78B}-\x{A78E}\x{AB70}-\x{ABBF}\x{FB00}-\x{FB06}\x{FB13}-\x{FB17})" \
  R"(\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{10400}-\x{1044F}\x{104B0}-\x{104D3}\x{104D8}-\x{104FB}\x{10C80}-\x{10CB2})" \
  R"(\x{10CC0}-\x{10CF2}\x{118A0}-\x{118DF}\x{1E900}-\x{1E943}])"

// One family of models: expressions that cut one after the other. What an expression matches is a piece of its own,
// and so is each gap; the next expression cuts them further.
struct Rules {
  std::string_view name;
  std::vector<std::string_view> aliases;
  std::vector<std::string_view> expressions;
  bool whole_pieces_first = false;
  bool adds_bos = false;
};

// Expressions: the models' published tokenizer.json; test data holds them against their own tokenizers' ids.
const std::vector<Rules>& known_rules() {
  static const std::vector<Rules> rules = {
      {"gpt-2",
       {},
       {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{L}\p{N})" SPACES "]+|" SPACE "+(?!" NOT_SPACE ")|" SPACE "+"}},
      {"llama-bpe",
       {"llama3", "llama-v3"},
       {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\p{L}\p{N})" SPACES R"(]+[\r\n]*|)" SPACE
        R"(*[\r\n]+|)" SPACE "+(?!" NOT_SPACE ")|" SPACE "+"},
       true,
       true},
      {"deepseek-llm",
       {},
       {R"([\r\n])", SPACE "?" DEEPSEEK_LETTERS "+",
        SPACE R"(?[!-/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}\x{3000}-\x{3002}]+)",
        // White space at the end; the look-behind keeps a long run that is not at the end from being tried n² times.
        "(?<!" SPACE ")" SPACE R"(++\z)",
        R"([\x{4E00}-\x{9FA5}\x{800}-\x{4E00}\x{AC00}-\x{D7FF}]+)", R"(\p{N})"}}};
  return rules;
}

struct FreeCode {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
using Code = std::unique_ptr<pcre2_code, FreeCode>;

Result<Code> compile(std::string_view expression) {
  int number = 0;
  PCRE2_SIZE offset = 0;
  // Bytes that are not UTF-8 match nothing: they end up in the gaps.
  Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(),
                          PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF, &number, &offset, nullptr));
  if (!code) return fail(ErrorKind::internal, "pre-tokenizer expression is wrong at {} (PCRE2 error {})", offset, number);
  pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);  // where there is no JIT the interpreter runs
  return code;
}

// The working memory of one call.
struct Matcher {
  Matcher() : matches(pcre2_match_data_create(1, nullptr)) {}
  ~Matcher() { pcre2_match_data_free(matches); }
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;
  pcre2_match_data* matches;
};

using Pieces = std::vector<std::string_view>;

void cut(const pcre2_code* code, const Matcher& matcher, std::string_view text, Pieces& pieces) {
  std::size_t done = 0, from = 0;
  while (from < text.size()) {
    // A match limit that is reached ends the cutting like no match: the rest stays one piece.
    if (pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from, 0, matcher.matches, nullptr) < 0)
      break;
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(matcher.matches);
    if (range[1] <= range[0]) break;  // no expression above matches nothing
    if (range[0] > done) pieces.push_back(text.substr(done, range[0] - done));
    pieces.push_back(text.substr(range[0], range[1] - range[0]));
    done = from = range[1];
  }
  if (done < text.size()) pieces.push_back(text.substr(done));
}

}  // namespace

struct Pretokenizer::Compiled {
  const Rules* rules;
  std::vector<Code> codes;
};

Pretokenizer::Pretokenizer(std::unique_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
Pretokenizer::~Pretokenizer() = default;
Pretokenizer::Pretokenizer(Pretokenizer&&) noexcept = default;
Pretokenizer& Pretokenizer::operator=(Pretokenizer&&) noexcept = default;

Result<Pretokenizer> Pretokenizer::find(std::string_view name) {
  std::vector<std::string_view> known;
  for (const Rules& rules : known_rules()) {
    known.push_back(rules.name);
    if (rules.name != name && std::ranges::find(rules.aliases, name) == rules.aliases.end()) continue;
    auto compiled = std::make_unique<Compiled>();
    compiled->rules = &rules;
    for (const std::string_view expression : rules.expressions) {
      TOKENMARK_TRY(Code code, compile(expression));
      compiled->codes.push_back(std::move(code));
    }
    return Pretokenizer(std::move(compiled));
  }
  return fail(ErrorKind::invalid_input, "pre-tokenizer '{}' (tokenizer.ggml.pre) is not known; known are {}", name,
              fmt::join(known, ", "));
}

std::string_view Pretokenizer::name() const { return compiled_->rules->name; }
bool Pretokenizer::whole_pieces_first() const { return compiled_->rules->whole_pieces_first; }
bool Pretokenizer::adds_bos() const { return compiled_->rules->adds_bos; }

void Pretokenizer::split(std::string_view text, const std::function<void(std::string_view)>& piece) const {
  const Matcher matcher;
  Pieces pieces{text}, finer;
  for (const Code& code : compiled_->codes) {
    finer.clear();
    for (const std::string_view part : pieces) cut(code.get(), matcher, part, finer);
    pieces.swap(finer);
  }
  for (const std::string_view part : pieces) piece(part);
}

}  // namespace tokenmark
