// gelu, gelu_tanh, relu, silu: y = act(x).
// gelu_backward, ...: dx = dy act'(x).   Overwrites. Saved: x.
// gelu_backward_tangent, ...: dx_t = dy_t act'(x) + dy act''(x) x_t.   Overwrites; dy_t may be left out.
// Floor: bytes of all operands once (8, 12 and 20 a number); the exponentials cost about as much.
#include "cpu/activation.h"
#include "cpu/tangent.h"

PRIMER_KERNELS {
namespace {

// operands x, y
template <class A>
void forward(const Step& step, const Instruction& i) {
  const Operand& x = i.operands[0];
  const Range rows = share(step, step.rows(x));
  const float* in = step.data<float>(x);
  float* out = step.data<float>(i.operands[1]);
#pragma omp simd
  for (int64_t e = rows.begin * x.cols; e < rows.end * x.cols; ++e) out[e] = A::value(in[e]);
  barrier();
}

// operands dy, x, dx
template <class A>
void backward(const Step& step, const Instruction& i) {
  const Operand& x = i.operands[1];
  const Range rows = share(step, step.rows(x));
  const float *dy = step.data<float>(i.operands[0]), *in = step.data<float>(x);
  float* dx = step.data<float>(i.operands[2]);
#pragma omp simd
  for (int64_t e = rows.begin * x.cols; e < rows.end * x.cols; ++e) dx[e] = dy[e] * A::slope(in[e]);
  barrier();
}

// operands dy, x, dy_t, x_t, dx_t
template <class A>
void backward_tangent(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const Range rows = share(step, step.rows(o[1]));
  const float *dy = step.data<float>(o[0]), *x = step.data<float>(o[1]), *x_t = step.data<float>(o[3]);
  const float* dy_t = optional(step, o[2]);
  float* dx_t = step.data<float>(o[4]);
#pragma omp simd
  for (int64_t e = rows.begin * o[1].cols; e < rows.end * o[1].cols; ++e) {
    const float curved = dy[e] * A::curvature(x[e]) * x_t[e];
    dx_t[e] = dy_t ? curved + dy_t[e] * A::slope(x[e]) : curved;
  }
  barrier();
}

PRIMER_REGISTER("gelu", 2, forward<Gelu>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("gelu_backward", 3, backward<Gelu>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("gelu_backward_tangent", 5, backward_tangent<Gelu>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("gelu_tanh", 2, forward<GeluTanh>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("gelu_tanh_backward", 3, backward<GeluTanh>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("gelu_tanh_backward_tangent", 5, backward_tangent<GeluTanh>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("relu", 2, forward<Relu>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("relu_backward", 3, backward<Relu>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("relu_backward_tangent", 5, backward_tangent<Relu>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("silu", 2, forward<Silu>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("silu_backward", 3, backward<Silu>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("silu_backward_tangent", 5, backward_tangent<Silu>, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
