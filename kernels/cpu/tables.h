// The tables that the instruction sets' translation units define. Each of these is compiled with its own
// machine flags; so that no function of one can end up in another, or in the rest of the program, everything
// that they share (vector_*.h, bytes_*.h, rows.h, attention.h, matmul_*.h, quantized*.h, unpack.h) lies in anonymous namespaces
// and uses no inline function of the standard library.
#pragma once

#include "kernels/cpu/kernels.h"

namespace tokenmark::cpu {

extern const Kernels kPortableKernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
extern const Kernels kAvx512Bf16Kernels;
extern const Kernels kAmxKernels;
extern const Kernels kNeonKernels;
extern const Kernels kNeonDotprodKernels;

}  // namespace tokenmark::cpu
