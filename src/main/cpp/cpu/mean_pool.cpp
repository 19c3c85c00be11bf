// mean_pool: y[n] = mean of the rows of sequence n.   x [T, d], offsets int32 [N + 1] -> y [N, d].
// mean_pool_backward: dx[t] = dy[n] / length of n, for t in n.   Overwrites.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

// operands x, offsets, y
void mean_pool(const Step& step, const Instruction& i) {
  const Operand& y = i.operands[2];
  const int64_t d = y.cols;
  const int32_t* first = step.data<int32_t>(i.operands[1]);
  const Range mine = share(step, step.rows(y));
  for (int64_t n = mine.begin; n < mine.end; ++n) {
    float* out = step.data<float>(y) + n * d;
    std::memset(out, 0, static_cast<size_t>(d) * 4);
    for (int64_t r = first[n]; r < first[n + 1]; ++r) {
      const float* x = step.data<float>(i.operands[0]) + r * d;
#pragma omp simd
      for (int64_t c = 0; c < d; ++c) out[c] += x[c];
    }
    const float inverse = 1.0f / static_cast<float>(first[n + 1] - first[n]);
    for (int64_t c = 0; c < d; ++c) out[c] *= inverse;
  }
  barrier();
}

// operands dy, offsets, dx
void mean_pool_backward(const Step& step, const Instruction& i) {
  const Operand& dy = i.operands[0];
  const int64_t d = dy.cols;
  const int32_t* first = step.data<int32_t>(i.operands[1]);
  const Range mine = share(step, step.rows(dy));
  for (int64_t n = mine.begin; n < mine.end; ++n) {
    const float* in = step.data<float>(dy) + n * d;
    const float inverse = 1.0f / static_cast<float>(first[n + 1] - first[n]);
    for (int64_t r = first[n]; r < first[n + 1]; ++r) {
      float* dx = step.data<float>(i.operands[2]) + r * d;
#pragma omp simd
      for (int64_t c = 0; c < d; ++c) dx[c] = in[c] * inverse;
    }
  }
  barrier();
}

PRIMER_REGISTER("mean_pool", 3, mean_pool, nullptr, nullptr, nullptr)
PRIMER_REGISTER("mean_pool_backward", 3, mean_pool_backward, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
