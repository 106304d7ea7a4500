// The HTTP bodies of a plan, made before a run so that nothing is formatted during it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "core/workload/point.h"
#include "core/workload/requests.h"

namespace tokenmark {

class Tokenizer;

// Prompts have exactly the planned number of tokens as the server counts them, where that can be had:
// - without a tokenizer, completions get token ids, which a server takes as they are;
// - with one, completions get text; the tokens that the server adds around a prompt by its vocabulary's file (BOS)
//   are part of the planned length, so the text is shorter by them (but has at least one token);
// - chat gets text of the planned length (it needs a tokenizer); the template's tokens come on top and are seen in
//   the server's `usage`.
Result<std::vector<std::string>> request_bodies(const EndpointTarget& endpoint, const Tokenizer* tokenizer,
                                                const std::vector<PlannedRequest>& plan);

}  // namespace tokenmark
