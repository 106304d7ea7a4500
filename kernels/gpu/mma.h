// The instructions of NVIDIA's matrix units that tile_mma.h and strip_mma.h are made of (PTX ISA, "Matrix Fragments for
// mma.m16n8k16", "ldmatrix"): four 8 × 8 matrices from shared memory, and 16 × 16 products with BF16 factors.
#pragma once

namespace TM_GPU_NAMESPACE {

// Lane l gives the place of row l % 8 of matrix l / 8.
TM_DEVICE void load_matrices(Shared<std::uint16_t> values, int place, std::uint32_t* out) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
               : "r"(static_cast<std::uint32_t>(__cvta_generic_to_shared(values.pointer() + place))));
}
TM_DEVICE void load_matrices_turned(Shared<std::uint16_t> values, int place, std::uint32_t* out) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
               : "r"(static_cast<std::uint32_t>(__cvta_generic_to_shared(values.pointer() + place))));
}
// `sums`: four of columns 0–7, then four of columns 8–15. `right`: k 0–7 and 8–15 for columns 0–7, then for columns 8–15.
TM_DEVICE void multiply_16x16(float* sums, const std::uint32_t* left, const std::uint32_t* right) {
  TM_UNROLL
  for (int half = 0; half < 2; ++half) {
    float* c = sums + 4 * half;
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "r"(right[2 * half]), "r"(right[2 * half + 1]));
  }
}

}  // namespace TM_GPU_NAMESPACE
