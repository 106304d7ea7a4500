// The program `tokenmark`: reads its arguments, then draws a chart into a file or opens the workbench.
#pragma once

namespace tokenmark {

// 0 done, 1 the work failed, 2 wrong usage.
int run_program(int argc, char** argv);

}  // namespace tokenmark
