#include "core/load/request_bodies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/load/endpoint_url.h"
#include "core/workload/point_json.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

EndpointTarget endpoint_of(const std::string& api, const std::string& extra = "", const std::string& stream = "on") {
  return {.url = "http://h:8000", .model = "org/m 1", .api = api, .stream = stream, .extra = extra};
}

Result<std::string> try_body(const EndpointTarget& endpoint, const Prompt& prompt = {.text = "say \"hi\"\n"}, std::int32_t output = 7) {
  TOKENMARK_TRY(const BodyWriter writer, BodyWriter::create(endpoint, *find_api(endpoint.api)));
  return writer.body(prompt, output);
}
Json body_of(const EndpointTarget& endpoint, const Prompt& prompt = {.text = "say \"hi\"\n"}) {
  const auto body = try_body(endpoint, prompt);
  EXPECT_TRUE(body) << body.error().message;
  const Json json = Json::parse(body.value_or("null"), nullptr, false);
  EXPECT_TRUE(json.is_object()) << endpoint.api << ": " << body.value_or("");
  return json;
}

TEST(Api, every_name_that_a_point_may_have_is_in_the_table_and_answers_at_its_path) {
  const std::vector<std::array<std::string, 3>> paths = {
      {"completions", "/v1/completions", "/v1/completions"},
      {"chat", "/v1/chat/completions", "/v1/chat/completions"},
      {"responses", "/v1/responses", "/v1/responses"},
      {"embeddings", "/v1/embeddings", "/v1/embeddings"},
      {"tgi", "/generate_stream", "/generate"},
      {"triton", "/v2/models/org%2Fm%201/generate_stream", "/v2/models/org%2Fm%201/generate"},
      {"llama.cpp", "/completion", "/completion"},
      {"images", "/v1/images/generations", "/v1/images/generations"},
      {"videos", "/v1/videos", "/v1/videos"},
      {"videos-sync", "/v1/videos/sync", "/v1/videos/sync"},
      {"videos-generations", "/v1/videos/generations", "/v1/videos/generations"}};
  EXPECT_EQ(apis().size(), paths.size());
  for (const auto& [name, path, whole] : paths) {
    Point point;
    point.target = endpoint_of(name);
    EXPECT_TRUE(point_from_json(to_json(point))) << name;
    for (const char* address : {"http://h:8000", "http://h:8000/", "http://h:8000/v1", "http://h:8000/v1/"}) {
      EndpointTarget endpoint = endpoint_of(name);
      endpoint.url = address;
      EXPECT_EQ(endpoint_url(endpoint).value_or(""), "http://h:8000" + path);
      endpoint.stream = "off";
      EXPECT_EQ(endpoint_url(endpoint).value_or(""), "http://h:8000" + whole);
    }
  }
  EXPECT_EQ(endpoint_url({.url = "http://h/below/v1"}, "/v1/videos/x").value_or(""), "http://h/below/v1/videos/x");
  const auto unknown = endpoint_url(endpoint_of("soap"));
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("'soap'"));
  EXPECT_THAT(unknown.error().message, HasSubstr("responses"));
}

TEST(RequestBodies, each_api_is_asked_for_an_exact_length_in_its_own_words) {
  const std::string text = "say \"hi\"\n";
  const Json user = {{"role", "user"}, {"content", text}};
  EXPECT_EQ(body_of(endpoint_of("completions")),
            Json({{"model", "org/m 1"}, {"prompt", text}, {"max_tokens", 7}, {"temperature", 0}, {"ignore_eos", true}, {"stream", true}, {"stream_options", {{"include_usage", true}}}}));
  EXPECT_EQ(body_of(endpoint_of("chat")),
            Json({{"model", "org/m 1"}, {"messages", Json::array({user})}, {"max_tokens", 7}, {"temperature", 0}, {"ignore_eos", true}, {"stream", true}, {"stream_options", {{"include_usage", true}}}}));
  EXPECT_EQ(body_of(endpoint_of("responses")),
            Json({{"model", "org/m 1"}, {"input", Json::array({user})}, {"max_output_tokens", 7}, {"temperature", 0}, {"ignore_eos", true}, {"store", false}, {"stream", true}}));
  EXPECT_EQ(body_of(endpoint_of("embeddings")), Json({{"model", "org/m 1"}, {"input", text}, {"encoding_format", "float"}}));
  EXPECT_EQ(body_of(endpoint_of("tgi")),
            Json({{"inputs", text}, {"parameters", {{"max_new_tokens", 7}, {"do_sample", false}, {"details", true}, {"ignore_eos_token", true}}}}));
  EXPECT_EQ(body_of(endpoint_of("triton")),
            Json({{"text_input", text}, {"max_tokens", 7}, {"min_tokens", 7}, {"temperature", 0.0}, {"ignore_eos", true}, {"stream", true}}));
  EXPECT_EQ(body_of(endpoint_of("llama.cpp")),
            Json({{"prompt", text}, {"n_predict", 7}, {"temperature", 0}, {"ignore_eos", true}, {"cache_prompt", true}, {"stream", true}}));
  EXPECT_EQ(body_of(endpoint_of("images")), Json({{"model", "org/m 1"}, {"prompt", text}, {"n", 1}, {"response_format", "b64_json"}}));
  for (const char* api : {"videos", "videos-generations"}) EXPECT_EQ(body_of(endpoint_of(api)), Json({{"model", "org/m 1"}, {"prompt", text}}));
}

TEST(RequestBodies, whole_answers_are_asked_for_without_a_stream) {
  for (const char* api : {"completions", "chat", "responses", "triton", "llama.cpp"}) {
    const Json body = body_of(endpoint_of(api, "", "off"));
    EXPECT_EQ(body["stream"], false) << api;
    EXPECT_FALSE(body.contains("stream_options")) << api;
  }
  EXPECT_FALSE(asks_for_stream(endpoint_of("images"), *find_api("images")));
}

TEST(RequestBodies, token_ids_go_where_they_are_taken) {
  const Prompt ids{.ids = {5, 6, 7}};
  EXPECT_EQ(body_of(endpoint_of("completions"), ids)["prompt"], Json({5, 6, 7}));
  EXPECT_EQ(body_of(endpoint_of("llama.cpp"), ids)["prompt"], Json({5, 6, 7}));
  EXPECT_EQ(body_of(endpoint_of("embeddings"), ids)["input"], Json({5, 6, 7}));
  for (const Api& api : apis()) {
    const auto bodies = request_bodies(endpoint_of(std::string(api.name)), nullptr, {{.input = 4, .output = 2}});
    EXPECT_EQ(bodies.has_value(), api.token_ids) << api.name;
    EXPECT_THAT(bodies ? "tokenizer" : bodies.error().message, HasSubstr("tokenizer")) << api.name;
  }
}

TEST(RequestBodies, earlier_turns_come_first) {
  const Prompt third{.text = "e", .history = {{"a", "b"}, {"c", "d"}}};
  const Json turns = Json::array({{{"role", "user"}, {"content", "a"}}, {{"role", "assistant"}, {"content", "b"}}, {{"role", "user"}, {"content", "c"}},
                                  {{"role", "assistant"}, {"content", "d"}}, {{"role", "user"}, {"content", "e"}}});
  EXPECT_EQ(body_of(endpoint_of("chat"), third)["messages"], turns);
  EXPECT_EQ(body_of(endpoint_of("responses"), third)["input"], turns);
  EXPECT_EQ(body_of(endpoint_of("completions"), third)["prompt"], "abcde");
  EXPECT_EQ(body_of(endpoint_of("tgi"), third)["inputs"], "abcde");
  EXPECT_EQ(body_of(endpoint_of("triton"), third)["text_input"], "abcde");
}

TEST(RequestBodies, any_text_makes_valid_json) {
  for (const char* api : {"completions", "chat", "responses", "embeddings", "tgi", "triton", "llama.cpp", "images", "videos"})
    for (const std::string& text : {std::string("\xFF\xFE half \xC3"), std::string("a\0b", 3), std::string("\x01prompt \"\\ \x01length"), std::string()})
      EXPECT_TRUE(body_of(endpoint_of(api), {.text = text}).is_object()) << api;
}

TEST(RequestBodies, extra_is_merged_and_null_takes_out) {
  const Json body = body_of(endpoint_of("completions", R"({"top_p":0.9,"ignore_eos":null,"stream_options":{"continuous_usage_stats":true},"logit_bias":{"5":-100}})"));
  EXPECT_EQ(body["top_p"], 0.9);
  EXPECT_FALSE(body.contains("ignore_eos"));
  EXPECT_EQ(body["stream_options"], Json({{"include_usage", true}, {"continuous_usage_stats", true}}));
  EXPECT_EQ(body["logit_bias"]["5"], -100);
  EXPECT_EQ(body_of(endpoint_of("tgi", R"({"parameters":{"do_sample":true}})"))["parameters"]["max_new_tokens"], 7);
  EXPECT_EQ(body_of(endpoint_of("chat", R"({"max_tokens":99})"))["max_tokens"], 99);
  const auto bounded = [](const char* extra) {
    return BodyWriter::create(endpoint_of("chat", extra), *find_api("chat"))->answer_options(false).tokens_bounded;
  };
  EXPECT_TRUE(bounded(""));
  EXPECT_FALSE(bounded(R"({"max_tokens":99})"));
  EXPECT_FALSE(bounded(R"({"max_tokens":null,"max_completion_tokens":99})"));
}

TEST(RequestBodies, what_extra_cannot_be_is_an_error_that_names_it) {
  struct Case {
    const char *api, *extra, *text;
  };
  const std::string deep = R"({"a":)" + std::string(20'000, '[') + std::string(20'000, ']') + "}", large = R"({"a":")" + std::string(70'000, 'x') + "\"}";
  for (const Case& c : {Case{"chat", "[1]", "must be a JSON object"}, Case{"chat", "{", "must be a JSON object"}, Case{"chat", R"({"stream":false})", "extra.stream"},
                        Case{"chat", R"({"messages":[]})", "extra.messages"}, Case{"tgi", R"({"inputs":"x"})", "extra.inputs"}, Case{"chat", R"({"n":2})", "extra.n is 2"},
                        Case{"images", R"({"n":0})", "extra.n is 0"}, Case{"images", R"({"n":"two"})", "extra.n"}, Case{"images", R"({"preset":"mlperf-wan2.2"})", "extra.preset"},
                        Case{"chat", R"({"preset":"mlperf-sdxl"})", "extra.preset"}, Case{"images", R"({"preset":7})", "must be a text"},
                        Case{"chat", R"({"encoding":"multipart"})", "extra.encoding"}, Case{"videos", R"({"encoding":"xml"})", "'xml'"},
                        Case{"videos-sync", R"({"a\"b":1})", "field of a form"}, Case{"chat", deep.c_str(), "nested deeper"}, Case{"chat", large.c_str(), "65536"}}) {
    const auto body = try_body(endpoint_of(c.api, c.extra));
    ASSERT_FALSE(body) << c.extra;
    EXPECT_EQ(body.error().kind, ErrorKind::invalid_input);
    EXPECT_THAT(body.error().message, HasSubstr(c.text));
  }
}

TEST(RequestBodies, presets_are_mlperfs_parameters_and_can_be_changed) {
  const Json image = body_of(endpoint_of("images", R"({"preset":"mlperf-sdxl","n":2})"));
  EXPECT_EQ(image["size"], "1024x1024");
  EXPECT_EQ(image["num_inference_steps"], 20);
  EXPECT_EQ(image["guidance_scale"], 8.0);
  EXPECT_EQ(image["n"], 2);
  EXPECT_FALSE(image.contains("preset"));
  EXPECT_EQ(BodyWriter::create(endpoint_of("images", R"({"n":2})"), *find_api("images"))->answer_options(false).items, 2);
  const Json video = body_of(endpoint_of("videos-generations", R"({"preset":"mlperf-wan2.2","latent_path":"/l.pt"})"));
  EXPECT_EQ(video["size"], "1280x720");
  EXPECT_EQ(video["num_frames"], 81);
  EXPECT_EQ(video["fps"], 16);
  EXPECT_EQ(video["num_inference_steps"], 20);
  EXPECT_EQ(video["seed"], 42);
  EXPECT_EQ(video["guidance_scale"], 4.0);
  EXPECT_EQ(video["guidance_scale_2"], 3.0);
  EXPECT_EQ(video["boundary_ratio"], 0.875);
  EXPECT_EQ(video["latent_path"], "/l.pt");
}

TEST(RequestBodies, vllm_omni_gets_a_form_with_its_own_order_of_the_two_stages) {
  for (const auto& [api, extra] : {std::pair{"videos-sync", R"({"preset":"mlperf-wan2.2","lora":{"name":"x"}})"},
                                   std::pair{"videos", R"({"preset":"mlperf-wan2.2","encoding":"multipart","lora":{"name":"x"}})"}}) {
    const EndpointTarget endpoint = endpoint_of(api, extra);
    const auto writer = BodyWriter::create(endpoint, *find_api(api));
    ASSERT_TRUE(writer) << writer.error().message;
    const std::string type(writer->content_type());
    ASSERT_EQ(type.find("multipart/form-data; boundary="), 0u);
    const std::string boundary = type.substr(type.find('=') + 1), body = writer->body({.text = "a \"cat\""}, 1);
    EXPECT_THAT(body, HasSubstr("--" + boundary + "\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na \"cat\"\r\n--"));
    EXPECT_THAT(body, HasSubstr("name=\"guidance_scale\"\r\n\r\n3.0\r\n"));
    EXPECT_THAT(body, HasSubstr("name=\"guidance_scale_2\"\r\n\r\n4.0\r\n"));
    EXPECT_THAT(body, HasSubstr("name=\"lora\"\r\n\r\n{\"name\":\"x\"}\r\n"));
    EXPECT_TRUE(body.ends_with("\r\n--" + boundary + "--\r\n"));
    EXPECT_THAT(body, testing::Not(HasSubstr("encoding")));
  }
  EXPECT_EQ(BodyWriter::create(endpoint_of("videos"), *find_api("videos"))->content_type(), "application/json");
}

TEST(Api, media_without_mlperfs_latent_are_not_comparable) {
  EXPECT_EQ(not_mlperf_comparable(endpoint_of("chat")), "");
  EXPECT_EQ(not_mlperf_comparable(endpoint_of("embeddings")), "");
  for (const char* api : {"images", "videos", "videos-sync"}) EXPECT_THAT(not_mlperf_comparable(endpoint_of(api)), HasSubstr("no fixed latent")) << api;
  EXPECT_THAT(not_mlperf_comparable(endpoint_of("videos-generations")), HasSubstr("latent_path"));
  EXPECT_EQ(not_mlperf_comparable(endpoint_of("videos-generations", R"({"latent_path":"/l.pt"})")), "");
}

}  // namespace
}  // namespace tokenmark
