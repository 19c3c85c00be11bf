// gelu (Hendrycks and Gimpel 2016, erf form): y = x Phi(x).
// gelu_backward: dx = dy (Phi(x) + x phi(x)).   Overwrites. Saved: x.
#include "cpu/functions.h"

PRIMER_KERNELS {
namespace {

void gelu(const Step& step, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[1];
  const Range rows = share(step, step.rows(x));
  const float* in = step.data<float>(x);
  float* out = step.data<float>(y);
#pragma omp simd
  for (int64_t e = rows.begin * x.cols; e < rows.end * x.cols; ++e) out[e] = gelu_fast(in[e]);
  barrier();
}

// operands dy, x, dx
void gelu_backward(const Step& step, const Instruction& i) {
  const Operand& x = i.operands[1];
  const Range rows = share(step, step.rows(x));
  const float *dy = step.data<float>(i.operands[0]), *in = step.data<float>(x);
  float* dx = step.data<float>(i.operands[2]);
#pragma omp simd
  for (int64_t e = rows.begin * x.cols; e < rows.end * x.cols; ++e) dx[e] = dy[e] * gelu_slope(in[e]);
  barrier();
}

PRIMER_REGISTER("gelu", 2, gelu, nullptr, nullptr, nullptr)
PRIMER_REGISTER("gelu_backward", 3, gelu_backward, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
