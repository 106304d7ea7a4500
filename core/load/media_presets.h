// The parameters that MLPerf Inference fixes for images and videos, as members of a request.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "core/load/api.h"

namespace tokenmark {

// "mlperf-sdxl" for images, "mlperf-wan2.2" for videos; an error where there is none of that name for this API.
// `form`: the request is a form, which is how vLLM-Omni takes it; its guidance_scale_2 is that of the stage with high
// noise, where the other servers', as MLPerf's reference, is that of the stage with low noise.
Result<nlohmann::ordered_json> media_preset(const std::string& name, const Api& api, bool form);

}  // namespace tokenmark
