// gated (Shazeer 2020, eq. 6): y = act(g) x, all [T, d].
// gated_backward: dg = dy x act'(g), dx = dy act(g).   Overwrites; each may be left out. Saved: g, x.
// Floor: bytes of all operands once, 12 and 20 a number; the exponentials cost about as much.
#include "cpu/activation.h"

PRIMER_KERNELS {
namespace {

// operands g, x, y; integers activation
void gated(const Step& step, const Instruction& i) {
  const Operand& x = i.operands[1];
  const Range rows = share(step, step.rows(x));
  const float *g = step.data<float>(i.operands[0]), *in = step.data<float>(x);
  float* y = step.data<float>(i.operands[2]);
  with_activation(i.integers[0], [&](auto act) {
#pragma omp simd
    for (int64_t e = rows.begin * x.cols; e < rows.end * x.cols; ++e) y[e] = act.value(g[e]) * in[e];
  });
  barrier();
}

// operands dy, g, x, dg, dx; integers activation
void gated_backward(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const Range rows = share(step, step.rows(o[2]));
  const int64_t begin = rows.begin * o[2].cols, end = rows.end * o[2].cols;
  const float *dy = step.data<float>(o[0]), *g = step.data<float>(o[1]), *x = step.data<float>(o[2]);
  with_activation(i.integers[0], [&](auto act) {
    if (step.present(o[3])) {
      float* dg = step.data<float>(o[3]);
#pragma omp simd
      for (int64_t e = begin; e < end; ++e) dg[e] = dy[e] * x[e] * act.slope(g[e]);
    }
    if (step.present(o[4])) {
      float* dx = step.data<float>(o[4]);
#pragma omp simd
      for (int64_t e = begin; e < end; ++e) dx[e] = dy[e] * act.value(g[e]);
    }
  });
  barrier();
}

PRIMER_REGISTER("gated", 3, gated, nullptr, nullptr, nullptr)
PRIMER_REGISTER("gated_backward", 5, gated_backward, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
