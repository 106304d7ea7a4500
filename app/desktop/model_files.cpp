#include "app/desktop/model_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

namespace tokenmark {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 8;           // folders below a place
constexpr std::size_t kMost = 20'000;  // files and folders looked at in one place

std::uint64_t size_of(const fs::path& file) {
  std::error_code error;
  const auto bytes = fs::file_size(file, error);
  return error ? 0 : bytes;
}

bool is_gguf_name(const fs::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return ending == ".gguf";
}

// "name-00002-of-00005.gguf": later parts are opened through the first.
bool is_later_part(const std::string& name) {
  static const std::regex part(R"(-(\d{5})-of-\d{5}\.gguf$)", std::regex::icase);
  std::smatch match;
  return std::regex_search(name, match, part) && match[1] != "00001";
}

class Search {
 public:
  explicit Search(std::stop_token stop) : stop_(std::move(stop)) {}

  // GGUF files and safetensors folders below `root`; `name_of` names what was found.
  template <class Name>
  void walk(const fs::path& root, const std::string& where, Name name_of) {
    seen_.clear();
    looked_at_ = 0;
    walk(root, where, name_of, kDeepest);
  }

  // Ollama names its files by content; what they are called stands in manifests.
  void ollama(const fs::path& models) {
    std::error_code error;
    const fs::path manifests = models / "manifests";
    for (fs::recursive_directory_iterator it(manifests, fs::directory_options::skip_permission_denied, error), end;
         !error && it != end && !stop_.stop_requested(); it.increment(error)) {
      if (it.depth() > 5) it.disable_recursion_pending();
      std::error_code no_file;
      if (it->is_regular_file(no_file)) ollama_model(models, it->path());
    }
  }

  std::vector<ModelFile> found;

 private:
  template <class Name>
  void walk(const fs::path& folder, const std::string& where, Name name_of, int deeper) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (error || deeper == 0 || stop_.stop_requested() || !seen_.insert(real.string()).second) return;
    if (fs::exists(folder / "config.json", error) &&
        (fs::exists(folder / "model.safetensors", error) || fs::exists(folder / "model.safetensors.index.json", error)))
      found.push_back({folder.string(), name_of(folder), where, safetensors_bytes(folder)});
    std::vector<fs::path> folders;
    for (fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end; !error && it != end;
         it.increment(error)) {
      if (++looked_at_ > kMost) return;
      std::error_code gone;
      if (it->is_directory(gone)) folders.push_back(it->path());
      else if (is_gguf_name(it->path()) && !is_later_part(it->path().filename().string()))
        found.push_back({it->path().string(), name_of(it->path()), where, size_of(it->path())});
    }
    for (const fs::path& next : folders) walk(next, where, name_of, deeper - 1);
  }

  static std::uint64_t safetensors_bytes(const fs::path& folder) {
    std::uint64_t bytes = 0;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
      if (it->path().extension() == ".safetensors") bytes += size_of(it->path());
    return bytes;
  }

  void ollama_model(const fs::path& models, const fs::path& manifest) {
    if (size_of(manifest) > 1 << 20) return;
    std::ifstream in(manifest, std::ios::binary);
    const auto json = nlohmann::json::parse(in, nullptr, false);
    if (!json.is_object() || !json.contains("layers") || !json["layers"].is_array()) return;
    for (const auto& layer : json["layers"]) {
      if (!layer.is_object() || layer.value("mediaType", "") != "application/vnd.ollama.image.model") continue;
      std::string blob = layer.value("digest", "");
      std::ranges::replace(blob, ':', '-');
      if (blob.find('/') != std::string::npos) return;
      const fs::path file = models / "blobs" / blob;
      if (const auto bytes = size_of(file); bytes > 0)
        found.push_back({file.string(), fmt::format("{}:{}", manifest.parent_path().filename().string(), manifest.filename().string()), "Ollama", bytes});
    }
  }

  std::stop_token stop_;
  std::set<std::string> seen_;
  std::size_t looked_at_ = 0;
};

// …/models--Qwen--Qwen3-0.6B/snapshots/HASH/… → "Qwen/Qwen3-0.6B", and a GGUF file's own name behind it.
std::string hub_name(const fs::path& path) {
  std::string name;
  for (const fs::path& part : path) {
    std::string text = part.string();
    if (!text.starts_with("models--")) continue;
    name = text.substr(8);
    for (auto at = name.find("--"); at != std::string::npos; at = name.find("--", at)) name = fmt::format("{}/{}", name.substr(0, at), name.substr(at + 2));
  }
  if (is_gguf_name(path)) name = name.empty() ? path.stem().string() : fmt::format("{} · {}", name, path.stem().string());
  return name.empty() ? path.filename().string() : name;
}

std::string own_name(const fs::path& path) { return is_gguf_name(path) ? path.stem().string() : path.filename().string(); }

}  // namespace

ModelPlaces places_of_this_user() {
  ModelPlaces places;
  for (const char* name : {"HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME", "LLAMA_CACHE", "OLLAMA_MODELS"})
    if (const char* value = std::getenv(name); value && *value) places.environment[name] = value;
  if (const char* home = std::getenv("HOME")) places.home = home;
  return places;
}

std::vector<ModelFile> find_models(const ModelPlaces& places, std::stop_token stop) {
  const auto set = [&](const char* name, const fs::path& otherwise) {
    const auto found = places.environment.find(name);
    return found == places.environment.end() ? otherwise : fs::path(found->second);
  };
  const fs::path cache = set("XDG_CACHE_HOME", places.home / ".cache");
  Search search(stop);
  search.walk(set("HF_HUB_CACHE", set("HF_HOME", cache / "huggingface") / "hub"), "Hugging Face", hub_name);
  search.walk(set("LLAMA_CACHE", cache / "llama.cpp"), "llama.cpp", own_name);
  search.ollama(set("OLLAMA_MODELS", places.home / ".ollama" / "models"));
  search.ollama("/usr/share/ollama/.ollama/models");
  search.walk(places.home / ".lmstudio" / "models", "LM Studio", own_name);
  search.walk(cache / "lm-studio" / "models", "LM Studio", own_name);
  for (const std::string& folder : places.own) search.walk(folder, folder, own_name);
  std::ranges::stable_sort(search.found, {}, [](const ModelFile& file) { return std::pair(file.where, file.name); });
  return std::move(search.found);
}

}  // namespace tokenmark
