// A run's figures as tables for people.
#pragma once

#include <string>

#include "core/metrics/figures.h"

namespace tokenmark::cli {

std::string figures_text(const Figures& figures);

}  // namespace tokenmark::cli
