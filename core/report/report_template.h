// Reports through a template that a user can change: Mustache (mustache(5), https://mustache.github.io), filled with the
// document of report_document.h. {{name}} writes a text escaped for HTML, {{{svg}}} the picture of a chart as it is;
// {{#name}}…{{/name}} repeats its inside for each entry or shows it where there is something, {{^name}}…{{/name}} where there
// is not; {{#section.summary}} is one section; {{> all_blocks}} writes the blocks of a section as the default template does.
// Pure functions, any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tokenmark {

// The default template, complete in one text.
std::string default_report_template();

// What is wrong with a template, by file and line: "my.html:12: {{/sections}} closes {{#blocks}} of line 9".
Status check_report_template(std::string_view text, const std::string& file_name);

Result<std::string> render_report(const nlohmann::json& document, std::string_view text, const std::string& file_name);

}  // namespace tokenmark
