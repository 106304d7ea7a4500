// A stored run as it can be measured again: its point, the repeats it had, its node and tasks, and what its server was
// started with (core/sweep/reproduce.h).
#pragma once

#include "base/result.h"
#include "core/store/store.h"
#include "core/sweep/reproduce.h"

namespace tokenmark {

// A published sample is in no store: `row` alone then says why there is nothing.
Result<Reproduction> reproduce_run(Store* store, const RunRow& row);

}  // namespace tokenmark
