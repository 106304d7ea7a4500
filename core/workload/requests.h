// The request list of a point: what is asked, in the order of sending. The same point gives the same list on every
// machine and for every kind of target. Lengths depend on the workload's seed and the request's number alone, so a
// longer run begins with the shorter one's requests, and two concurrencies measure the same lengths. Prompts differ
// between concurrencies and repeats too, so that no run finds its prompts in a server's prefix cache.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/workload/point.h"

namespace tokenmark {

class Tokenizer;

struct PlannedRequest {
  std::int32_t input = 0, output = 0;   // tokens; input without the turns before
  std::uint64_t prompt_seed = 0;
  bool warmup = false;
  std::int64_t arrival_ns = -1;         // open loop: after the measurement's begin; -1: as soon as there is a place
  std::uint32_t first_piece = 0, pieces = 0;  // in Plan::pieces: what the prompt is made of; none: prompt_seed alone
  std::int32_t group = -1;              // conversation (its turns follow each other in the plan) or MLPerf query
  std::int32_t turn = 0;                // within the conversation; from 1 on it waits for the answer before, then think_ns
  std::int64_t think_ns = 0;
  std::uint16_t traffic_class = 0;
  std::int32_t sample = -1;             // row of the dataset whose text is the prompt; -1: random tokens
};

// Part of a prompt that is made of random tokens: equal seeds give equal tokens, so prompts may share their beginnings.
struct PromptPiece {
  std::uint64_t seed = 0;
  std::int32_t tokens = 0;
};

// A row of a dataset.
struct DatasetPrompt {
  std::string text;
  std::string answer;                   // what the file has as the answer: its length where none is given
};

// When one of MLPerf's streams has had enough: ask after each query that was sent, with the time since the run's begin at
// which it was. As LoadGen's: the query that is sent after the minimum duration is the last, so the time of the last is
// never below it.
struct MlperfStop {
  std::int64_t min_duration_ns = 0;
  std::int64_t min_queries = 0;
  bool enough(std::int64_t sent, std::int64_t last_sent_ns) const { return sent >= min_queries && last_sent_ns >= min_duration_ns; }
};

struct Plan {
  std::vector<PlannedRequest> requests;  // warm-ups first
  std::vector<PromptPiece> pieces;
  std::vector<std::string> class_names;  // empty: one kind
  std::vector<DatasetPrompt> dataset;    // by PlannedRequest::sample
  std::optional<MlperfStop> stop;        // absent: the plan is sent to its end
};

// The measured requests: load.requests of them, or max(concurrency · requests_per_concurrency, min_requests) in a closed
// loop, or as many as arrive in duration_s in an open one, where the rate is that of conversations. An error names the
// field that cannot be. `tokenizer`: the target's, which counts the texts of files; random tokens need none.
Result<Plan> plan_requests(const Point& point, const Tokenizer* tokenizer = nullptr);
// The same errors as far as the fields alone show them; no file is opened.
Status check_plan(const Point& point);
// How many requests are measured, on average where chance decides; nothing where a file or a scenario says it.
std::optional<double> expected_requests(const Point& point);

// The ids a prompt may be made of: the vocabulary below `limit` without control tokens.
std::vector<std::int32_t> ordinary_tokens(const Tokenizer& tokenizer, std::int32_t limit);
// For servers whose vocabulary is not known: ids that are ordinary tokens in all common ones (behind control tokens
// and single bytes, and below the size of the smallest).
std::vector<std::int32_t> ordinary_tokens_of_any_vocabulary();

// `count` ids drawn uniformly from `ordinary`, which must not be empty. A longer one begins with the shorter one.
std::vector<std::int32_t> random_prompt(const std::vector<std::int32_t>& ordinary, std::int32_t count, std::uint64_t seed);

// The dataset's row that a request asks; null where its prompt is made of random tokens.
const DatasetPrompt* dataset_prompt(const Plan& plan, std::size_t index);
// What the prompt of a request is made of; one piece where the plan has none for it. Their tokens sum up to its input.
std::vector<PromptPiece> prompt_pieces(const Plan& plan, std::size_t index);
// The ids of a request's own prompt, without the turns before: of its text, or random ones from `ordinary`.
std::vector<std::int32_t> prompt_ids(const Plan& plan, std::size_t index, const std::vector<std::int32_t>& ordinary,
                                     const Tokenizer* tokenizer);

}  // namespace tokenmark
