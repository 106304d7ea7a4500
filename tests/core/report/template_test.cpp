// Templates of reports: the default one, a user's, and what is said of those that are wrong.
#include "core/report/report_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/report/report_document.h"
#include "core/report/samples.h"
#include "tests/core/report/rows.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

json sample_document() { return report_document(*make_report(nullptr, *sample_runs(), {.title = "A <title>", .author = "Me & you"})); }

std::string rendered(const std::string& text) {
  const auto html = render_report(sample_document(), text, "my.html");
  return html ? *html : html.error().message;
}

TEST(ReportTemplate, the_default_one_is_right_and_fills_its_whole_page) {
  const std::string text = default_report_template();
  const Status good = check_report_template(text, "report.html");
  EXPECT_TRUE(good) << good.error().message;
  EXPECT_THAT(text, Not(HasSubstr("{{> all_blocks}}"))) << "it is one text that can be changed anywhere";
  const std::string html = rendered(text);
  EXPECT_THAT(html, Not(HasSubstr("{{")));
  EXPECT_TRUE(html.ends_with("</body></html>\n"));
  EXPECT_THAT(html, HasSubstr("<svg"));
}

TEST(ReportTemplate, a_users_own_gets_the_names_of_the_document_escaped) {
  EXPECT_EQ(rendered("{{title}}|{{#author}}by {{.}}{{/author}}|{{^remarks}}none{{/remarks}}"), "A &lt;title&gt;|by Me &amp; you|none");
  EXPECT_THAT(rendered("{{#section.comparison}}yes{{/section.comparison}}{{^section.comparison}}no{{/section.comparison}}"), "no");
  EXPECT_THAT(rendered("{{#section.summary}}{{title}}: {{> all_blocks}}{{/section.summary}}"), HasSubstr("Summary: "));
  EXPECT_THAT(rendered("{{#section.summary}}{{> all_blocks}}{{/section.summary}}"), HasSubstr("<li>16 runs of"));
  EXPECT_THAT(rendered("{{#sections}}{{id}} {{/sections}}"), HasSubstr("summary charts points method"));
}

TEST(ReportTemplate, what_is_wrong_is_named_with_file_and_line) {
  const std::pair<const char*, const char*> wrong[] = {
      {"<p>\n{{titel}}</p>", "my.html:2: a report has no 'titel'; the names are: "},
      {"\n\n{{#sections}}\n{{#blocks}}\n{{/sections}}\n{{/blocks}}", "my.html:5: {{/sections}} closes {{#blocks}} of line 4"},
      {"{{#sections}}\n{{#blocks}}\n{{/blocks}}\n", "my.html:1: {{#sections}} is never closed"},
      {"a\n{{/rows}}", "my.html:2: {{/rows}} closes nothing"},
      {"a\nb {{title", "my.html:2: the tag '{{title…' is not closed with '}}'"},
      {"{{{svg}}", "my.html:1: the tag '{{{svg}}…' is not closed with '}}}'"},
      {"{{> other}}", "my.html:1: there is no part 'other' to put in; there is: all_blocks"},
      {"{{=<% %>=}}", "my.html:1: other delimiters than {{ and }} are not taken"},
      {"{{}}", "my.html:1: a tag without a name"},
      {"{{", "my.html:1: the tag '{{…' is not closed"},
      {"{{#section.nothing}}{{/section.nothing}}", "my.html:1: a report has no 'section.nothing'"}};
  for (const auto& [text, message] : wrong) EXPECT_THAT(rendered(text), testing::StartsWith(message)) << text;
}

// A template may use every name that a document has, and none that no document has.
void gather_names(const json& value, std::set<std::string>& names) {
  if (value.is_object())
    for (const auto& item : value.items()) {
      if (item.key() == "data" || item.key() == "kind") continue;
      names.insert(item.key());
      gather_names(item.value(), names);
    }
  if (value.is_array())
    for (const json& item : value) gather_names(item, names);
}

TEST(ReportTemplate, every_name_of_a_document_is_known_to_templates) {
  RunRow a = done_run(1, "A", 1, 100, 1000), b = done_run(2, "A", 2, 50, 2000), failed = done_run(3, "A", 4, 1, 1);
  failed.state = RunState::failed;
  Figures figures;
  figures.failed = 1;
  figures.client_limited = true;
  figures.ttft_s.p50 = {0.25, Interval{0.21, 0.29}, ""};
  figures.ttft_s.p99 = {{}, {}, "too few"};
  Report report;
  report.title = "t";
  report.charts.push_back({ReportChart::frontier, *frontier_chart({a, b, failed}, {})});
  report.comparison = *comparison_table({a, b, done_run(4, "B", 1, 90, 900), done_run(5, "B", 2, 60, 1500)}, {});
  report.sweeps = {{1, "s", "", "target: {}", "", 1, 1}};
  report.runs = {{a, figures, {{"k", "v"}}, {{"k", "v"}}}, {b, figures, {{"k", "w"}}, {{"k", "v"}}}, {failed, {}, {}, {}}};
  const json document = report_document(report);
  std::set<std::string> names;
  gather_names(document, names);
  EXPECT_GT(names.size(), 25u);
  for (const std::string& name : names) EXPECT_TRUE(check_report_template("{{" + name + "}}", "t")) << name;
  for (const json& section : document["sections"]) {
    const std::string id = section["id"];
    EXPECT_TRUE(check_report_template("{{#section." + id + "}}{{/section." + id + "}}", "t")) << id;
  }
}

TEST(ReportTemplate, damaged_templates_end_in_pages_or_in_errors) {
  const std::string whole = default_report_template();
  for (std::size_t cut = 0; cut < whole.size(); cut += 37) {
    (void)check_report_template(whole.substr(0, cut), "t");
    (void)check_report_template(whole.substr(cut), "t");
  }
  for (const char* text : {"{{{", "{{{}}}", "{{&}}", "{{#}}{{/}}", "{{.}}", "}}", "{{#title}}{{#title}}{{/title}}{{/title}}", "{{! {{ }}", "{", "{{#sections}}{{#.}}{{/.}}{{/sections}}"})
    (void)rendered(text);
}

}  // namespace
}  // namespace tokenmark
