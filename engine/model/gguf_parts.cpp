#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <unordered_set>

#include "engine/model/gguf_model.h"

namespace tokenmark {
namespace {

constexpr std::int64_t kMostParts = 99999;  // five digits in the name

struct SplitKeys {
  std::int64_t no = 0, count = 1;
};

Result<SplitKeys> read_split(const GgufFile& file) {
  SplitKeys split;
  TOKENMARK_TRY(const auto count, file.integer("split.count"));
  TOKENMARK_TRY(const auto no, file.integer("split.no"));
  split.count = count.value_or(0) == 0 ? 1 : *count;
  split.no = no.value_or(0);
  if (split.count < 1 || split.count > kMostParts || split.no < 0 || split.no >= split.count)
    return fail(ErrorKind::invalid_input, "{}: split.no {} of split.count {} is impossible", file.path(),
                split.no, split.count);
  return split;
}

std::string suffix_of(const SplitKeys& split) {
  return fmt::format("-{:05}-of-{:05}.gguf", split.no + 1, split.count);
}

Result<std::shared_ptr<const GgufFile>> open_part(const std::string& path, const SplitKeys& wanted) {
  auto opened = GgufFile::open(path);
  if (!opened && opened.error().kind == ErrorKind::not_found)
    return fail(ErrorKind::not_found, "{}: is missing: it is part {} of {} of the model", path, wanted.no + 1,
                wanted.count);
  if (!opened) return opened;
  TOKENMARK_TRY(const SplitKeys found, read_split(**opened));
  if (found.no != wanted.no || found.count != wanted.count)
    return fail(ErrorKind::invalid_input, "{}: says that it is part {} of {}, its name says {} of {}", path,
                found.no + 1, found.count, wanted.no + 1, wanted.count);
  return opened;
}

Status add_tensors(GgufParts& parts) {
  std::unordered_set<std::string> names;
  for (const auto& file : parts.files) {
    TOKENMARK_TRY(auto tensors, file->tensors());
    for (Tensor& tensor : tensors) {
      if (parts.files.size() > 1 && !names.insert(tensor.name).second)
        return fail(ErrorKind::invalid_input, "{}: tensor '{}' is in another part already", file->path(),
                    tensor.name);
      parts.tensors.push_back(std::move(tensor));
    }
  }
  TOKENMARK_TRY(const auto promised, parts.first().integer("split.tensors.count"));
  if (promised && *promised != static_cast<std::int64_t>(parts.tensors.size()))
    return fail(ErrorKind::invalid_input, "{}: split.tensors.count is {}, the {} parts have {} tensors",
                parts.path(), *promised, parts.files.size(), parts.tensors.size());
  return {};
}

}  // namespace

Result<GgufParts> open_gguf_parts(const std::string& path) {
  TOKENMARK_TRY(auto given, GgufFile::open(path));
  TOKENMARK_TRY(const SplitKeys split, read_split(*given));
  GgufParts parts;
  if (split.count == 1) {
    parts.files.push_back(std::move(given));
  } else {
    const std::string suffix = suffix_of(split);
    if (!path.ends_with(suffix))
      return fail(ErrorKind::invalid_input,
                  "{}: is part {} of {}, but its name does not end in {}: the others cannot be"
                  " found",
                  path, split.no + 1, split.count, suffix);
    const std::string stem = path.substr(0, path.size() - suffix.size());
    for (SplitKeys part{0, split.count}; part.no < part.count; ++part.no) {
      if (part.no == split.no) {
        parts.files.push_back(given);
        continue;
      }
      TOKENMARK_TRY(auto file, open_part(stem + suffix_of(part), part));
      parts.files.push_back(std::move(file));
    }
  }
  TOKENMARK_CHECK(add_tensors(parts));
  return parts;
}

}  // namespace tokenmark
