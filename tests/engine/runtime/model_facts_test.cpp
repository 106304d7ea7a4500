#include "engine/runtime/model_facts.h"

#include <gmock/gmock.h>

namespace tokenmark {
namespace {

std::string fact(const Model& model, const std::string& name) {
  for (const ModelFact& each : model_facts(model, std::uint64_t{1} << 30))
    if (each.name == name) return each.text;
  return "missing";
}

TEST(ModelFacts, a_chat_template_that_cannot_be_used_is_named_with_place_and_reason) {
  auto model = open_model("shape:stories260k:f32");
  ASSERT_TRUE(model) << model.error().message;
  model->chat_template = "{% for m in messages %}{{ m.content }}{% endfor %}";
  EXPECT_EQ(fact(*model, "chat template"), "present");
  EXPECT_EQ(chat_template_problem(*model), "");
  model->chat_template = "{{ messages[0].content }}\n{% import 'x' %}";
  EXPECT_THAT(chat_template_problem(*model), testing::StartsWith("the template's line 2: "));
  EXPECT_THAT(fact(*model, "chat template"), testing::HasSubstr("cannot be used, a chat is refused: the template's line 2: "));
}

}  // namespace
}  // namespace tokenmark
