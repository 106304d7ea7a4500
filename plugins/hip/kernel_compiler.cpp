#include "plugins/hip/kernel_compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

// Paths and texts of the kernels' headers in turn (cmake/GpuImages.cmake).
extern "C" const char* const tokenmark_hip_sources[];
extern "C" const char* const tokenmark_hip_sources_end[];

namespace tokenmark::gpu {
namespace {

// All that kernels take from the C++ library. hiprtc brings no headers but a `std` of its own, whose types may be of other
// widths, hence another name for this one.
constexpr const char* kNamedHeader = "cstdint";
constexpr const char* kIntegers = R"(#pragma once
namespace tokenmark_std {
typedef __INT8_TYPE__ int8_t;
typedef __INT16_TYPE__ int16_t;
typedef __INT32_TYPE__ int32_t;
typedef __INT64_TYPE__ int64_t;
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __UINTPTR_TYPE__ uintptr_t;
}
#ifndef UINT32_MAX
#define UINT32_MAX __UINT32_MAX__
#endif
)";
std::string program_of(const std::string& module) { return "#define std tokenmark_std\n#include \"kernels/gpu/" + module + ".h\"\n"; }

constexpr const char* kModules[] = {TOKENMARK_GPU_MODULES};

struct Headers {
  std::vector<const char*> names, texts;
};
Headers all_headers() {
  Headers all{{kNamedHeader}, {kIntegers}};
  for (const char* const* at = tokenmark_hip_sources; at != tokenmark_hip_sources_end; at += 2) {
    all.names.push_back(at[0]);
    all.texts.push_back(at[1]);
  }
  return all;
}

std::array<std::string, 3> options_for(const std::string& architecture) { return {"--offload-arch=" + architecture, "-std=c++20", "-O3"}; }

// The first lines that tell of errors, or of anything.
std::string first_lines(const std::string& log) {
  constexpr std::size_t kMost = 400;
  std::size_t from = log.find("error:");
  from = from == std::string::npos ? 0 : log.rfind('\n', from) + 1;  // npos + 1 is the begin
  std::string lines = log.substr(from, kMost);
  while (!lines.empty() && (lines.back() == '\n' || lines.back() == '\0')) lines.pop_back();
  return lines.empty() ? "it says nothing more" : lines;
}

// ELF, or a bundle of some, which may be compressed.
bool is_code_object(const std::string& code) {
  return code.starts_with("\x7f" "ELF") || code.starts_with("__CLANG_OFFLOAD_BUNDLE__") || code.starts_with("CCOB");
}

}  // namespace

bool has_known_matrix_cores(const std::string& architecture) {
  constexpr const char* kKnown[] = {"gfx908", "gfx90a", "gfx940", "gfx941", "gfx942", "gfx950"};
  return std::find(std::begin(kKnown), std::end(kKnown), architecture) != std::end(kKnown);
}

Status KernelCompiler::connect() {
  if (library_) return {};
  // Up to ROCm 5 the runtime's library has the compiler's entries too.
  auto library = VendorLibrary::open({"libhiprtc.so.7", "libhiprtc.so.6", "libhiprtc.so.5", "libamdhip64.so.5"});
  if (!library) return fail(ErrorKind::unavailable, "{}", library.error().message);
  VendorLibrary& l = *library;
  l.need(error_text_, "hiprtcGetErrorString");
  l.need(version_, "hiprtcVersion");
  l.need(create_, "hiprtcCreateProgram");
  l.need(destroy_, "hiprtcDestroyProgram");
  l.need(compile_, "hiprtcCompileProgram");
  l.need(log_bytes_, "hiprtcGetProgramLogSize");
  l.need(log_, "hiprtcGetProgramLog");
  l.need(code_bytes_, "hiprtcGetCodeSize");
  l.need(code_, "hiprtcGetCode");
  if (!l.problem.empty()) return fail(ErrorKind::unavailable, "{}", l.problem);
  if (const int code = version_(&major_, &minor_); code != 0) return fail(ErrorKind::unavailable, "{}: {}", l.name, error_text_(code));
  library_ = l;
  return {};
}

Result<std::vector<std::string>> KernelCompiler::compile(const std::string& architecture) {
  TOKENMARK_CHECK(connect());
  // One after the other: hiprtc holds a lock of its own while it compiles.
  std::vector<std::string> codes;
  for (const char* module : kModules) {
    TOKENMARK_TRY(std::string code, compile_module(architecture, module));
    codes.push_back(std::move(code));
  }
  return codes;
}

Result<std::string> KernelCompiler::compile_module(const std::string& architecture, const std::string& module) {
  const Headers headers = all_headers();
  const std::string source = program_of(module);
  std::uint64_t key = hash_text(fmt::format("hiprtc {}.{}", major_, minor_), hash_text(source));
  for (const std::string& option : options_for(architecture)) key = hash_text(option, key);
  for (std::size_t i = 0; i < headers.names.size(); ++i) key = hash_text(headers.texts[i], hash_text(headers.names[i], key));
  if (auto kept = cache_.read(architecture, module, key)) return *std::move(kept);

  Program program = nullptr;
  const std::string what = fmt::format("compiling {} for {} by {} {}.{}", module, architecture, library_->name, major_, minor_);
  if (const int code = create_(&program, source.c_str(), (module + ".hip").c_str(), static_cast<int>(headers.names.size()), headers.texts.data(), headers.names.data());
      code != 0)
    return tl::unexpected(failure(what, code, ""));
  auto compiled = run(program, what, architecture);
  destroy_(&program);
  if (compiled) cache_.keep(architecture, module, key, *compiled);
  return compiled;
}

Result<std::string> KernelCompiler::run(Program program, const std::string& what, const std::string& architecture) {
  const auto options = options_for(architecture);
  std::array<const char*, std::tuple_size_v<decltype(options)>> words;
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = options[i].c_str();
  if (const int code = compile_(program, static_cast<int>(words.size()), words.data()); code != 0) return tl::unexpected(failure(what, code, log_of(program)));
  std::size_t bytes = 0;
  if (const int code = code_bytes_(program, &bytes); code != 0) return tl::unexpected(failure(what, code, ""));
  std::string object(bytes, '\0');
  if (const int code = code_(program, object.data()); code != 0) return tl::unexpected(failure(what, code, ""));
  if (!is_code_object(object)) return fail(ErrorKind::unavailable, "HIP: {} gave {} bytes that are no code object", what, bytes);
  return object;
}

Error KernelCompiler::failure(const std::string& what, int code, const std::string& log) const {
  return {ErrorKind::unavailable, fmt::format("HIP: {} failed: {}: {}", what, error_text_(code), first_lines(log))};
}

std::string KernelCompiler::log_of(Program program) const {
  std::size_t bytes = 0;
  if (log_bytes_(program, &bytes) != 0) return "";
  std::string log(bytes, '\0');
  return log_(program, log.data()) == 0 ? log : "";
}

}  // namespace tokenmark::gpu
