// Where model files lie on this machine: the folders of Hugging Face, llama.cpp, Ollama and LM Studio, and the user's
// own. Only names and sizes are looked at; what is in a file is another's work. No Qt; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace tokenmark {

struct ModelFile {
  std::string path;    // GGUF file (the first of split ones) or safetensors folder: what --model takes
  std::string name;    // for people: "Qwen/Qwen3-0.6B", "llama3.2:1b", "model-q4_0"
  std::string where;   // "Hugging Face", "llama.cpp", "Ollama", "LM Studio", or the user's folder
  std::uint64_t bytes = 0;
  bool operator==(const ModelFile&) const = default;
};

struct ModelPlaces {
  std::filesystem::path home;
  std::map<std::string, std::string> environment;  // HF_HOME, HF_HUB_CACHE, XDG_CACHE_HOME, LLAMA_CACHE, OLLAMA_MODELS
  std::vector<std::string> own;
};
ModelPlaces places_of_this_user();  // without own folders

// By place, then by name. Folders that are not there or may not be read are left out; links are followed, cycles not.
std::vector<ModelFile> find_models(const ModelPlaces& places, std::stop_token stop);

}  // namespace tokenmark
