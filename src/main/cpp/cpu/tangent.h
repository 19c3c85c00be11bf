// What the kernels of tangents share. A tangent that is left out is zero.
#pragma once

#include "cpu/isa.h"

PRIMER_KERNELS {

// Null where it is left out.
static inline float* optional(const Step& step, const Operand& o, int64_t lane = 0) {
  return step.present(o) ? step.data<float>(o, lane) : nullptr;
}

static inline const float* row_of(const float* x, int64_t r, int64_t d) { return x ? x + r * d : nullptr; }

// Calls f(lane, r) for the calling thread's rows.
template <class F>
static inline void for_my_rows(const Step& step, const Operand& x, F&& f) {
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, x, lane);
    const Range mine = share(step, rows.end - rows.begin);
    for (int64_t r = rows.begin + mine.begin; r < rows.begin + mine.end; ++r) f(lane, r);
  }
}

}  // namespace primer::PRIMER_ISA
