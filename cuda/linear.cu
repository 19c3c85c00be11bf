// linear: z = x W^T + b, a = act(z).
//   x [T, in], W [out, in] (shared, or one copy a lane), b [1, out] -> a [T, out], z [T, out].
// linear_backward_input: dx = dz W.             Overwrites.
// linear_backward_weight: dW = dz^T x, per lane, or over the rows of all lanes where dW is shared. Overwrites. Saved: x.
// linear_backward_weight_tangent: dW_t = dz_t^T x + dz^T x_t, likewise.
// Without an activation z is left out and a = x W^T + b. Precision: the program's, sums in float32 (dense_product.cuh, dense_gradient.cuh).
// Floor: 2 T in out FLOP each, at the rate of the precision; docs/cuda-kernels.md has the bytes.
#include "activation.cuh"
#include "dense_gradient.cuh"
#include "device/kernel.h"

namespace primer::cuda {
namespace {

// operands x, W, b, a, z; integers activation
enum { kX, kW, kB, kA, kZ };

template <class A>
void forward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t out = o[kA].cols;
  const Laned<const float> b = launch.laned<const float>(o[kB]);
  float *a = launch.data<float>(o[kA]), *z = launch.data<float>(o[kZ]);
  const bool one_bias = one_for_all(o[kB], launch.lanes);
  if (!z && one_bias && joins(b.data) && by_library(launch, o[kW])) return library_product(launch, o[kX], o[kW], Side::forward, b.data, a);
  const Rows rows = parts(launch, o[kX], one_bias && one_for_all(o[kW], launch.lanes));
  dense_product(launch, o[kX], o[kW], Side::forward, rows, z ? z : a, [=] __device__(int32_t lane, int64_t r, int32_t c, float sum) {
    const float value = b ? sum + b.of(lane)[c] : sum;
    if (z) z[r * out + c] = value;
    a[r * out + c] = A::value(value);
  });
}

void linear(const Launch& launch, const Instruction& i) {
  with_activation(i.integers[0], [&](auto act) { forward<decltype(act)>(launch, i); });
}

// operands dz, W, dx
void linear_backward_input(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  dense_product(launch, o[0], o[1], Side::backward, parts(launch, o[0], one_for_all(o[1], launch.lanes)), launch.data<float>(o[2]));
}

// operands dz, x, dW
void linear_backward_weight(const Launch& launch, const Instruction& i) {
  dense_gradient(launch, i.operands[0], i.operands[1], i.operands[2]);
}

// operands dz, x, dz_t, x_t, dW_t
void linear_backward_weight_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  dense_gradient(launch, o[2], o[1], o[4]);
  dense_gradient(launch, o[0], o[3], o[4], true);
}

int64_t scratch(const Instruction& i, int64_t lanes, Precision precision) { return dense_product_scratch(i.operands[0], i.operands[1], lanes, precision); }

PRIMER_REGISTER("linear", 5, linear, nullptr, scratch, kDense)
PRIMER_REGISTER("linear_backward_input", 3, linear_backward_input, nullptr, scratch, kDense)
PRIMER_REGISTER("linear_backward_weight", 3, linear_backward_weight, nullptr, scratch, kDense)
PRIMER_REGISTER("linear_backward_weight_tangent", 5, linear_backward_weight_tangent, nullptr, scratch, kDense)

}  // namespace
}  // namespace primer::cuda
