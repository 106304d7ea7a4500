// Files that workloads are taken from: questions, conversations, traces. Foreign input: an error names file and line,
// and nothing is kept of a file that has one. Read on the node where the load is generated. Pure, any thread.
//
//   sharegpt  a JSON array of {"conversations": [{"from": …, "value": …}, …]}: entries 2k and 2k+1 are question and answer
//             of turn k, whoever they are from (as vLLM and SGLang read it); up to workload.turns turns
//   jsonl     JSON objects, one a line or in an array; workload.columns says which key is what
//   csv       with a header line, the same
//   mooncake  JSON lines {"timestamp": ms, "input_length", "output_length", "hash_ids": ids of blocks of 512 tokens}
//             (github.com/kvcache-ai/Mooncake); equal ids stand for equal tokens
//   azure     CSV TIMESTAMP (date and time), ContextTokens, GeneratedTokens (github.com/Azure/AzurePublicDataset)
//   burstgpt  CSV Timestamp (s), Model, Request tokens, Response tokens, … (github.com/HPMLL/BurstGPT)
//   agent     JSON lines, each a session {"session", "time_s", "turns": [{"think_s", "input", "output"} or
//             {"think_s", "prompt", "answer"}, …]}, or each a turn that names its session
// Of azure and burstgpt, rows with 0 tokens (failed requests) are left out. An input is what a turn adds: the turns before
// are sent with it.
//
// What a key of jsonl, csv and agent may be, and the names it is known by without workload.columns (AIPerf's and vLLM's
// among them): prompt (prompt, text_input, text), answer, system (text before the prompt), input (input, input_length),
// output (output, output_length, output_tokens), time_s, time_ms (timestamp), think_s, think_ms (delay), session (session,
// session_id), blocks (hash_ids). Rows of a session are its turns, wherever they stand; the time of later ones is not used.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/workload/point.h"
#include "core/workload/requests.h"

namespace tokenmark {

inline constexpr std::int32_t kBlockTokens = 512;  // of a mooncake hash id

struct SourceRow {
  static constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();
  std::int64_t line = 0;                        // 1-based, where it begins
  std::int32_t input = -1, output = -1;         // tokens; -1: not in the file
  std::int64_t time_ns = kNoTime, think_ns = 0;
  std::int32_t text = -1;                       // in SourceFile::texts; -1: random tokens
  std::uint32_t first_block = 0, blocks = 0;    // in SourceFile::block_ids
  std::int32_t session = -1;
  bool continues = false;                       // a later turn of the conversation that the row before belongs to
};

struct SourceFile {
  std::vector<SourceRow> rows;  // turns of a conversation follow each other
  std::vector<DatasetPrompt> texts;
  std::vector<std::uint64_t> block_ids;
};

// What is enough: reading ends when a file whose rows come in the order of time has given so much.
struct SourceLimits {
  std::int64_t rows = 10'000'000;
  std::int64_t span_ns = std::numeric_limits<std::int64_t>::max();  // after the first row's time
};

// workload.columns as far as it can be judged without the file.
Status check_columns(const Workload& workload);
Result<SourceFile> read_source_file(const Workload& workload, const SourceLimits& limits = {});

}  // namespace tokenmark
