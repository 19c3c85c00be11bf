// gelu, gelu_tanh, relu, silu: y = act(x).
// gelu_backward, ...: dx = dy act'(x).   Overwrites. Saved: x.
// gelu_backward_tangent, ...: dx_t = dy_t act'(x) + dy act''(x) x_t.   Overwrites; dy_t may be left out.
// Floor: bytes of all operands once (8, 12 and 20 a number).
#include "activation.cuh"
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// operands x, y
template <class A>
void forward(const Launch& launch, const Instruction& i) {
  const float* x = launch.data<const float>(i.operands[0]);
  float* y = launch.data<float>(i.operands[1]);
  const int64_t d = i.operands[0].cols;
  for_numbers(launch, i.operands[0], [=] __device__(int64_t r, int32_t c) { y[r * d + c] = A::value(x[r * d + c]); });
}

// operands dy, x, dx
template <class A>
void backward(const Launch& launch, const Instruction& i) {
  const float *dy = launch.data<const float>(i.operands[0]), *x = launch.data<const float>(i.operands[1]);
  float* dx = launch.data<float>(i.operands[2]);
  const int64_t d = i.operands[1].cols;
  for_numbers(launch, i.operands[1], [=] __device__(int64_t r, int32_t c) { dx[r * d + c] = dy[r * d + c] * A::slope(x[r * d + c]); });
}

// operands dy, x, dy_t, x_t, dx_t
template <class A>
void backward_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *dy = launch.data<const float>(o[0]), *x = launch.data<const float>(o[1]);
  const float *dy_t = launch.data<const float>(o[2]), *x_t = launch.data<const float>(o[3]);
  float* dx_t = launch.data<float>(o[4]);
  const int64_t d = o[1].cols;
  for_numbers(launch, o[1], [=] __device__(int64_t r, int32_t c) {
    const int64_t e = r * d + c;
    const float curved = dy[e] * A::curvature(x[e]) * x_t[e];
    dx_t[e] = dy_t ? curved + dy_t[e] * A::slope(x[e]) : curved;
  });
}

PRIMER_REGISTER("gelu", 2, forward<Gelu>, nullptr, nullptr)
PRIMER_REGISTER("gelu_backward", 3, backward<Gelu>, nullptr, nullptr)
PRIMER_REGISTER("gelu_backward_tangent", 5, backward_tangent<Gelu>, nullptr, nullptr)
PRIMER_REGISTER("gelu_tanh", 2, forward<GeluTanh>, nullptr, nullptr)
PRIMER_REGISTER("gelu_tanh_backward", 3, backward<GeluTanh>, nullptr, nullptr)
PRIMER_REGISTER("gelu_tanh_backward_tangent", 5, backward_tangent<GeluTanh>, nullptr, nullptr)
PRIMER_REGISTER("relu", 2, forward<Relu>, nullptr, nullptr)
PRIMER_REGISTER("relu_backward", 3, backward<Relu>, nullptr, nullptr)
PRIMER_REGISTER("relu_backward_tangent", 5, backward_tangent<Relu>, nullptr, nullptr)
PRIMER_REGISTER("silu", 2, forward<Silu>, nullptr, nullptr)
PRIMER_REGISTER("silu_backward", 3, backward<Silu>, nullptr, nullptr)
PRIMER_REGISTER("silu_backward_tangent", 5, backward_tangent<Silu>, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
