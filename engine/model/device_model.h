// A Model in the terms of the device ABI. What these give points into the model: it must outlive every executor made
// from them.
#pragma once

#include "engine/model/model.h"
#include "plugins/api/plugin.h"

namespace tokenmark {

tm_model device_model(const ModelDescription& description);
tm_weight_source device_weights(const Model& model);

}  // namespace tokenmark
