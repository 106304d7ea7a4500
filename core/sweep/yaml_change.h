// Changes values of a YAML document in its text: comments, order and spelling of everything else stay as they are. The
// documents are those of yaml_tree.h. What is written is read again before it is given back: a text in which a change
// cannot be made so (a null written as ~) is refused with a reason and never damaged. Pure, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokenmark {

using YamlPath = std::vector<std::string>;  // {"target", "engine", "threads"}

// The text in which the value at `path` is `value`, which is YAML on one line: "3", "[1, 2]", "{a: 1}". A key that is not
// there is put behind those of its map, and maps that are missing are made.
Result<std::string> yaml_with(std::string_view text, const YamlPath& path, std::string_view value);
// The text without that key, and without the maps that have no other; the same text where it is not there.
Result<std::string> yaml_without(std::string_view text, const YamlPath& path);

// A text as a scalar: in quotes where it could be read as something else.
std::string yaml_scalar(std::string_view text);
// "1, 2 4" as "[1, 2, 4]".
std::string yaml_list(std::string_view values);

}  // namespace tokenmark
