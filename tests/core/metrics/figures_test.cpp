#include "core/metrics/figures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/core/metrics/log_builder.h"

namespace tokenmark {
namespace {

TEST(Figures, latencies_of_one_request_are_those_of_the_definitions) {
  LogBuilder builder;
  const auto request = builder.add({0, 10, 200}, {});
  builder.message(request, 20, 0, MessageKind::role);
  builder.message(request, 30, 0, MessageKind::content);  // an empty text is not a token
  builder.message(request, 60, 1, MessageKind::reasoning);
  builder.message(request, 80, 1, MessageKind::content);
  builder.message(request, 140, 3, MessageKind::content);
  builder.message(request, 190, 0, MessageKind::usage);
  builder.log.requests.output_tokens[0] = 5;
  const Figures f = compute_figures(builder.log, {}, 1);
  EXPECT_DOUBLE_EQ(*f.ttft_s.mean, 0.050);
  EXPECT_DOUBLE_EQ(*f.e2e_s.mean, 0.130);
  EXPECT_DOUBLE_EQ(*f.tpot_s.mean, 0.080 / 4);
  EXPECT_DOUBLE_EQ(*f.interactivity_p50.value, 50);
  EXPECT_EQ(f.itl_s.samples, 4u);  // one of 20 ms, three of 60/3 ms
  EXPECT_DOUBLE_EQ(*f.itl_s.minimum, 0.020);
  EXPECT_DOUBLE_EQ(*f.itl_s.maximum, 0.020);
  EXPECT_DOUBLE_EQ(f.duration_s, 0.190);
  EXPECT_DOUBLE_EQ(*f.send_lag_s.mean, 0.010);
}

TEST(Figures, throughput_is_tokens_over_first_send_to_last_end) {
  LogBuilder builder;
  builder.add({0, 0, 1000, 100}, {{500, 1}, {1000, 49}});
  builder.add({0, 500, 2000, 300}, {{700, 1}, {1500, 149}});
  const Figures f = compute_figures(builder.log, {}, 4);
  EXPECT_EQ(f.completed, 2);
  EXPECT_DOUBLE_EQ(f.duration_s, 2);
  EXPECT_EQ(f.input_tokens, 400);
  EXPECT_EQ(f.output_tokens, 200);
  EXPECT_DOUBLE_EQ(*f.output_tok_s, 100);
  EXPECT_DOUBLE_EQ(*f.input_tok_s, 200);
  EXPECT_DOUBLE_EQ(*f.total_tok_s, 300);
  EXPECT_DOUBLE_EQ(*f.total_tok_s_gpu, 75);
  EXPECT_DOUBLE_EQ(*f.output_tok_s_gpu, 25);
  EXPECT_DOUBLE_EQ(*f.input_tok_s_gpu, 50);
  EXPECT_DOUBLE_EQ(*f.request_s, 1);
  EXPECT_EQ(f.token_source, "usage");
}

TEST(Figures, warmups_count_nowhere) {
  LogBuilder builder;
  builder.add({0, 0, 5000, 1000, -1, RequestError::none, true}, {{4000, 50}, {4500, 50}});
  builder.add({0, 0, 100, 1000, -1, RequestError::refused, true}, {});
  builder.add({6000, 6000, 7000, 10}, {{6100, 1}, {6200, 1}});
  const Figures f = compute_figures(builder.log, {}, 1);
  EXPECT_EQ(f.completed, 1);
  EXPECT_EQ(f.failed, 0);
  EXPECT_TRUE(f.errors.empty());
  EXPECT_DOUBLE_EQ(f.duration_s, 1);
  EXPECT_EQ(f.output_tokens, 2);
  EXPECT_EQ(f.input_tokens, 10);
  EXPECT_EQ(f.itl_s.samples, 1u);
  EXPECT_EQ(f.send_lag_s.samples, 1u);
}

TEST(Figures, failed_requests_are_infinite_latencies_and_give_no_tokens) {
  LogBuilder builder;
  builder.add({0, 0, 100}, {{10, 1}, {20, 1}});
  builder.add({0, 0, 100, 10, -1, RequestError::closed}, {{10, 1}, {90, 7}});
  builder.add({0, 0, 1000, 10, -1, RequestError::timeout}, {});
  const Figures f = compute_figures(builder.log, {}, 1);
  EXPECT_EQ(f.completed, 1);
  EXPECT_EQ(f.failed, 2);
  EXPECT_EQ(f.errors.at("closed"), 1);
  EXPECT_EQ(f.errors.at("timeout"), 1);
  EXPECT_TRUE(std::isinf(*f.ttft_s.p50.value));
  EXPECT_TRUE(std::isinf(*f.e2e_s.p50.value));
  EXPECT_TRUE(std::isinf(*f.tpot_s.p50.value));
  EXPECT_DOUBLE_EQ(*f.ttft_s.mean, 0.010);
  EXPECT_EQ(f.ttft_s.samples, 1u);
  EXPECT_EQ(f.output_tokens, 2);
  EXPECT_DOUBLE_EQ(f.duration_s, 1);  // the failed ones took their time too
  EXPECT_FALSE(f.interactivity_p50.value);
  EXPECT_EQ(f.interactivity_p50.why_absent, "half of the requests or more failed");
}

TEST(Figures, interactivity_is_the_median_over_requests_and_the_tail_of_tpot) {
  LogBuilder builder;
  for (int i = 0; i < 100; ++i)  // TPOT of 10 ms, and of 40 ms for two of a hundred
    builder.add({0, 0, 100}, {{10, 1}, {10.0 + (i % 50 == 7 ? 40 : 10), 1}});
  const Figures f = compute_figures(builder.log, {}, 1);
  EXPECT_NEAR(*f.interactivity_p50.value, 100, 1e-9);
  EXPECT_NEAR(*f.interactivity_p99.value, 1 / 0.040, 1e-9);  // ranks 98 and 99 of 0…99 are slow, p99 is rank 98.01
}

TEST(Figures, tail_interactivity_is_withheld_with_too_few_requests_and_with_too_many_failures) {
  LogBuilder builder;
  for (int i = 0; i < 99; ++i) builder.add({0, 0, 100}, {{10, 1}, {20, 1}});
  EXPECT_EQ(compute_figures(builder.log, {}, 1).interactivity_p99.why_absent, "p99 needs 100 samples, there are 99");
  builder.add({0, 0, 100, 10, -1, RequestError::closed}, {});
  builder.add({0, 0, 100, 10, -1, RequestError::closed}, {});
  const Figures f = compute_figures(builder.log, {}, 1);
  EXPECT_FALSE(f.interactivity_p99.value);
  EXPECT_EQ(f.interactivity_p99.why_absent, "2 of 101 requests failed: the p99 of TPOT is infinite");
}

TEST(Figures, a_request_of_one_token_has_no_tpot) {
  LogBuilder builder;
  builder.add({0, 0, 100}, {{10, 1}});
  builder.add({0, 0, 100, 10, -1, RequestError::closed, false, 1}, {});
  const Figures f = compute_figures(builder.log, {}, 1);
  EXPECT_EQ(f.ttft_s.samples, 1u);
  EXPECT_EQ(f.tpot_s.p50.why_absent, "p50 needs 1 sample, there are none");
}

TEST(Figures, an_answer_that_came_all_at_once_has_no_tpot) {
  LogBuilder builder;
  builder.add({0, 0, 100}, {{90, 20}});
  const Figures f = compute_figures(builder.log, {}, 1);
  EXPECT_DOUBLE_EQ(*f.e2e_s.mean, 0.09);
  EXPECT_FALSE(f.tpot_s.mean || f.interactivity_p50.value);
}

TEST(Figures, a_request_that_ended_well_but_gave_no_token_counts_as_failed) {
  LogBuilder builder;
  builder.add({0, 0, 100}, {{10, 0}});
  const Figures f = compute_figures(builder.log, {}, 1);
  EXPECT_EQ(f.completed, 0);
  EXPECT_EQ(f.failed, 1);
}

TEST(Figures, goodput_counts_what_met_all_limits_and_failed_requests_as_missed) {
  LogBuilder builder;
  builder.add({0, 0, 1000}, {{100, 1}, {200, 1}, {300, 2}});  // meets all
  builder.add({0, 0, 1000}, {{600, 1}, {700, 1}});            // TTFT missed
  builder.add({0, 0, 1000}, {{100, 1}, {900, 1}});            // TPOT missed
  builder.add({0, 0, 2000, 10, -1, RequestError::closed}, {{100, 1}, {200, 1}});
  Limits limits;
  limits.ttft_s = 0.5;
  limits.tpot_s = 0.2;
  const Figures f = compute_figures(builder.log, limits, 1);
  EXPECT_DOUBLE_EQ(*f.goodput_req_s, 0.5);
  EXPECT_DOUBLE_EQ(*f.goodput_tok_s, 2);
  EXPECT_DOUBLE_EQ(*f.goodput_share, 0.25);
  EXPECT_FALSE(compute_figures(builder.log, {}, 1).goodput_req_s);
}

TEST(Figures, each_limit_is_applied_to_its_own_latency) {
  LogBuilder builder;
  builder.add({0, 0, 1000}, {{100, 1}, {200, 1}, {600, 2}});  // TTFT .1, E2E .6, TPOT .5/3, ITL up to .2
  const auto good = [&](const Limits& limits) { return *compute_figures(builder.log, limits, 1).goodput_share; };
  const auto limit = [](std::optional<double> Limits::* which, double value) {
    Limits limits;
    limits.*which = value;
    return limits;
  };
  for (const auto& [which, value] : {std::pair{&Limits::ttft_s, 0.1}, std::pair{&Limits::e2e_s, 0.6},
                                     std::pair{&Limits::tpot_s, 0.5 / 3}, std::pair{&Limits::itl_s, 0.2}}) {
    EXPECT_EQ(good(limit(which, value * 1.0001)), 1);
    EXPECT_EQ(good(limit(which, value * 0.9999)), 0);
  }
}

TEST(Figures, littles_law_holds_in_a_log_without_failures_and_not_with_them) {
  LogBuilder builder;
  for (int i = 0; i < 20; ++i) builder.add({i * 50.0, i * 50.0, i * 50.0 + 100}, {{i * 50.0 + 40, 1}, {i * 50.0 + 100, 1}});
  EXPECT_NEAR(*compute_figures(builder.log, {}, 1).littles_law, 1, 1e-12);
  builder.add({0, 0, 2000, 10, -1, RequestError::timeout}, {});
  EXPECT_NEAR(*compute_figures(builder.log, {}, 1).littles_law, 0.5, 1e-12);
}

TEST(Figures, unknown_input_tokens_and_accelerators_leave_figures_absent) {
  LogBuilder builder;
  builder.add({0, 0, 1000, -1}, {{100, 1}});
  const Figures f = compute_figures(builder.log, {}, 0);
  EXPECT_TRUE(f.output_tok_s);
  EXPECT_FALSE(f.input_tok_s);
  EXPECT_FALSE(f.total_tok_s);
  EXPECT_FALSE(f.output_tok_s_gpu);
}

TEST(Figures, an_empty_log_measures_nothing) {
  const Figures f = compute_figures({}, {}, 1);
  EXPECT_EQ(f.completed + f.failed, 0);
  EXPECT_FALSE(f.output_tok_s);
  EXPECT_FALSE(f.ttft_s.mean);
  EXPECT_FALSE(f.littles_law);
  EXPECT_FALSE(f.client_limited);
  EXPECT_EQ(f.client_verdict, "nothing was sent, so the client cannot be judged");
}

struct Client {
  double cpu_s;
  std::int64_t stall_ms;
  double lag_ms;
  const char* blamed;
};

TEST(Figures, the_client_is_blamed_for_what_it_did_and_nothing_else) {
  for (const Client& client : {Client{0.1, 1, 0.1, ""}, Client{0.9, 1, 0.1, "it used 90 % of a core"},
                               Client{0.1, 80, 0.1, "it did not look at its sockets for 80.0 ms"},
                               Client{0.1, 1, 60, "it sent 60.0 ms late (at most)"}}) {
    LogBuilder builder;  // one second long, latency 1 s
    builder.add({0, client.lag_ms, 1000}, {{500, 1}, {1000 - client.lag_ms, 1}});
    builder.log.client_cpu_s = client.cpu_s * (1 - client.lag_ms / 1000);
    builder.log.longest_stall_ns = client.stall_ms * kMs;
    const Figures f = compute_figures(builder.log, {}, 1);
    EXPECT_EQ(f.client_limited, *client.blamed != '\0') << f.client_verdict;
    EXPECT_NE(f.client_verdict.find(*client.blamed == '\0' ? "was not the limit" : client.blamed), std::string::npos)
        << f.client_verdict;
  }
}

TEST(Figures, scheduled_latencies_begin_at_the_intended_time) {
  LogBuilder builder;  // sent 30 ms late
  builder.add({10, 40, 200}, {{60, 1}, {140, 1}});
  const Figures f = compute_figures(builder.log, {}, 1);
  EXPECT_DOUBLE_EQ(*f.ttft_s.mean, 0.020);
  EXPECT_DOUBLE_EQ(*f.scheduled_ttft_s.mean, 0.050);
  EXPECT_DOUBLE_EQ(*f.e2e_s.mean, 0.100);
  EXPECT_DOUBLE_EQ(*f.scheduled_e2e_s.mean, 0.130);
}

TEST(Figures, the_intended_rate_and_the_one_that_was_sent_stand_side_by_side) {
  LogBuilder builder;  // every 100 ms was intended; each went out 5 ms later than the one before
  for (int i = 0; i < 11; ++i) builder.add({i * 100.0, i * 105.0, i * 105.0 + 50}, {{i * 105.0 + 20, 1}});
  const Figures f = compute_figures(builder.log, {}, 1);
  EXPECT_DOUBLE_EQ(*f.intended_request_s, 10);
  EXPECT_DOUBLE_EQ(*f.sent_request_s, 10 / 1.05);
  EXPECT_DOUBLE_EQ(*f.send_lag_s.maximum, 0.050);
}

TEST(Figures, several_client_threads_share_the_blame) {
  LogBuilder builder;
  builder.add({0, 0, 1000}, {{500, 1}, {1000, 1}});
  builder.log.client_cpu_s = 1.8;
  builder.log.client_threads = 4;
  EXPECT_FALSE(compute_figures(builder.log, {}, 1).client_limited);
  builder.log.client_threads = 2;
  EXPECT_EQ(compute_figures(builder.log, {}, 1).client_verdict, "the client was a limit: its 2 threads used 90 % of a core each");
}

TEST(Figures, classes_of_traffic_have_figures_of_their_own_that_add_up) {
  LogBuilder builder;
  builder.add({0, 0, 1000, 100}, {{100, 1}, {200, 9}});
  builder.add({0, 0, 2000, 10}, {{900, 1}, {1900, 4}});
  builder.add({0, 0, 2000, 10, -1, RequestError::closed}, {});
  builder.log.class_names = {"long", "short"};
  builder.log.requests.traffic_class = {0, 1, 1};
  Limits limits;
  limits.ttft_s = 0.5;
  const Figures f = compute_figures(builder.log, limits, 1);
  ASSERT_EQ(f.classes.size(), 2u);
  const RequestFigures &a = f.classes[0].figures, &b = f.classes[1].figures;
  EXPECT_EQ(f.classes[1].name, "short");
  EXPECT_EQ(a.completed, 1);
  EXPECT_EQ(b.failed, 1);
  EXPECT_DOUBLE_EQ(*a.ttft_s.mean, 0.1);
  EXPECT_DOUBLE_EQ(*b.ttft_s.mean, 0.9);
  EXPECT_EQ(a.itl_s.samples, 9u);
  EXPECT_EQ(*a.goodput_share, 1);
  EXPECT_EQ(*b.goodput_share, 0);
  EXPECT_DOUBLE_EQ(*a.output_tok_s + *b.output_tok_s, *f.output_tok_s);
  EXPECT_DOUBLE_EQ(*a.goodput_req_s, *f.goodput_req_s);
  const auto back = figures_from_json(to_json(f));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_json(*back), to_json(f));
}

TEST(Figures, images_have_a_latency_each_and_no_token_figures) {
  LogBuilder builder;
  const auto two = builder.add({0, 0, 500, -1}, {});
  builder.message(two, 300, 0, MessageKind::media);
  builder.message(two, 500, 0, MessageKind::media);
  const auto one = builder.add({0, 100, 1000, -1}, {});
  builder.message(one, 1000, 0, MessageKind::media);
  builder.add({0, 0, 900, -1, -1, RequestError::server_error}, {});
  const Figures f = compute_figures(builder.log, {}, 1);
  EXPECT_EQ(f.completed, 2);
  EXPECT_EQ(f.items, 3);
  EXPECT_DOUBLE_EQ(*f.item_s, 3);
  EXPECT_DOUBLE_EQ(*f.item_latency_s.mean, (0.3 + 0.5 + 0.9) / 3);
  EXPECT_DOUBLE_EQ(*f.item_latency_s.p50.value, 0.7);  // 0.3, 0.5, 0.9 and the failed one: rank 1.5
  EXPECT_DOUBLE_EQ(*f.e2e_s.mean, 0.7);
  EXPECT_FALSE(f.output_tok_s || f.total_tok_s || f.input_tok_s);
  EXPECT_FALSE(f.ttft_s.p50.value || f.tpot_s.p50.value || f.itl_s.p50.value);
  const nlohmann::json json = to_json(f);
  EXPECT_EQ(json["withheld"]["output_tok_s"], "the answers are no tokens");
  EXPECT_EQ(json["items"]["count"], 3);
  EXPECT_EQ(to_json(*figures_from_json(json)), json);
}

TEST(Figures, embeddings_have_input_tokens_alone) {
  LogBuilder builder;
  builder.message(builder.add({0, 0, 500, 70, 0}, {}), 500, 0, MessageKind::media);
  builder.message(builder.add({0, 0, 1000, 30, 0}, {}), 1000, 0, MessageKind::media);
  const Figures f = compute_figures(builder.log, {}, 1);
  EXPECT_EQ(f.input_tokens, 100);
  EXPECT_DOUBLE_EQ(*f.input_tok_s, 100);
  EXPECT_DOUBLE_EQ(*f.request_s, 2);
  EXPECT_FALSE(f.output_tok_s);
}

// ---- JSON ----

EventLog random_log(std::size_t requests, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  LogBuilder builder;
  for (std::size_t i = 0; i < requests; ++i) {
    const double start = static_cast<double>(i) * 10;
    std::vector<std::pair<double, std::int32_t>> messages;
    double time = start + 5 + static_cast<double>(random() % 100);
    for (int k = 0; k < 5; ++k) messages.emplace_back(time += 1 + static_cast<double>(random() % 20), 1 + static_cast<std::int32_t>(random() % 2));
    const RequestError error = random() % 50 == 0 ? RequestError::http_status : RequestError::none;
    builder.add({start, start + 0.1, time + 1, 10, -1, error}, messages);
  }
  return builder.log;
}

TEST(FiguresJson, every_figure_survives_the_way_there_and_back) {
  Limits limits;
  limits.ttft_s = 0.08;
  for (const std::size_t requests : {0, 1, 12, 120, 1200}) {
    const Figures figures = compute_figures(random_log(requests, requests), limits, 2);
    const nlohmann::json json = to_json(figures);
    const auto back = figures_from_json(nlohmann::json::parse(json.dump()));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(to_json(*back).dump(), json.dump());
    EXPECT_EQ(back->completed, figures.completed);
    EXPECT_EQ(back->ttft_s.p99.value, figures.ttft_s.p99.value);
    EXPECT_EQ(back->ttft_s.p999.why_absent, figures.ttft_s.p999.why_absent);
    EXPECT_EQ(back->goodput_share, figures.goodput_share);
    EXPECT_EQ(back->client_verdict, figures.client_verdict);
  }
}

TEST(FiguresJson, has_the_documented_keys_and_reasons_for_what_is_absent) {
  const nlohmann::json json = to_json(compute_figures(random_log(120, 1), {}, 0));
  for (const char* key : {"duration_s", "requests", "input_tokens", "output_tokens", "output_tok_s", "total_tok_s", "ttft_s",
                          "tpot_s", "itl_s", "e2e_s", "interactivity_tok_s", "send_lag_s", "self_check"})
    EXPECT_TRUE(json.contains(key)) << key;
  EXPECT_TRUE(json["requests"].contains("completed"));
  EXPECT_TRUE(json["ttft_s"].contains("p50_ci"));
  EXPECT_TRUE(json["self_check"].contains("littles_law"));
  EXPECT_FALSE(json.contains("total_tok_s_gpu"));
  EXPECT_EQ(json["withheld"]["total_tok_s_gpu"], "the number of accelerators is unknown");
  EXPECT_EQ(json["withheld"]["goodput"], "no limits were given");
  EXPECT_EQ(json["ttft_s"]["withheld"]["p99.9"], "p99.9 needs 1000 samples, there are 120");
}

TEST(FiguresJson, figures_stored_before_there_were_more_of_them_still_read) {
  nlohmann::json json = to_json(compute_figures(random_log(400, 1), {}, 1));
  for (const char* key : {"steady", "scheduled", "in_flight"}) json.erase(key);
  for (const char* key : {"p25", "p75", "p95", "p25_ci", "p75_ci", "p95_ci"}) json["ttft_s"].erase(key);
  const auto figures = figures_from_json(json);
  ASSERT_TRUE(figures) << figures.error().message;
  EXPECT_FALSE(figures->steady.settled);
  EXPECT_FALSE(figures->ttft_s.p95.value);
  EXPECT_FALSE(to_json(*figures)["ttft_s"].contains("p95"));
}

TEST(FiguresJson, infinity_is_a_word_that_reads_back) {
  LogBuilder builder;
  builder.add({0, 0, 100, 10, -1, RequestError::closed}, {});
  const nlohmann::json json = to_json(compute_figures(builder.log, {}, 1));
  EXPECT_EQ(json["ttft_s"]["p50"], "inf");
  EXPECT_TRUE(std::isinf(*figures_from_json(json)->ttft_s.p50.value));
}

TEST(FiguresJson, wrong_types_are_errors_that_name_the_key) {
  const nlohmann::json good = to_json(compute_figures(random_log(400, 1), {}, 1));
  for (const auto& [pointer, value, message] :
       {std::tuple<const char*, nlohmann::json, const char*>{"/duration_s", "long", "figures: duration_s must be a number or \"inf\""},
        {"/requests/failed", -1, "figures: failed must be a count"},
        {"/requests/completed", 4294967296ull, "figures: completed must be a count"},
        {"/ttft_s", 3, "figures: ttft_s must be an object"},
        {"/ttft_s/p50_ci", nlohmann::json::array({1}), "figures: p50_ci must be two numbers"},
        {"/self_check/client_limited", 1, "figures: client_limited must be true or false"},
        {"/definitions", "other", "figures: made by the definitions 'other', only 'tokenmark-1' are known here"}}) {
    nlohmann::json changed = good;
    changed[nlohmann::json::json_pointer(pointer)] = value;
    const auto figures = figures_from_json(changed);
    ASSERT_FALSE(figures) << pointer;
    EXPECT_EQ(figures.error().message, message);
  }
}

}  // namespace
}  // namespace tokenmark
