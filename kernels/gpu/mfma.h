// The instruction of AMD's matrix cores that tile_mfma.h and strip_mfma.h are made of (CDNA ISA, "v_mfma_f32_16x16…"): sums
// of 16 × 16 += a · b over 16 values of k. Lane l holds row l % 16 of a and column l % 16 of b, values 4 (l / 16) … + 3 of k,
// and of the sums column l % 16, rows 4 (l / 16) … + 3.
#pragma once

namespace TM_GPU_NAMESPACE {

typedef short MfmaFactors __attribute__((ext_vector_type(4)));
typedef float MfmaSums __attribute__((ext_vector_type(4)));

TM_DEVICE MfmaSums multiply_16x16(MfmaFactors a, MfmaFactors b, MfmaSums sums) {
#if defined(__gfx908__)
  // Two values of k a lane; which ones they stand for is the same in a and b, so the first halves go with one another.
  typedef short Two __attribute__((ext_vector_type(2)));
  sums = __builtin_amdgcn_mfma_f32_16x16x8bf16(Two{a.x, a.y}, Two{b.x, b.y}, sums, 0, 0, 0);
  return __builtin_amdgcn_mfma_f32_16x16x8bf16(Two{a.z, a.w}, Two{b.z, b.w}, sums, 0, 0, 0);
#else
  return __builtin_amdgcn_mfma_f32_16x16x16bf16_1k(a, b, sums, 0, 0, 0);
#endif
}

}  // namespace TM_GPU_NAMESPACE
