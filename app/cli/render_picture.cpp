#include "app/cli/render_picture.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <vector>

#include "app/cli/selection.h"

extern char** environ;

namespace tokenmark::cli {

void add_picture_size(CLI::App& verb, std::optional<PictureSize>& size) {
  verb.add_option_function<std::string>("--size", [&size](const std::string& text) {
    PictureSize read;
    int used = 0;
    const bool both = std::sscanf(text.c_str(), "%5dx%5d%n", &read.width, &read.height, &used) == 2 &&
                      static_cast<std::size_t>(used) == text.size();
    if (!both || read.width < 200 || read.height < 150 || read.width > 20000 || read.height > 20000)
      throw CLI::ValidationError("--size",
                                 "'" + text + "' is no size: WIDTHxHEIGHT, such as 1600x900, from 200x150 to 20000x20000");
    size = read;
  }, "Size of a picture in points of 1/96 inch, such as 1600x900");
}

Status render_picture(const Context& context, const std::string& chart_json, const std::string& output, const char* instead,
                      const std::string& look, const std::optional<PictureSize>& size) {
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
    std::vector<std::string> words = {path, "--render", file, "-o", output};
    if (!look.empty()) words.insert(words.end(), {"--look", look});
    if (size) words.insert(words.end(), {"--width", std::to_string(size->width), "--height", std::to_string(size->height)});
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    int result = posix_spawn(&child, path.c_str(), nullptr, nullptr, arguments.data(), environ);
    if (result == 0 && waitpid(child, &result, 0) != child) result = -1;
    if (result != 0) status = fail(ErrorKind::io, "{}: '{} --render' failed (its message is above)", output, path);
  }
  std::filesystem::remove(file, error);
  return status;
}

}  // namespace tokenmark::cli
