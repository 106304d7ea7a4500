#include "engine/template/template.h"

#include "engine/template/interpreter.h"

namespace tokenmark::jinja {
namespace {

constexpr std::size_t kLongestSource = 1u << 20;

tl::unexpected<Error> failed(const TemplateError& error) {
  return fail(ErrorKind::invalid_input, "the template's line {}: {}", error.line, error.message);
}

// Work in proportion to what is to be rendered is fine.
std::uint64_t size_of(const Value& value) {
  std::uint64_t size = 1;
  if (value.text()) size += value.text()->size();
  if (value.list())
    for (const Value& item : *value.list()) size += size_of(item);
  if (value.dict())
    for (const auto& [key, item] : value.dict()->entries()) size += key.size() + size_of(item);
  return size;
}

}  // namespace

struct Template::Parsed {
  Body body;
};

Template::Template(std::unique_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
Template::~Template() = default;
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;

Result<Template> Template::parse(std::string_view source) {
  if (source.size() > kLongestSource)
    return fail(ErrorKind::invalid_input, "the template has {} bytes, at most {} are taken", source.size(), kLongestSource);
  try {
    return Template(std::make_unique<const Parsed>(Parsed{parse_template(source)}));
  } catch (const TemplateError& error) {
    return failed(error);
  }
}

Result<std::string> Template::render(const Value& variables, std::chrono::system_clock::time_point now) const {
  if (!variables.dict()) return fail(ErrorKind::internal, "a template's variables must be a mapping");
  try {
    Limits limits;
    limits.steps += size_of(variables) * 8;
    return Interpreter(*variables.dict(), limits, now).run(parsed_->body);
  } catch (const TemplateError& error) {
    return failed(error);
  }
}

}  // namespace tokenmark::jinja
