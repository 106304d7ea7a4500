#include "core/load/media_presets.h"

#include <nlohmann/json.hpp>
#include <string_view>

namespace tokenmark {
namespace {

// mlcommons/inference: text_to_image and text_to_video/wan2.2-t2v-14b/inference_config.yaml.
constexpr std::string_view kSdxlNegative = "normal quality, low quality, worst quality, low res, blurry, nsfw, nude";
constexpr std::string_view kWanNegative =
    "vivid colors, overexposed, static, blurry details, subtitles, style,\n"
    "work of art, painting, picture, still, overall grayish, worst quality,\n"
    "low quality, JPEG artifacts, ugly, deformed, extra fingers, poorly drawn hands,\n"
    "poorly drawn face, deformed, disfigured, deformed limbs, fused fingers,\n"
    "static image, cluttered background, three legs, many people in the background,\n"
    "walking backwards";
constexpr double kHighNoiseGuidance = 4.0, kLowNoiseGuidance = 3.0;

}  // namespace

Result<nlohmann::ordered_json> media_preset(const std::string& name, const Api& api, bool form) {
  using Json = nlohmann::ordered_json;
  if (name == "mlperf-sdxl" && api.kind == ApiKind::images)
    return Json{{"size", "1024x1024"}, {"num_inference_steps", 20}, {"guidance_scale", 8.0}, {"negative_prompt", kSdxlNegative}};
  if (name == "mlperf-wan2.2" && api.media && api.kind != ApiKind::images && api.kind != ApiKind::embeddings)
    return Json{{"size", "1280x720"}, {"num_frames", 81}, {"fps", 16}, {"num_inference_steps", 20}, {"seed", 42},
                {"guidance_scale", form ? kLowNoiseGuidance : kHighNoiseGuidance},
                {"guidance_scale_2", form ? kHighNoiseGuidance : kLowNoiseGuidance},
                {"boundary_ratio", 0.875}, {"negative_prompt", kWanNegative}};
  return fail(ErrorKind::invalid_input, "extra.preset is '{}' but must be 'mlperf-sdxl' (for images) or 'mlperf-wan2.2' (for videos)", name);
}

}  // namespace tokenmark
