// Pictures are drawn by the workbench's program (`tokenmark --render`), which lies beside this one where Qt is there.
#pragma once

#include <string>

#include "app/cli/verb.h"
#include "base/result.h"

namespace tokenmark::cli {

// `chart_json`: a chart of any kind. `instead`: what to do where the workbench is missing ("choose .svg"). `look`: a chart's
// definition file, of which what is hidden and the view are taken; empty: all is shown.
Status render_picture(const Context& context, const std::string& chart_json, const std::string& output, const char* instead,
                      const std::string& look = {});

}  // namespace tokenmark::cli
