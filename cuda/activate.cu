// gelu, gelu_tanh, relu, silu: y = act(x).
// gelu_backward, ...: dx = dy act'(x).   Overwrites. Saved: x.
// gelu_backward_tangent, ...: dx_t = dy_t act'(x) + dy act''(x) x_t.   Overwrites; dy_t may be left out.
// Floor: bytes of all operands once (8, 12 and 20 a number).
#include "activation.cuh"
#include "device/kernel.h"
#include "device/streams.cuh"

namespace primer::cuda {
namespace {

// operands x, y
template <class A>
void forward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  map_numbers<float, 1, 1>(launch, o[0], {&o[0]}, {&o[1]}, [] __device__(const float* x, float* y) { y[0] = A::value(x[0]); });
}

// operands dy, x, dx
template <class A>
void backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  map_numbers<float, 2, 1>(launch, o[1], {&o[0], &o[1]}, {&o[2]}, [] __device__(const float* in, float* dx) { dx[0] = in[0] * A::slope(in[1]); });
}

// operands dy, x, dy_t, x_t, dx_t
template <class A>
void backward_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  map_numbers<float, 4, 1>(launch, o[1], {&o[0], &o[1], &o[2], &o[3]}, {&o[4]}, [] __device__(const float* in, float* dx_t) {
    const float dy = in[0], x = in[1], dy_t = in[2], x_t = in[3];
    dx_t[0] = dy * A::curvature(x) * x_t + dy_t * A::slope(x);
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
