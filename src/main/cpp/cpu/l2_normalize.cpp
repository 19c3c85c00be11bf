// l2_normalize: y = x / norm, norm = ||x|| over each row.   x [N, d] -> y [N, d], norm [N, 1].
// l2_normalize_backward: dx = (dy - y (y . dy)) / norm.   Overwrites. Saved: y, norm. Accumulation: float32.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

float dot(const float* a, const float* b, int64_t n) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t e = 0; e < n; ++e) sum += a[e] * b[e];
  return sum;
}

// operands x, y, norm
void l2_normalize(const Step& step, const Instruction& i) {
  const Operand& x = i.operands[0];
  const int64_t d = x.cols;
  const Range mine = share(step, step.rows(x));
  for (int64_t n = mine.begin; n < mine.end; ++n) {
    const float* in = step.data<float>(x) + n * d;
    float* out = step.data<float>(i.operands[1]) + n * d;
    const float norm = std::sqrt(dot(in, in, d));
    step.data<float>(i.operands[2])[n] = norm;
    for (int64_t c = 0; c < d; ++c) out[c] = in[c] / norm;
  }
  barrier();
}

// operands dy, y, norm, dx
void l2_normalize_backward(const Step& step, const Instruction& i) {
  const Operand& dy = i.operands[0];
  const int64_t d = dy.cols;
  const Range mine = share(step, step.rows(dy));
  for (int64_t n = mine.begin; n < mine.end; ++n) {
    const float *in = step.data<float>(dy) + n * d, *y = step.data<float>(i.operands[1]) + n * d;
    float* dx = step.data<float>(i.operands[3]) + n * d;
    const float along = dot(y, in, d), inverse = 1.0f / step.data<float>(i.operands[2])[n];
    for (int64_t c = 0; c < d; ++c) dx[c] = (in[c] - y[c] * along) * inverse;
  }
  barrier();
}

PRIMER_REGISTER("l2_normalize", 3, l2_normalize, nullptr, nullptr, nullptr)
PRIMER_REGISTER("l2_normalize_backward", 4, l2_normalize_backward, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
