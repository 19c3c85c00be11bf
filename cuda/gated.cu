// gated (Shazeer 2020, eq. 6): y = act(g) x, all [T, d].
// gated_backward: dg = dy x act'(g), dx = dy act(g).   Overwrites; each may be left out. Saved: g, x.
// gated_tangent: y_t = act'(g) g_t x + act(g) x_t.   Overwrites; either tangent may be left out.
// gated_backward_tangent: dg_t = dy_t x act'(g) + dy (x_t act'(g) + x act''(g) g_t), dx_t = dy_t act(g) + dy act'(g) g_t.
//   Overwrites; tangents and outputs may be left out.
// Floor: bytes of all operands once, 12, 20, 20 and 32 a number.
#include "activation.cuh"
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// What is left out is zero.
__device__ float at(const float* x, int64_t e) { return x ? x[e] : 0.0f; }

// operands g, x, y
template <class A>
void forward(const Launch& launch, const Instruction& i) {
  const float *g = launch.data<const float>(i.operands[0]), *x = launch.data<const float>(i.operands[1]);
  float* y = launch.data<float>(i.operands[2]);
  const int64_t d = i.operands[1].cols;
  for_numbers(launch, i.operands[1], [=] __device__(int64_t r, int32_t c) { y[r * d + c] = A::value(g[r * d + c]) * x[r * d + c]; });
}

// operands dy, g, x, dg, dx
template <class A>
void backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *dy = launch.data<const float>(o[0]), *g = launch.data<const float>(o[1]), *x = launch.data<const float>(o[2]);
  float *dg = launch.data<float>(o[3]), *dx = launch.data<float>(o[4]);
  const int64_t d = o[2].cols;
  for_numbers(launch, o[2], [=] __device__(int64_t r, int32_t c) {
    const int64_t e = r * d + c;
    if (dg) dg[e] = dy[e] * x[e] * A::slope(g[e]);
    if (dx) dx[e] = dy[e] * A::value(g[e]);
  });
}

// operands g, x, g_t, x_t, y_t
template <class A>
void tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *g = launch.data<const float>(o[0]), *x = launch.data<const float>(o[1]);
  const float *g_t = launch.data<const float>(o[2]), *x_t = launch.data<const float>(o[3]);
  float* y_t = launch.data<float>(o[4]);
  const int64_t d = o[1].cols;
  for_numbers(launch, o[1], [=] __device__(int64_t r, int32_t c) {
    const int64_t e = r * d + c;
    y_t[e] = A::slope(g[e]) * at(g_t, e) * x[e] + A::value(g[e]) * at(x_t, e);
  });
}

// operands dy, g, x, dy_t, g_t, x_t, dg_t, dx_t
template <class A>
void backward_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *dy = launch.data<const float>(o[0]), *g = launch.data<const float>(o[1]), *x = launch.data<const float>(o[2]);
  const float *dy_t = launch.data<const float>(o[3]), *g_t = launch.data<const float>(o[4]), *x_t = launch.data<const float>(o[5]);
  float *dg_t = launch.data<float>(o[6]), *dx_t = launch.data<float>(o[7]);
  const int64_t d = o[2].cols;
  for_numbers(launch, o[2], [=] __device__(int64_t r, int32_t c) {
    const int64_t e = r * d + c;
    if (dg_t) {
      const float moved = at(dy_t, e) * x[e] + dy[e] * at(x_t, e);
      dg_t[e] = moved * A::slope(g[e]) + dy[e] * x[e] * A::curvature(g[e]) * at(g_t, e);
    }
    if (dx_t) dx_t[e] = at(dy_t, e) * A::value(g[e]) + dy[e] * A::slope(g[e]) * at(g_t, e);
  });
}

// integers activation
void gated(const Launch& launch, const Instruction& i) {
  with_activation(i.integers[0], [&](auto act) { forward<decltype(act)>(launch, i); });
}

void gated_backward(const Launch& launch, const Instruction& i) {
  with_activation(i.integers[0], [&](auto act) { backward<decltype(act)>(launch, i); });
}

void gated_tangent(const Launch& launch, const Instruction& i) {
  with_activation(i.integers[0], [&](auto act) { tangent<decltype(act)>(launch, i); });
}

void gated_backward_tangent(const Launch& launch, const Instruction& i) {
  with_activation(i.integers[0], [&](auto act) { backward_tangent<decltype(act)>(launch, i); });
}

PRIMER_REGISTER("gated", 3, gated, nullptr, nullptr)
PRIMER_REGISTER("gated_backward", 5, gated_backward, nullptr, nullptr)
PRIMER_REGISTER("gated_tangent", 5, gated_tangent, nullptr, nullptr)
PRIMER_REGISTER("gated_backward_tangent", 8, gated_backward_tangent, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
