#include "plugins/gpu/sum_library.h"

#include "base/vendor_library.h"

namespace tokenmark::gpu {

Result<SumLibrary> SumLibrary::open(const std::string& name, const std::vector<std::string>& files) {
  TOKENMARK_TRY(VendorLibrary library, VendorLibrary::open(files));
  SumLibrary out;
  out.name = name;
  library.need(out.init_all, "ncclCommInitAll");
  library.need(out.all_reduce, "ncclAllReduce");
  library.need(out.destroy, "ncclCommDestroy");
  library.need(out.abort, "ncclCommAbort");
  library.need(out.error_text, "ncclGetErrorString");
  if (!library.problem.empty()) return fail(ErrorKind::unavailable, "{}", library.problem);
  return out;
}

}  // namespace tokenmark::gpu
