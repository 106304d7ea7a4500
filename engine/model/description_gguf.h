// A description from a GGUF file's keys, and the keys for one. Names of keys: llama.cpp's conventions
// (gguf-py/gguf/ constants.py), so that files travel both ways.
#pragma once

#include "engine/model/architecture.h"
#include "engine/model/gguf.h"
#include "engine/model/gguf_writer.h"

namespace tokenmark {

// Keys only: vocabulary, tied_output and what tensors say is not filled in. Checked: every value's type and
// range, and the fields against each other.
Result<ModelDescription> read_description(const GgufFile& file);

// All keys that this and other programs need to build the model, general.architecture first; not
// general.name. Llama 3's scaling is not among them: it travels as the tensor rope_freqs.weight
// (llama3_rope_divisors).
void add_description(const ModelDescription& description, GgufMetadata& metadata);

// A tensor's name in a file, where other programs expect another than the engine's: gpt-oss' ffn_norm.
std::string file_tensor_name(const ModelDescription& description, std::string name);

}  // namespace tokenmark
