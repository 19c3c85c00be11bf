// embedding: y[t] = word[ids[t]] + position[positions[t]] + type[types[t]].
//   tables [V, d], [P, d], [Y, d] shared or one copy a lane; ids, positions, types int32 [T] -> y [T, d].
// Its backward pass is one scatter_rows for each table that is trained.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

// operands word, position, type, ids, positions, types, y
void embedding(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t d = o[6].cols;
  const int32_t *ids = step.data<int32_t>(o[3]), *positions = step.data<int32_t>(o[4]), *types = step.data<int32_t>(o[5]);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, o[6], lane);
    const Range mine = share(step, rows.end - rows.begin);
    for (int64_t r = rows.begin + mine.begin; r < rows.begin + mine.end; ++r) {
      const float *word = step.data<float>(o[0], lane) + ids[r] * d, *position = step.data<float>(o[1], lane) + positions[r] * d,
                  *type = step.data<float>(o[2], lane) + types[r] * d;
      float* y = step.data<float>(o[6]) + r * d;
#pragma omp simd
      for (int64_t c = 0; c < d; ++c) y[c] = word[c] + position[c] + type[c];
    }
  }
  barrier();
}

PRIMER_REGISTER("embedding", 7, embedding, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
