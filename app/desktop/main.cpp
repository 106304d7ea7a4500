#include "app/desktop/program.h"

int main(int argc, char** argv) { return tokenmark::run_program(argc, argv); }
