// Pictures are drawn by the workbench's program (`tokenmark --render`), which lies beside this one where Qt is there.
#pragma once

#include <optional>
#include <string>

#include "app/cli/verb.h"
#include "base/result.h"

namespace tokenmark::cli {

// Of a picture, in points of 1/96 inch.
struct PictureSize {
  int width = 0, height = 0;
};
// `--size WxH` of a verb that makes pictures; wrong usage where it is no size.
void add_picture_size(CLI::App& verb, std::optional<PictureSize>& size);

// `chart_json`: a chart of any kind. `instead`: what to do where the workbench is missing ("choose .svg"). `look`: a chart's
// definition file, of which what is hidden, the view, the line and the cursors are taken; empty: all is shown.
Status render_picture(const Context& context, const std::string& chart_json, const std::string& output, const char* instead,
                      const std::string& look = {}, const std::optional<PictureSize>& size = {});

}  // namespace tokenmark::cli
