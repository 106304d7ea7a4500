# Run at build time: writes kernel_sources.cpp with a hash of SOURCES.
set(text "")
foreach(source IN LISTS SOURCES)
  file(SHA256 ${source} hash)
  string(APPEND text "${hash}")
endforeach()
string(SHA256 hash "${text}")
string(SUBSTRING ${hash} 0 16 hash)
file(WRITE ${OUTPUT} "#include \"kernels/gpu/tuning/table_text.h\"

namespace tokenmark::gpu {

std::string kernel_sources() { return \"${hash}\"; }

}  // namespace tokenmark::gpu
")
