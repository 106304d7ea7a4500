// The pre-tokenizers that GGUF files name. Expressions are facts of the models' published tokenizer.json (o200k's:
// tiktoken's openai_public.py); test data and golden files hold them against the models' own tokenizers.
#include <fmt/format.h>

#include <algorithm>

#include "engine/tokenizer/pretokenizer.h"

namespace tokenmark {
namespace {

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

#define LLAMA3_START R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|)"
#define LLAMA3_END R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"
#define GPT2 R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"
#define CONTRACTION R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
#define UPPER R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])"
#define LOWER R"([\p{Ll}\p{Lm}\p{Lo}\p{M}])"
#define ASCII_PUNCTUATION R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])"

// One family of models: expressions that cut one after the other.
struct Rules {
  std::string_view name;
  std::vector<std::string_view> aliases;
  std::vector<std::string_view> expressions;
  bool whole_pieces_first = false;
  bool adds_bos = false;
  bool nfc = false;
};

const std::vector<Rules>& known_rules() {
  static const std::vector<Rules> rules = {
      {"gpt-2", {"phi-2", "mpt", "olmo", "jais", "gigachat", "a.x-4.0", "mellum", "modern-bert"}, {GPT2}},
      {"llama-bpe", {"llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"},
       {LLAMA3_START R"(\p{N}{1,3})" LLAMA3_END}, true, true},
      {.name = "qwen2", .aliases = {"deepseek-r1-qwen", "kormo", "megrez"},
       .expressions = {LLAMA3_START R"(\p{N})" LLAMA3_END}, .nfc = true},
      {"stablelm2", {"hunyuan", "solar-open"}, {LLAMA3_START R"(\p{N})" LLAMA3_END}},
      {"qwen35", {},
       {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|)"
        R"(\s*[\r\n]+|\s+(?!\S)|\s+)"}},
      {"dbrx", {"smaug-bpe", "glm4", "chatglm-bpe"}, {LLAMA3_START R"(\p{N}{1,3})" LLAMA3_END}},
      {"gpt-4o", {"o200k", "llama4", "kanana2"},
       {R"([^\r\n\p{L}\p{N}]?)" UPPER "*" LOWER "+" CONTRACTION R"([^\r\n\p{L}\p{N}]?)" UPPER "+" LOWER "*" CONTRACTION
        R"(\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}},
      {"tekken", {},
       {R"([^\r\n\p{L}\p{N}]?)" UPPER "*" LOWER R"(+|[^\r\n\p{L}\p{N}]?)" UPPER "+" LOWER
        R"(*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}, true},
      {"deepseek-v3", {"hunyuan-dense"},
       {R"(\p{N}{1,3})", R"([\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+)",
        ASCII_PUNCTUATION R"([A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|)"
                          R"(\s+(?!\S)|\s+)"}},
      {"deepseek-llm", {},
       {R"([\r\n])", R"(\s?)" DEEPSEEK_LETTERS "+",
        R"(\s?[!-/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}\x{3000}-\x{3002}]+)", R"(\s+$)",
        R"([\x{4E00}-\x{9FA5}\x{800}-\x{4E00}\x{AC00}-\x{D7FF}]+)", R"(\p{N})"}},
      {"deepseek-coder", {},
       {R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)", R"([\x{4E00}-\x{9FA5}\x{800}-\x{4E00}\x{AC00}-\x{D7FF}]+)",
        R"(\p{N})"}},
      {"smollm", {"starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"}, {R"(\p{N})", GPT2}},
      {"falcon", {}, {R"([\p{P}$+<=>^~|`]+)", GPT2, "[0-9][0-9][0-9]"}},
      // What files without a name, or with this one, were made for.
      {"default", {""}, {R"([\p{P}$+<=>^~|]+)", GPT2, R"(\p{N}+)", "[0-9][0-9][0-9]"}}};
  return rules;
}

}  // namespace

const std::string_view kGpt2Expression = GPT2;

const std::string_view kPretokenizerProbe =
    "Hello World, it's WE'LL they'Re 'S 'tis\n\n \n   four  spaces\t\ttabs \r\n end \r"
    "1 12 123 1234 12345 1234567 v2x 3D \u0663\u0664\u0665\u0666 \u00b2\u00bd\n"
    "a_b $abc #tag @me (x) [y] {z}; ... !!! ?!\n //path/to/x\n\n=== <= >= ^| ~~ `code` \\n \"q\"/\n"
    "HelloWORLDAgain iPhoneX \u01c5e ABCdef XMLHttp \u00c9t\u00e9 e\u0301te\u0301 na\u00efve \u0939\u093f\u0928\u094d\u0926\u0940 don't\n"
    "\u4e2d\u6587\u5b57\u7b26\u3002\u6d4b\u8bd5 \u3072\u3089\u304c\u306a\u30ab\u30ca \ud55c\uad6d\uc5b4 \u0440\u0443\u0441\u0441\u043a\u0438\u0439 \u0639\u0631\u0628\u064a\u0629\n"
    "\uff01\uff0c\u201cquoted\u201d \u2014 \u00bfque\u0301? \u00a3\u20ac+1 \u2211x \U0001F600\U0001F44D\U0001F3FD!\u00a0nbsp  \n \n  last   ";

std::vector<std::string_view> pretokenizer_names() {
  std::vector<std::string_view> names;
  for (const Rules& rules : known_rules()) names.push_back(rules.name);
  return names;
}

Result<NamedPretokenizer> find_pretokenizer(std::string_view name) {
  for (const Rules& rules : known_rules()) {
    if (rules.name != name && std::ranges::find(rules.aliases, name) == rules.aliases.end()) continue;
    std::vector<PretokenizerStep> steps;
    for (const std::string_view expression : rules.expressions) {
      TOKENMARK_TRY(auto step, split_step(expression));
      steps.push_back(std::move(step));
    }
    return NamedPretokenizer{rules.name, Pretokenizer(std::move(steps)), rules.whole_pieces_first, rules.adds_bos,
                             rules.nfc};
  }
  return fail(ErrorKind::invalid_input, "pre-tokenizer '{}' (tokenizer.ggml.pre) is not known; known are {}", name,
              fmt::join(pretokenizer_names(), ", "));
}

}  // namespace tokenmark
