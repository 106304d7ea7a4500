// Compiled while configuring, to see whether this compiler can make code for an architecture.
#pragma once
__attribute__((global)) void probe(int* out) { *out = static_cast<int>(__builtin_amdgcn_workitem_id_x()); }
