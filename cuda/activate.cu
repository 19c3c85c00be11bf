// gelu, gelu_tanh, relu, silu: y = act(x).
// gelu_backward, ...: dx = dy act'(x).   Overwrites. Saved: x.
// gelu_backward_tangent, ...: dx_t = dy_t act'(x) + dy act''(x) x_t.   Overwrites; dy_t may be left out.
// Floor: bytes of all operands once (8, 12 and 20 a number).
#include "activation.cuh"
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

template <class A>
__global__ void activate_kernel(const float* x, float* y, Rows rows, int32_t cols) {
  const int64_t count = static_cast<int64_t>(rows.total()) * cols;
  for (int64_t e = first_number(); e < count; e += number_step()) y[e] = A::value(x[e]);
}

template <class A>
__global__ void backward_kernel(const float* dy, const float* x, float* dx, Rows rows, int32_t cols) {
  const int64_t count = static_cast<int64_t>(rows.total()) * cols;
  for (int64_t e = first_number(); e < count; e += number_step()) dx[e] = dy[e] * A::slope(x[e]);
}

template <class A>
__global__ void backward_tangent_kernel(const float* dy, const float* x, const float* dy_t, const float* x_t, float* dx_t, Rows rows, int32_t cols) {
  const int64_t count = static_cast<int64_t>(rows.total()) * cols;
  for (int64_t e = first_number(); e < count; e += number_step()) {
    const float curved = dy[e] * A::curvature(x[e]) * x_t[e];
    dx_t[e] = dy_t ? curved + dy_t[e] * A::slope(x[e]) : curved;
  }
}

uint32_t blocks_of(const Launch& launch, const Operand& x) { return blocks_for_numbers(launch, launch.most_rows(x) * x.cols); }

// operands x, y
template <class A>
void forward(const Launch& launch, const Instruction& i) {
  const Operand& x = i.operands[0];
  launch(activate_kernel<A>, blocks_of(launch, x), kThreads, 0, launch.data<const float>(x), launch.data<float>(i.operands[1]), launch.rows(x),
         static_cast<int32_t>(x.cols));
}

// operands dy, x, dx
template <class A>
void backward(const Launch& launch, const Instruction& i) {
  const Operand& x = i.operands[1];
  launch(backward_kernel<A>, blocks_of(launch, x), kThreads, 0, launch.data<const float>(i.operands[0]), launch.data<const float>(x),
         launch.data<float>(i.operands[2]), launch.rows(x), static_cast<int32_t>(x.cols));
}

// operands dy, x, dy_t, x_t, dx_t
template <class A>
void backward_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  launch(backward_tangent_kernel<A>, blocks_of(launch, o[1]), kThreads, 0, launch.data<const float>(o[0]), launch.data<const float>(o[1]),
         launch.data<const float>(o[2]), launch.data<const float>(o[3]), launch.data<float>(o[4]), launch.rows(o[1]), static_cast<int32_t>(o[1].cols));
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
