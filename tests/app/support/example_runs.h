// A store as a team might have one: three accelerators, two models, concurrencies from 1 to 256, three repeats each, eight
// weeks of one engine's versions, a failed run, one with a long name. Made up; the same every time.
#pragma once

#include <vector>

#include "core/store/imported_run.h"

namespace tokenmark {

std::vector<ImportedRun> example_runs();

}  // namespace tokenmark
