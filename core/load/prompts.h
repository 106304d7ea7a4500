// The prompts of a plan, made before a run so that nothing is made during it. Pure; works on several threads.
//
// A prompt has exactly the planned number of tokens as the target counts them, where that can be had:
// - without a tokenizer it is token ids, which some APIs take as they are;
// - with one it is text of random words, encoded again until its length is right. A completion's text is shorter by the
//   tokens that the vocabulary's file puts around a prompt (BOS), which are part of the planned length; of a chat the
//   template's tokens come on top and are seen in the server's `usage`;
// - a dataset's text is left as it is: the plan has its length.
// Prompts whose first pieces are equal begin with equal tokens (the border to what differs may move by a token where a
// vocabulary's tokens reach over words). `history` is empty: what was answered to earlier turns is known in the run only.
#pragma once

#include <vector>

#include "base/result.h"
#include "core/load/prompt.h"
#include "core/workload/requests.h"

namespace tokenmark {

class Tokenizer;

enum class PromptForm : std::uint8_t { completion, chat };

// In the order of plan.requests. `threads` 0: as many as the machine has, at most 16.
Result<std::vector<Prompt>> make_prompts(const Plan& plan, const Tokenizer* tokenizer, PromptForm form, unsigned threads = 0);

}  // namespace tokenmark
