// NVIDIA's GPUs by way of the CUDA driver, libcuda.so.1, opened at run time.
#pragma once

#include <memory>

#include "plugins/gpu/vendor.h"

namespace tokenmark::gpu {

std::unique_ptr<Vendor> make_cuda_vendor();

}  // namespace tokenmark::gpu
