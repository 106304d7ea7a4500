#include "core/workload/point_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace tokenmark {
namespace {

using nlohmann::json;

Point engine_point() {
  Point point;
  EngineTarget engine;
  engine.model = "shape:llama-3.2-1b:q4_0";
  engine.device = "cuda:1";
  engine.threads = 3;
  engine.cores = {0, 2, 4};
  engine.kernels = "avx2";
  engine.max_sequences = 17;
  engine.step_tokens = 511;
  engine.tokens_per_block = 32;
  engine.context = 4096;
  engine.kv_format = "f32";
  engine.prefix_cache = "off";
  engine.policy = "shortest-first";
  engine.admission_free = 0.25;
  engine.chunk_slowdown = 4;
  engine.speculate = "draft:shape:smollm2-135m:q8_0";
  engine.draft_tokens = 7;
  engine.replicas = 2;
  point.target = engine;
  point.workload = {33, 44, 0.8, 0xFFFF'FFFF'FFFF'FFFFull};
  point.load = {5, 6, 7, 8};
  point.limits.ttft_s = 2.5;
  point.limits.e2e_s = 30.0;
  point.stop = {0.25, 12.5};
  point.repeat = 2;
  return point;
}

Point endpoint_point() {
  Point point;
  point.target = EndpointTarget{"http://127.0.0.1:8000", "m", "chat", "KEY", "vocabulary.gguf", 8, "h200"};
  return point;
}

std::string error_of(const json& value) {
  const auto point = point_from_json(value);
  return point ? "" : point.error().message;
}

TEST(PointJson, every_field_survives_the_way_there_and_back) {
  for (const Point& point : {engine_point(), endpoint_point()}) {
    const auto back = point_from_json(json::parse(to_json(point).dump()));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, point);
  }
}

TEST(PointJson, what_is_left_out_has_its_default) {
  const auto point = point_from_json({{"target", {{"engine", {{"model", "m.gguf"}}}}}});
  ASSERT_TRUE(point) << point.error().message;
  Point expected;
  expected.target = EngineTarget{"m.gguf"};
  EXPECT_EQ(*point, expected);
}

TEST(PointJson, absent_limits_stay_absent) {
  const json written = to_json(engine_point());
  EXPECT_FALSE(written["limits"].contains("tpot_s"));
  EXPECT_EQ(written["limits"]["ttft_s"], 2.5);
}

struct Wrong {
  const char* pointer;
  json value;
  const char* message;
};

TEST(PointJson, a_wrong_value_is_refused_with_its_path_and_value) {
  const std::vector<Wrong> cases = {
      {"/target/engine/model", 3, "target.engine.model must be a text, not 3"},
      {"/target/engine/model", "", "target.engine.model must not be empty"},
      {"/target/engine/modle", "x", "target.engine.modle is not a known key"},
      {"/target/engine/threads", -1, "target.engine.threads is -1 but must be from 0 to 4096"},
      {"/target/engine/threads", 1.5, "target.engine.threads must be a whole number, not 1.5"},
      {"/target/engine/cores", 1, "target.engine.cores must be a list, not 1"},
      {"/target/engine/cores", json::array({1, "a"}), "target.engine.cores must be a whole number, not \"a\""},
      {"/target/engine/kv_format", "f8", "target.engine.kv_format is 'f8' but must be one of 'f16', 'bf16', 'fp8', 'q8_0', 'f32'"},
      {"/target/engine", json::array(), "target.engine must be an object, not array"},
      {"/target/server", json::object(), "target.server is not a known key"},
      {"/target", 1, "target must be an object, not number"},
      {"/workload/input", 0, "workload.input is 0 but must be from 1 to 16000000"},
      {"/workload/range_ratio", 1.5, "workload.range_ratio is 1.5 but must be from 0 to 1"},
      {"/workload/range_ratio", "a", "workload.range_ratio must be a number, not \"a\""},
      {"/workload/seed", -3, "workload.seed must be a whole number from 0 on, not -3"},
      {"/load/concurrency", 18446744073709551615ull, "load.concurrency is 18446744073709551615 but must be from 1 to 65536"},
      {"/load/requests_per_concurrency", 10'000'000,
       "load.requests_per_concurrency is 10000000: at concurrency 5 that is 50000000 requests, at most 10000000 are possible"},
      {"/limits/ttft_s", -1, "limits.ttft_s is -1 but must be from 0 to 10000000"},
      {"/limits/ttft", 1, "limits.ttft is not a known key"},
      {"/stop/failed_share", 2, "stop.failed_share is 2 but must be from 0 to 1"},
      {"/stop/timeout_s", nullptr, "stop.timeout_s must be a number, not null"},
      {"/repeat", true, "repeat must be a whole number, not true"},
      {"/colour", "red", "colour is not a known key"},
  };
  for (const Wrong& wrong : cases) {
    json value = to_json(engine_point());
    value[json::json_pointer(wrong.pointer)] = wrong.value;
    EXPECT_EQ(error_of(value), wrong.message);
  }
}

TEST(PointJson, a_target_is_exactly_one_of_engine_and_endpoint) {
  EXPECT_EQ(error_of(json::object()), "target is missing: give it an engine or an endpoint");
  json both = to_json(engine_point());
  both["target"]["endpoint"] = to_json(endpoint_point())["target"]["endpoint"];
  EXPECT_EQ(error_of(both), "target must hold either an engine or an endpoint");
  EXPECT_EQ(error_of({{"target", json::object()}}), "target must hold either an engine or an endpoint");
  EXPECT_EQ(error_of({{"target", {{"engine", json::object()}}}}), "target.engine.model is missing");
  EXPECT_EQ(error_of(json::array()), "the point must be an object, not array");
}

TEST(PointJson, repeats_share_their_configuration_key_and_other_points_do_not) {
  Point a = engine_point(), b = engine_point();
  b.repeat = a.repeat + 1;
  EXPECT_EQ(configuration_key(a), configuration_key(b));
  b.load.concurrency += 1;
  EXPECT_NE(configuration_key(a), configuration_key(b));
  EXPECT_NE(configuration_key(a), configuration_key(endpoint_point()));
}

TEST(PointJson, power_comes_back_and_leaves_keys_alone_where_it_is_as_by_default) {
  Point plain = engine_point(), named = engine_point();
  plain.power = {};
  EXPECT_FALSE(to_json(plain).contains("power"));  // an older agent would not know it
  EXPECT_EQ(configuration_key(plain).find("power"), std::string::npos);
  named.power = {.meter = "on", .devices = {"0000:41:00.0", "42:00.0"}, .every_s = 0.5};
  const auto back = point_from_json(to_json(named));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->power, named.power);
  EXPECT_NE(configuration_key(plain), configuration_key(named));
  for (const auto& [pointer, value, message] :
       {std::tuple{"/power/meter", json("maybe"), "power.meter is 'maybe' but must be one of 'auto', 'on', 'off'"},
        std::tuple{"/power/devices", json("x"), "power.devices must be a list, not \"x\""},
        std::tuple{"/power/devices", json::array({1}), "power.devices must be a list of texts, not [1]"},
        std::tuple{"/power/every_s", json(0), "power.every_s is 0 but must be from 0.01 to 60"},
        std::tuple{"/power/watts", json(1), "power.watts is not a known key"}}) {
    json wrong = to_json(named);
    wrong[json::json_pointer(pointer)] = value;
    EXPECT_EQ(error_of(wrong), message);
  }
}

// Whatever is put in place of any value, reading ends with a point or an error, and a point reads back the same.
TEST(PointJson, foreign_values_anywhere_are_either_refused_or_kept) {
  const std::vector<json> foreign = {nullptr, true, -1, 0, 1, 1e300, 1.5, "x", "", std::string(3, '\0'),
                                     json::array(), json::object(), json::array({json::object()}),
                                     18446744073709551615ull, "\xff\xfe"};
  Point whole = engine_point();
  whole.power = {"on", {"0000:41:00.0"}, 1};
  const json flat = to_json(whole).flatten();
  for (const auto& item : flat.items()) {
    for (const json& value : foreign) {
      json changed = to_json(whole);
      changed[json::json_pointer(item.key())] = value;
      const auto point = point_from_json(changed);
      if (!point) {
        EXPECT_FALSE(point.error().message.empty());
        continue;
      }
      const auto again = point_from_json(to_json(*point));
      ASSERT_TRUE(again) << again.error().message;
      EXPECT_EQ(*again, *point);
    }
  }
}

}  // namespace
}  // namespace tokenmark
