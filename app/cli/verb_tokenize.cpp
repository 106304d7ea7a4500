// tokenize: text to token ids and back with a model's own vocabulary.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "engine/model/model.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark::cli {
namespace {

using nlohmann::json;

struct TokenizeOptions {
  std::string model;
  bool decode = false, json = false;
};

Result<std::string> read_standard_input() {
  constexpr std::size_t kLimit = (1u << 30) - 1;
  std::string text;
  char part[1 << 16];
  while (const std::size_t count = std::fread(part, 1, sizeof(part), stdin)) {
    text.append(part, count);
    if (text.size() > kLimit) return fail(ErrorKind::invalid_input, "standard input is longer than 1 GiB");
  }
  if (std::ferror(stdin)) return fail(ErrorKind::io, "standard input cannot be read");
  return text;
}

Result<TokenId> token_id(std::string_view text, std::int32_t vocabulary) {
  std::int64_t id = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size())
    return fail(ErrorKind::invalid_input, "'{}' is not a token id", text.substr(0, 80));
  if (id < 0 || id >= vocabulary)
    return fail(ErrorKind::invalid_input, "token id {} is not in the vocabulary of {} tokens", id, vocabulary);
  return static_cast<TokenId>(id);
}

// Ids between blanks, commas and brackets; so what --json printed is understood as well.
Result<std::vector<TokenId>> read_ids(std::string_view text, std::int32_t vocabulary) {
  constexpr std::string_view kBetween = " \t\r\n,[]{}:";
  std::vector<TokenId> ids;
  for (std::size_t at = 0; (at = text.find_first_not_of(kBetween, at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBetween, at), text.size());
    const std::string_view word = text.substr(at, end - at);
    at = end;
    if (word == "\"ids\"") continue;
    TOKENMARK_TRY(const TokenId id, token_id(word, vocabulary));
    ids.push_back(id);
  }
  return ids;
}

void print_json(const json& document) {
  // Bytes that are not UTF-8 cannot stand in JSON: they become U+FFFD.
  const std::string text = document.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_ids(const std::vector<TokenId>& ids) {
  std::string line;
  for (const TokenId id : ids) line += (line.empty() ? "" : " ") + std::to_string(id);
  line += "\n";
  std::fwrite(line.data(), 1, line.size(), stdout);
}

Status tokenize(const TokenizeOptions& options) {
  TOKENMARK_TRY(const auto tokenizer, open_tokenizer(options.model));
  TOKENMARK_TRY(const std::string input, read_standard_input());
  if (options.decode) {
    TOKENMARK_TRY(const auto ids, read_ids(input, tokenizer->vocabulary_size()));
    const std::string text = tokenizer->decode(ids);
    if (options.json)
      print_json({{"text", text}});
    else
      std::fwrite(text.data(), 1, text.size(), stdout);
  } else {
    const auto ids = tokenizer->encode(input, false);
    if (options.json)
      print_json({{"ids", ids}});
    else
      print_ids(ids);
  }
  if (std::fflush(stdout) != 0) return fail(ErrorKind::io, "standard output cannot be written");
  return {};
}

}  // namespace

void add_tokenize(CLI::App& app, Context& context) {
  const auto options = std::make_shared<TokenizeOptions>();
  CLI::App* verb = app.add_subcommand("tokenize", "Token ids of standard input, without special tokens, and back");
  verb->add_option("--model", options->model, "GGUF file (a vocabulary alone will do), or shape:NAME:FORMAT")->required();
  verb->add_flag("--decode", options->decode, "Read ids from standard input and print their text");
  verb->add_flag("--json", options->json, "Print {\"ids\": […]}, or {\"text\": …} with --decode");
  verb->footer("Example: echo -n 'Once upon a time' | tokenmark-cli tokenize --model model.gguf");
  verb->callback([&context, options] {
    context.action = [options] {
      const auto done = tokenize(*options);
      return done ? kDone : report(done.error());
    };
  });
}

}  // namespace tokenmark::cli
