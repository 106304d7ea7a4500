#include "core/store/store_sweeps.h"

namespace tokenmark {

Result<SweepRow> find_sweep(Store& store, SweepId id) {
  TOKENMARK_TRY(auto found, store.sweep(id));
  if (!found) return fail(ErrorKind::not_found, "the store has no sweep {}", id);
  return *std::move(found);
}

}  // namespace tokenmark
