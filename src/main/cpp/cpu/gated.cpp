// gated (Shazeer 2020, eq. 6): y = act(g) x, all [T, d].
// gated_backward: dg = dy x act'(g), dx = dy act(g).   Overwrites; each may be left out. Saved: g, x.
// gated_tangent: y_t = act'(g) g_t x + act(g) x_t.   Overwrites; either tangent may be left out.
// gated_backward_tangent: dg_t = dy_t x act'(g) + dy (x_t act'(g) + x act''(g) g_t), dx_t = dy_t act(g) + dy act'(g) g_t.
//   Overwrites; tangents and outputs may be left out.
// Floor: bytes of all operands once, 12, 20, 20 and 32 a number; the exponentials cost about as much.
#include "cpu/activation.h"
#include "cpu/tangent.h"

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

// operands g, x, g_t, x_t, y_t; integers activation
void gated_tangent(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const Range rows = share(step, step.rows(o[1]));
  const float *g = step.data<float>(o[0]), *x = step.data<float>(o[1]), *g_t = optional(step, o[2]), *x_t = optional(step, o[3]);
  float* y_t = step.data<float>(o[4]);
  with_activation(i.integers[0], [&](auto act) {
#pragma omp simd
    for (int64_t e = rows.begin * o[1].cols; e < rows.end * o[1].cols; ++e) {
      const float of_gate = g_t ? act.slope(g[e]) * g_t[e] * x[e] : 0.0f;
      y_t[e] = x_t ? of_gate + act.value(g[e]) * x_t[e] : of_gate;
    }
  });
  barrier();
}

// operands dy, g, x, dy_t, g_t, x_t, dg_t, dx_t; integers activation
void gated_backward_tangent(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const Range rows = share(step, step.rows(o[2]));
  const int64_t begin = rows.begin * o[2].cols, end = rows.end * o[2].cols;
  const float *dy = step.data<float>(o[0]), *g = step.data<float>(o[1]), *x = step.data<float>(o[2]);
  const float *dy_t = optional(step, o[3]), *g_t = optional(step, o[4]), *x_t = optional(step, o[5]);
  with_activation(i.integers[0], [&](auto act) {
    if (step.present(o[6])) {
      float* dg_t = step.data<float>(o[6]);
#pragma omp simd
      for (int64_t e = begin; e < end; ++e) {
        const float moved = (dy_t ? dy_t[e] * x[e] : 0.0f) + (x_t ? dy[e] * x_t[e] : 0.0f);
        dg_t[e] = moved * act.slope(g[e]) + (g_t ? dy[e] * x[e] * act.curvature(g[e]) * g_t[e] : 0.0f);
      }
    }
    if (step.present(o[7])) {
      float* dx_t = step.data<float>(o[7]);
#pragma omp simd
      for (int64_t e = begin; e < end; ++e) {
        const float moved = dy_t ? dy_t[e] * act.value(g[e]) : 0.0f;
        dx_t[e] = g_t ? moved + dy[e] * act.slope(g[e]) * g_t[e] : moved;
      }
    }
  });
  barrier();
}

PRIMER_REGISTER("gated", 3, gated, nullptr, nullptr, nullptr)
PRIMER_REGISTER("gated_backward", 5, gated_backward, nullptr, nullptr, nullptr)
PRIMER_REGISTER("gated_tangent", 5, gated_tangent, nullptr, nullptr, nullptr)
PRIMER_REGISTER("gated_backward_tangent", 8, gated_backward_tangent, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
