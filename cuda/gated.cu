// gated (Shazeer 2020, eq. 6): y = act(g) x, all [T, d].
// gated_backward: dg = dy x act'(g), dx = dy act(g).   Overwrites; each may be left out. Saved: g, x.
// gated_tangent: y_t = act'(g) g_t x + act(g) x_t.   Overwrites; either tangent may be left out.
// gated_backward_tangent: dg_t = dy_t x act'(g) + dy (x_t act'(g) + x act''(g) g_t), dx_t = dy_t act(g) + dy act'(g) g_t.
//   Overwrites; tangents and outputs may be left out.
// Floor: bytes of all operands once, 12, 20, 20 and 32 a number.
#include "activation.cuh"
#include "device/kernel.h"
#include "device/streams.cuh"

namespace primer::cuda {
namespace {

// operands g, x, y
template <class A>
void forward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  map_numbers<float, 2, 1>(launch, o[1], {&o[0], &o[1]}, {&o[2]}, [] __device__(const float* in, float* y) { y[0] = A::value(in[0]) * in[1]; });
}

// operands dy, g, x, dg, dx
template <class A>
void backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  map_numbers<float, 3, 2>(launch, o[2], {&o[0], &o[1], &o[2]}, {&o[3], &o[4]}, [] __device__(const float* in, float* out) {
    const float dy = in[0], g = in[1], x = in[2];
    out[0] = dy * x * A::slope(g);
    out[1] = dy * A::value(g);
  });
}

// operands g, x, g_t, x_t, y_t
template <class A>
void tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  map_numbers<float, 4, 1>(launch, o[1], {&o[0], &o[1], &o[2], &o[3]}, {&o[4]}, [] __device__(const float* in, float* y_t) {
    const float g = in[0], x = in[1], g_t = in[2], x_t = in[3];
    y_t[0] = A::slope(g) * g_t * x + A::value(g) * x_t;
  });
}

// operands dy, g, x, dy_t, g_t, x_t, dg_t, dx_t
template <class A>
void backward_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  map_numbers<float, 6, 2>(launch, o[2], {&o[0], &o[1], &o[2], &o[3], &o[4], &o[5]}, {&o[6], &o[7]}, [] __device__(const float* in, float* out) {
    const float dy = in[0], g = in[1], x = in[2], dy_t = in[3], g_t = in[4], x_t = in[5], slope = A::slope(g);
    out[0] = (dy_t * x + dy * x_t) * slope + dy * x * A::curvature(g) * g_t;
    out[1] = dy_t * A::value(g) + dy * slope * g_t;
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
