// A measurement of a server: prepares everything that can be before it, lets the client loops run, watches them, and
// puts their logs together.
#include <fmt/ranges.h>

#include <algorithm>
#include <thread>

#include "core/load/call_target.h"
#include "core/load/client_loop.h"
#include "core/load/http_transport.h"
#include "core/load/load.h"
#include "core/load/measurement.h"
#include "core/load/monitor.h"
#include "core/load/prompts.h"
#include "core/load/token_counts.h"

namespace tokenmark {
namespace {

class EndpointLoad {
 public:
  EndpointLoad(const EndpointTarget& endpoint, const Tokenizer* tokenizer, const Point& point)
      : endpoint_(endpoint), tokenizer_(tokenizer), point_(point), loops_(static_cast<std::size_t>(point.load.client_threads)) {}

  Status prepare(const std::string& api_key) {
    TOKENMARK_TRY(plan_, plan_requests(point_, tokenizer_));
    TOKENMARK_CHECK(check_size(plan_));
    TOKENMARK_TRY(setup_.api, api_of(endpoint_));
    TOKENMARK_CHECK(prepare_bodies());
    TOKENMARK_TRY(setup_.target, call_target(endpoint_, *setup_.api, writer_.content_type(), api_key));
    setup_.plan = &plan_;
    setup_.streams = asks_for_stream(endpoint_, *setup_.api);
    setup_.limit_text = fmt::format("the point's time limit of {} s passed", point_.stop.timeout_s);
    setup_.allowed_failures = allowed_failures(point_.stop, measured_count(plan_));
    if (point_.stop.request_timeout_s > 0) setup_.request_limit_ns = static_cast<std::int64_t>(point_.stop.request_timeout_s * 1e9);
    setup_.rules = dispatch_rules(point_, plan_);
    const std::size_t places = std::min(setup_.rules.places, plan_.requests.size());
    // An open loop without a limit is not expected to fill every place; what it lacks shows as refused connections.
    if (!is_open_loop(point_.load) || point_.load.max_in_flight > 0) TOKENMARK_CHECK(allow_connections(places + loops_));
    else [[maybe_unused]] const Status as_many_as_may_be = allow_connections(std::min<std::size_t>(places, 16'384));
    resolve(setup_.target);
    return make_loops();
  }

  Result<EventLog> run(const LoadProgressSink& progress, std::stop_token stop) {
    std::vector<LiveFeed*> feeds;
    for (const auto& loop : loops_made_) feeds.push_back(&loop->live());
    TOKENMARK_TRY(Monitor monitor, Monitor::create(point_, measured_count(plan_), setup_.clock, feeds));
    Start start(loops_made_.size(), setup_.clock);
    setup_.clock.start();
    std::atomic<std::size_t> running = loops_made_.size();
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < loops_made_.size(); ++i)
      threads.emplace_back([&, i] {
        loops_made_[i]->run(start, core_of(i));
        --running;
        over_.notify_all();
      });
    const EndReason ended_by = watch(monitor, [&] { return running == 0; }, [&](RequestError reason) { end_all(reason); }, over_, progress, stop);
    threads.clear();
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "the measurement was cancelled");
    return finished(ended_by, monitor, progress);
  }

 private:
  Status prepare_bodies() {
    TOKENMARK_TRY(writer_, BodyWriter::create(endpoint_, *setup_.api));
    const bool conversations = std::any_of(plan_.requests.begin(), plan_.requests.end(), [](const auto& r) { return r.turn > 0; });
    setup_.answers = writer_.answer_options(tokenizer_ != nullptr || conversations || keeps_answers(point_.load));
    setup_.writer = &writer_;
    TOKENMARK_TRY(std::vector<Prompt> prompts, make_prompts(plan_, tokenizer_, setup_.api->kind == ApiKind::chat ? PromptForm::chat : PromptForm::completion));
    TOKENMARK_CHECK(check_text(prompts, conversations));
    setup_.bodies.resize(plan_.requests.size());
    for (std::size_t i = 0; i < prompts.size(); ++i)
      if (plan_.requests[i].turn == 0) setup_.bodies[i] = writer_.body(prompts[i], plan_.requests[i].output);
    if (conversations) setup_.prompts = std::move(prompts);
    return {};
  }

  // Ids cannot be sent everywhere. Images and videos are asked for with words, however many tokens those are.
  Status check_text(std::vector<Prompt>& prompts, bool conversations) const {
    for (Prompt& prompt : prompts) {
      if (!prompt.text.empty() || (setup_.api->token_ids && !conversations)) continue;
      if (!setup_.api->media)
        return fail(ErrorKind::invalid_input, "{}: {} prompts are text, and text of a given number of tokens needs the model's tokenizer: name one{}",
                    endpoint_.url, conversations ? "the prompts of conversations" : setup_.api->name, conversations ? "" : ", or use completions");
      prompt.text = fmt::format("a picture of {}", fmt::join(prompt.ids, ", "));
    }
    return {};
  }

  // Each loop gets its share of the requests and of the places; there are no more loops than places.
  Status make_loops() {
    loops_ = std::min(loops_, setup_.rules.places);
    const auto warmups = split_plan(plan_.requests, true, loops_), measured = split_plan(plan_.requests, false, loops_);
    const auto share = [&](std::size_t whole, std::size_t loop) { return whole / loops_ + (loop < whole % loops_ ? 1 : 0); };
    const auto warmup_places = static_cast<std::size_t>(warmup_concurrency(point_.load));
    for (std::size_t i = 0; i < loops_; ++i) {
      DispatchRules rules = setup_.rules;
      rules.places = share(setup_.rules.places, i);
      rules.enough_units = share(setup_.rules.enough_units, i);
      TOKENMARK_TRY(auto loop, ClientLoop::create(setup_, warmups[i], measured[i], std::max<std::size_t>(1, share(warmup_places, i)), rules));
      loops_made_.push_back(std::move(loop));
    }
    return {};
  }

  int core_of(std::size_t loop) const {
    const auto& cores = point_.load.client_cores;
    return cores.empty() ? -1 : static_cast<int>(cores[loop % cores.size()]);
  }

  void end_all(RequestError reason) {
    for (const auto& loop : loops_made_) loop->end_early(reason);
  }

  Result<EventLog> finished(EndReason ended_by, const Monitor& monitor, const LoadProgressSink& progress) {
    std::vector<Recording> recordings;
    for (const auto& loop : loops_made_) recordings.push_back(loop->take_recording());
    Merged merged = merge(std::move(recordings), plan_, setup_.clock);
    if (setup_.api->kind == ApiKind::videos) merged.log.poll_interval_ns = static_cast<std::int64_t>(endpoint_.poll_s * 1e9);
    settle_token_counts(merged.log, merged.texts, tokenizer_);
    if (progress) progress(monitor.progress());
    TOKENMARK_CHECK(judge_end(merged.log, ended_by, point_, plan_));
    if (keeps_answers(point_.load)) merged.log.answers = std::move(merged.texts);
    return std::move(merged.log);
  }

  const EndpointTarget& endpoint_;
  const Tokenizer* tokenizer_;
  const Point& point_;
  std::size_t loops_;
  Plan plan_;
  BodyWriter writer_;
  ClientSetup setup_;
  std::vector<std::unique_ptr<ClientLoop>> loops_made_;
  std::condition_variable_any over_;
};

}  // namespace

Result<EventLog> measure_endpoint(const EndpointTarget& endpoint, const Tokenizer* tokenizer, const std::string& api_key,
                                  const Point& point, const LoadProgressSink& progress, std::stop_token stop) {
  EndpointLoad load(endpoint, tokenizer, point);
  TOKENMARK_CHECK(load.prepare(api_key));
  return load.run(progress, std::move(stop));
}

}  // namespace tokenmark
