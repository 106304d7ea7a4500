// The parts of the verb `model`: each adds its subcommand.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "app/cli/verb.h"
#include "engine/model/model.h"

namespace tokenmark::cli {

void add_model_get(CLI::App& verb, Context& context);
void add_model_info(CLI::App& verb, Context& context);
void add_model_make(CLI::App& verb, Context& context);
void add_model_prune(CLI::App& verb, Context& context);

nlohmann::ordered_json description_json(const ModelDescription& description);  // the shape, without its source

}  // namespace tokenmark::cli
