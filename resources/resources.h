// The data files of this folder, carried inside the program. Immutable; any thread.
#pragma once

#include <string_view>
#include <vector>

namespace tokenmark {

// The bytes of one file by its path below `resources/` ("shapes.json"); empty if there is no such file.
std::string_view resource(std::string_view path);

// All paths that begin with `prefix`, sorted ("sweeps/").
std::vector<std::string_view> resource_paths(std::string_view prefix);

}  // namespace tokenmark
