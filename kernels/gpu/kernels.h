// Kernels by the names they are launched with. This list and the other kernels_*.h are each compiled as a module for every
// GPU architecture, and for both wave sizes of the emulation.
#pragma once

#include "kernels/gpu/ceilings.h"
#include "kernels/gpu/experts.h"
#include "kernels/gpu/rows.h"

namespace TM_GPU_NAMESPACE {

TM_KERNEL(embed, Embed)
TM_KERNEL(rms_norm, RmsNorm)
TM_KERNEL(choose_experts, ChooseExperts)
TM_KERNEL(place_choices, PlaceChoices)
TM_KERNEL(gather_experts, GatherExperts)
TM_KERNEL(gather_rows, GatherRows)
TM_KERNEL(merge_norms, MergeNorms)
TM_KERNEL(read_memory, ReadMemory)
TM_KERNEL(multiply_tiles, MultiplyTiles)

}  // namespace TM_GPU_NAMESPACE
