#include "app/cli/render_picture.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/cli/selection.h"

extern char** environ;

namespace tokenmark::cli {

Status render_picture(const Context& context, const std::string& chart_json, const std::string& output, const char* instead,
                      const std::string& look) {
  const std::filesystem::path program = context.program.parent_path() / "tokenmark";
  std::error_code error;
  if (!std::filesystem::exists(program, error))
    return fail(ErrorKind::unavailable, "{}: pictures are drawn by the workbench, and {} is not there; {}", output, program.string(), instead);
  std::string file = (std::filesystem::temp_directory_path(error) / "tokenmark-chart-XXXXXX").string();
  const int handle = mkstemp(file.data());
  if (handle < 0) return fail(ErrorKind::io, "{}: cannot make a temporary file", file);
  close(handle);
  Status status = write_file(file, chart_json);
  if (status) {
    const std::string path = program.string();
    const char* arguments[] = {path.c_str(), "--render", file.c_str(), "-o", output.c_str(), look.empty() ? nullptr : "--look", look.c_str(), nullptr};
    pid_t child = 0;
    int result = posix_spawn(&child, path.c_str(), nullptr, nullptr, const_cast<char**>(arguments), environ);
    if (result == 0 && waitpid(child, &result, 0) != child) result = -1;
    if (result != 0) status = fail(ErrorKind::io, "{}: '{} --render' failed (its message is above)", output, path);
  }
  std::filesystem::remove(file, error);
  return status;
}

}  // namespace tokenmark::cli
