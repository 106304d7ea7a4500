#include <algorithm>
#include <numeric>

#include "core/workload/arrivals.h"
#include "core/workload/planning.h"
#include "core/statistics/random.h"
#include "core/workload/source_file.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {
namespace {

struct Conversation {
  std::size_t first = 0, turns = 0;
};

// Rows of the file as requests, conversation after conversation.
class FileRequests {
 public:
  FileRequests(const Point& point, const Tokenizer* tokenizer, SourceFile file, Plan& plan)
      : point_(point), tokenizer_(tokenizer), file_(std::move(file)), samples_(file_.texts.size(), -1), plan_(plan) {
    for (std::size_t i = 0; i < file_.rows.size(); ++i) {
      if (!file_.rows[i].continues) conversations_.push_back({i, 0});
      ++conversations_.back().turns;
    }
    if (point.workload.source == "sharegpt") shuffle();
    if (point.load.arrivals == "trace")
      std::stable_sort(conversations_.begin(), conversations_.end(), [&](const auto& a, const auto& b) { return time_ns(a) < time_ns(b); });
  }

  const std::vector<Conversation>& conversations() const { return conversations_; }
  std::int64_t time_ns(const Conversation& one) const { return file_.rows[one.first].time_ns; }
  std::int64_t line(const Conversation& one) const { return file_.rows[one.first].line; }
  std::int64_t number() const { return number_; }

  // False: the conversation is one that the source's rule leaves out.
  Result<bool> add(const Conversation& conversation, std::int64_t arrival_ns, std::int64_t most) {
    for (std::size_t turn = 0; turn < conversation.turns; ++turn) TOKENMARK_CHECK(count_tokens(conversation.first + turn, turn == 0));
    if (point_.workload.source == "sharegpt" && left_out(file_.rows[conversation.first])) return false;
    for (std::size_t turn = 0; turn < conversation.turns && number_ < most; ++turn, ++number_) {
      const SourceRow& row = file_.rows[conversation.first + turn];
      PlannedRequest request;
      request.input = row.input;
      request.output = row.output > 0 ? row.output : point_.workload.output;
      request.prompt_seed = random_at(prompts_, kPrompt, static_cast<std::uint64_t>(number_));
      request.arrival_ns = turn == 0 ? arrival_ns : -1;
      if (conversation.turns > 1) {
        request.group = conversation_;
        request.turn = static_cast<std::int32_t>(turn);
        if (turn > 0) request.think_ns = row.think_ns > 0 ? row.think_ns : think_time_ns(point_.workload, number_);
      }
      if (row.text >= 0) request.sample = sample_of(row.text);
      else if (row.blocks > 0) add_blocks(row, request);
      plan_.requests.push_back(request);
    }
    ++conversation_;
    return true;
  }

 private:
  // Fisher and Yates, from the seed.
  void shuffle() {
    for (std::size_t i = conversations_.size(); i > 1; --i)
      std::swap(conversations_[i - 1], conversations_[below(random_at(point_.workload.seed, kRow, i), i)]);
  }

  // The lengths of a row's texts where the file has none.
  Status count_tokens(std::size_t index, bool first_turn) {
    SourceRow& row = file_.rows[index];
    if (row.text < 0) return {};
    const DatasetPrompt& text = file_.texts[static_cast<std::size_t>(row.text)];
    const bool by_answer = row.output < 0 && !text.answer.empty();
    if (row.input >= 0 && !by_answer && tokenizer_ == nullptr) return {};
    if (tokenizer_ == nullptr)
      return fail(ErrorKind::invalid_input, "{}:{}: the length of a text is counted by the model's tokenizer: name one with "
                  "target.endpoint.tokenizer", point_.workload.file, row.line);
    if (counted_.size() != file_.rows.size()) counted_.assign(file_.rows.size(), false);
    if (counted_[index]) return {};
    counted_[index] = true;
    row.input = static_cast<std::int32_t>(tokenizer_->encode(text.text, first_turn).size());
    if (by_answer) row.output = std::max(1, static_cast<std::int32_t>(tokenizer_->encode(text.answer, false).size()));
    return {};
  }

  // vLLM's rule for ShareGPT (its is_valid_sequence): at least 4 tokens each, prompts of at most 1024, both of at most 2048.
  static bool left_out(const SourceRow& row) {
    return row.input < 4 || row.output < 4 || row.input > 1024 || row.input + row.output > 2048;
  }

  std::int32_t sample_of(std::int32_t text) {
    std::int32_t& sample = samples_[static_cast<std::size_t>(text)];
    if (sample < 0) {
      sample = static_cast<std::int32_t>(plan_.dataset.size());
      plan_.dataset.push_back(file_.texts[static_cast<std::size_t>(text)]);
    }
    return sample;
  }

  // Equal ids are equal tokens; what the ids do not cover is the request's own.
  void add_blocks(const SourceRow& row, PlannedRequest& request) {
    request.first_piece = static_cast<std::uint32_t>(plan_.pieces.size());
    std::int32_t left = row.input;
    for (std::uint32_t i = 0; i < row.blocks && left > 0; ++i) {
      const std::int32_t tokens = std::min(left, kBlockTokens);
      plan_.pieces.push_back({random_at(prompts_, kPrefix, file_.block_ids[row.first_block + i]), tokens});
      left -= tokens;
    }
    if (left > 0) plan_.pieces.push_back({request.prompt_seed, left});
    request.pieces = static_cast<std::uint32_t>(plan_.pieces.size()) - request.first_piece;
  }

  const Point& point_;
  const Tokenizer* tokenizer_;
  SourceFile file_;
  std::vector<Conversation> conversations_;
  std::vector<std::int32_t> samples_;  // of a text, in Plan::dataset
  std::vector<bool> counted_;
  std::uint64_t prompts_ = prompt_stream(point_);
  Plan& plan_;
  std::int64_t number_ = 0;
  std::int32_t conversation_ = 0;
};

Status add_trace(const Point& point, FileRequests& requests, std::int64_t most) {
  const auto& conversations = requests.conversations();
  const auto end_ns = schedule_s(point.load) ? *schedule_s(point.load) * 1e9 : std::numeric_limits<double>::infinity();
  if (requests.time_ns(conversations.front()) == SourceRow::kNoTime)  // sorted: those without a time come first
    return fail(ErrorKind::invalid_input, "{}:{}: there is no time, which load.arrivals 'trace' needs: name its column with "
                "workload.columns ('time_s=…')", point.workload.file, requests.line(conversations.front()));
  for (const Conversation& conversation : conversations) {
    const double since_first = static_cast<double>(requests.time_ns(conversation) - requests.time_ns(conversations.front()));
    const double arrival_ns = since_first * point.load.time_scale;
    if (requests.number() >= most || arrival_ns >= end_ns) break;
    if (arrival_ns > 9e18) return fail(ErrorKind::invalid_input, "{}:{}: arrives {} s after the first", point.workload.file,
                                       requests.line(conversation), arrival_ns * 1e-9);
    TOKENMARK_CHECK(requests.add(conversation, static_cast<std::int64_t>(arrival_ns + 0.5), most));
  }
  return {};
}

// Conversations one after the other, from the file's beginning again when it is through, until there are enough.
Status add_in_turn(const Point& point, FileRequests& requests, std::int64_t most) {
  std::vector<std::int64_t> arrivals;
  if (is_open_loop(point.load)) {
    TOKENMARK_TRY(arrivals, arrival_times(point.load, random_at(point.workload.seed, kArrival, 0)));
  }
  const auto& conversations = requests.conversations();
  std::size_t added = 0, left_out = 0;
  for (std::size_t i = 0; requests.number() < most && (!is_open_loop(point.load) || added < arrivals.size()); ++i) {
    TOKENMARK_TRY(const bool taken, requests.add(conversations[i % conversations.size()], is_open_loop(point.load) ? arrivals[added] : -1, most));
    added += taken;
    left_out = taken ? 0 : left_out + 1;
    if (left_out == conversations.size())
      return fail(ErrorKind::invalid_input, "{}: of its {} conversations none has a question and an answer of 4 to 1024 and together at "
                  "most 2048 tokens", point.workload.file, conversations.size());
  }
  return {};
}

}  // namespace

Status plan_file(const Point& point, const Tokenizer* tokenizer, Plan& plan) {
  SourceLimits limits;
  const std::int64_t most = most_requests(point.load);
  limits.rows = most;
  if (const auto seconds = schedule_s(point.load); seconds && point.load.arrivals == "trace")
    limits.span_ns = static_cast<std::int64_t>(std::min(*seconds / point.load.time_scale * 1e9, 9e18));
  TOKENMARK_TRY(SourceFile file, read_source_file(point.workload, limits));
  FileRequests requests(point, tokenizer, std::move(file), plan);
  return point.load.arrivals == "trace" ? add_trace(point, requests, most) : add_in_turn(point, requests, most);
}

Status plan_each_row(const Point& point, const Tokenizer* tokenizer, Plan& plan) {
  TOKENMARK_TRY(SourceFile file, read_source_file(point.workload));
  FileRequests requests(point, tokenizer, std::move(file), plan);
  for (const Conversation& conversation : requests.conversations()) {
    if (conversation.turns > 1)
      return fail(ErrorKind::invalid_input, "{}:{}: a conversation of {} turns, but a sample of load.scenario '{}' is one request",
                  point.workload.file, requests.line(conversation), conversation.turns, point.load.scenario);
    TOKENMARK_CHECK(requests.add(conversation, -1, kMaxPlanned));
  }
  if (plan.requests.empty()) return fail(ErrorKind::invalid_input, "{}: no row of it can be a sample", point.workload.file);
  return {};
}

}  // namespace tokenmark
