// A stand-in for libhiprtc.so that compiles: it writes a program and its headers into an empty folder and has clang make
// code of them, which sees nothing else, not even the C++ library's headers. Like hiprtc it brings a `std` of its own.
// $TOKENMARK_FAKE_HIPRTC makes it fail: no-header (the first header is withheld), garbage (what it gives is no code).
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

namespace fs = std::filesystem;

constexpr int kCompilation = 6, kInvalid = 3;
constexpr const char* kOwnNames = "namespace std { typedef unsigned int uint32_t; typedef unsigned long long uint64_t; }\n";

struct Program {
  fs::path folder;
  std::string name, log, code;
  ~Program() { fs::remove_all(folder); }
};

bool plays(const char* part) {
  const char* wanted = std::getenv("TOKENMARK_FAKE_HIPRTC");
  return wanted && std::string(wanted) == part;
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}
std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))
EXPORTED const char* hiprtcGetErrorString(int code) { return code == kCompilation ? "HIPRTC_ERROR_COMPILATION" : "HIPRTC_ERROR_INVALID_INPUT"; }
EXPORTED int hiprtcVersion(int* major, int* minor) {
  *major = 9;
  *minor = 0;
  return 0;
}
EXPORTED int hiprtcCreateProgram(void** out, const char* source, const char* name, int n_headers, const char** headers, const char** names) {
  std::string folder = (fs::temp_directory_path() / "fake-hiprtc-XXXXXX").string();
  if (!mkdtemp(folder.data())) return kInvalid;
  auto* program = new Program{folder, name, "", ""};
  write(program->folder / name, source);
  write(program->folder / "own.h", kOwnNames);
  for (int i = plays("no-header") ? 1 : 0; i < n_headers; ++i) write(program->folder / "headers" / names[i], headers[i]);
  *out = program;
  return 0;
}
EXPORTED int hiprtcDestroyProgram(void** program) {
  delete static_cast<Program*>(*program);
  *program = nullptr;
  return 0;
}
EXPORTED int hiprtcCompileProgram(void* handle, int n_options, const char** options) {
  auto& program = *static_cast<Program*>(handle);
  std::string command = "cd " + program.folder.string() + " && " TOKENMARK_HIP_CLANG " -x hip --cuda-device-only --no-gpu-bundle-output -nogpuinc -nogpulib"
                        " -nostdinc -nostdinc++ -Werror -include own.h -Iheaders";
  for (int i = 0; i < n_options; ++i) command += std::string(" ") + options[i];
  command += " -O0 -c " + program.name + " -o code > log 2>&1";  // a test need not wait for the fastest code
  const bool made = std::system(command.c_str()) == 0;
  program.log = content(program.folder / "log");
  program.code = plays("garbage") ? "garbage" : content(program.folder / "code");
  return made ? 0 : kCompilation;
}
EXPORTED int hiprtcGetProgramLogSize(void* program, std::size_t* bytes) {
  *bytes = static_cast<Program*>(program)->log.size() + 1;
  return 0;
}
EXPORTED int hiprtcGetProgramLog(void* program, char* log) {
  std::strcpy(log, static_cast<Program*>(program)->log.c_str());
  return 0;
}
EXPORTED int hiprtcGetCodeSize(void* program, std::size_t* bytes) {
  *bytes = static_cast<Program*>(program)->code.size();
  return 0;
}
EXPORTED int hiprtcGetCode(void* program, char* code) {
  const std::string& all = static_cast<Program*>(program)->code;
  std::memcpy(code, all.data(), all.size());
  return 0;
}
