// The kernels of attention, sampling and sums over GPUs by their names (kernels.h), a list of its own so that it is compiled
// beside the others.
#pragma once

#include "kernels/gpu/all_reduce.h"
#include "kernels/gpu/attention.h"
#include "kernels/gpu/attention_strips.h"
#include "kernels/gpu/heads.h"
#include "kernels/gpu/plan_tiles.h"
#include "kernels/gpu/sampling.h"

namespace TM_GPU_NAMESPACE {

TM_KERNEL(store_heads, StoreHeads)
TM_KERNEL(store_latents, StoreLatents)
TM_KERNEL(plan_tiles, PlanTiles)

// attend_<queries>_<head dimension up to>: F16 and BF16 in the background; …_any: every format.
TM_KERNEL(attend_16_64, Attend<16, 64, 64, 64, false, 3, 128>)
TM_KERNEL(attend_16_128, Attend<16, 64, 128, 128, false, 2, 128>)
TM_KERNEL(attend_16_256, Attend<16, 64, 256, 256, false, 2, 128>)
TM_KERNEL(attend_16_64_any, Attend<16, 64, 64, 64, false, 1, 128>)
TM_KERNEL(attend_16_128_any, Attend<16, 64, 128, 128, false, 1, 128>)
TM_KERNEL(attend_16_256_any, Attend<16, 64, 256, 256, false, 1, 128>)

// attend_strips_<queries>_<head dimension up to>: the same for many rows.
TM_KERNEL(attend_strips_128_64, AttendStrips<2, 4, 64, 64, 2>)
TM_KERNEL(attend_strips_128_128, AttendStrips<2, 4, 64, 128, 2>)
TM_KERNEL(attend_strips_64_256, AttendStrips<1, 4, 64, 256, 2>)
TM_KERNEL(attend_strips_128_64_any, AttendStrips<1, 8, 64, 64, 1>)
TM_KERNEL(attend_strips_128_128_any, AttendStrips<1, 8, 64, 128, 1>)
TM_KERNEL(attend_strips_64_256_any, AttendStrips<1, 4, 64, 256, 1>)

// Latent attention: 576 values of a key, 512 of them the value.
TM_KERNEL(attend_64_latent, Attend<64, 32, 576, 512, true, 3, 256>)
TM_KERNEL(attend_64_latent_any, Attend<64, 32, 576, 512, true, 1, 256>)
TM_KERNEL(attend_16_latent_any, Attend<16, 32, 576, 512, true, 1, 2 * kWave>)

TM_KERNEL(merge_parts_16_64, MergeParts<16, 64>)
TM_KERNEL(merge_parts_64_32, MergeParts<64, 32>)
TM_KERNEL(merge_parts_16_32, MergeParts<16, 32>)

TM_KERNEL(likeliest, FindLikeliest)
TM_KERNEL(sample, SampleToken)

TM_KERNEL(all_reduce_once_f32, AllReduce<FloatPiece, false>)
TM_KERNEL(all_reduce_once_bf16, AllReduce<Bf16Piece, false>)
TM_KERNEL(all_reduce_twice_f32, AllReduce<FloatPiece, true>)
TM_KERNEL(all_reduce_twice_bf16, AllReduce<Bf16Piece, true>)
TM_KERNEL(narrow, Narrow)
TM_KERNEL(add_narrow, AddNarrow)

}  // namespace TM_GPU_NAMESPACE
