// gelu, gelu_tanh, relu, silu: y = act(x).
// gelu_backward, ...: dx = dy act'(x).   Overwrites. Saved: x.
// Floor: bytes of all operands once (8 and 12 a number); the exponentials cost about as much.
#include "cpu/activation.h"

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

PRIMER_REGISTER("gelu", 2, forward<Gelu>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("gelu_backward", 3, backward<Gelu>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("gelu_tanh", 2, forward<GeluTanh>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("gelu_tanh_backward", 3, backward<GeluTanh>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("relu", 2, forward<Relu>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("relu_backward", 3, backward<Relu>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("silu", 2, forward<Silu>, nullptr, nullptr, nullptr)
PRIMER_REGISTER("silu_backward", 3, backward<Silu>, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
