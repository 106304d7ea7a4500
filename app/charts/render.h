// `tokenmark --render CHART.json -o FILE [--width W] [--height H] [--scale S] [--dark]`: a chart, or a report (.pdf), into a file without
// a window, for the command line and for machines without a display.
#pragma once

namespace tokenmark {

bool wants_render(int argc, char** argv);
// Makes its own application object; returns the exit code: 0 done, 1 the work failed, 2 wrong usage.
int run_render(int argc, char** argv);

}  // namespace tokenmark
