// Kernels for GPUs that this plugin has no code objects for, compiled on the user's machine from the sources that are linked
// in, by ROCm's own compiler (hiprtc), and kept in a cache. Takes a minute or so the first time, with every GPU's
// architecture, version of ROCm and of these sources. Used by one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/vendor_library.h"
#include "plugins/hip/kernel_cache.h"

namespace tokenmark::gpu {

// Whether the kernels are written for this architecture's matrix instructions: those of CDNA.
bool has_known_matrix_cores(const std::string& architecture);

class KernelCompiler {
 public:
  explicit KernelCompiler(KernelCache cache) : cache_(std::move(cache)) {}

  // An error: there is no compiler, and why.
  Status connect();
  // A code object for each module of kernels. An error has the first lines of what the compiler says.
  Result<std::vector<std::string>> compile(const std::string& architecture);

 private:
  using Program = void*;

  Result<std::string> compile_module(const std::string& architecture, const std::string& module);
  Result<std::string> run(Program program, const std::string& what, const std::string& architecture);
  Error failure(const std::string& what, int code, const std::string& log) const;
  std::string log_of(Program program) const;

  KernelCache cache_;
  std::optional<VendorLibrary> library_;
  int major_ = 0, minor_ = 0;  // of hiprtc

  // hiprtc.h; the codes' meaning differs between releases, so their texts are asked for.
  const char* (*error_text_)(int code) = nullptr;
  int (*version_)(int* major, int* minor) = nullptr;
  int (*create_)(Program* out, const char* source, const char* name, int n_headers, const char* const* headers, const char* const* names) = nullptr;
  int (*destroy_)(Program* program) = nullptr;
  int (*compile_)(Program program, int n_options, const char* const* options) = nullptr;
  int (*log_bytes_)(Program program, std::size_t* bytes) = nullptr;
  int (*log_)(Program program, char* log) = nullptr;
  int (*code_bytes_)(Program program, std::size_t* bytes) = nullptr;
  int (*code_)(Program program, char* code) = nullptr;
};

}  // namespace tokenmark::gpu
