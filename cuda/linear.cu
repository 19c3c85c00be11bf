// linear: z = x W^T + b, a = act(z).
//   x [T, in], W [out, in] (shared, or one copy a lane), b [1, out] -> a [T, out], z [T, out].
// linear_backward_input: dx = dz W.             Overwrites.
// linear_backward_weight: dW = dz^T x, per lane, or over the rows of all lanes where dW is shared. Overwrites. Saved: x.
//   Accumulation: float32, over rows in ascending order.
// linear_backward_weight_tangent: dW_t = dz_t^T x + dz^T x_t, likewise.
// Without an activation z is left out and a = x W^T + b.
#include "activation.cuh"
#include "device/kernel.h"
#include "dense_product.cuh"

namespace primer::cuda {
namespace {

bool shared(const Operand& o) { return o.lane_stride == 0; }

// The rows of every lane; of all lanes at once where they share what is multiplied.
Rows parts(const Launch& launch, const Operand& x, bool one_part) { return one_part ? launch.rows(x).merged() : launch.rows(x); }

// operands x, W, b, a, z; integers activation
enum { kX, kW, kB, kA, kZ };

template <class A>
void forward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t out = o[kA].cols;
  const Laned<const float> b = launch.laned<const float>(o[kB]);
  float *a = launch.data<float>(o[kA]), *z = launch.data<float>(o[kZ]);
  if (!z && shared(o[kB]) && joins(b.data) && by_library(launch, o[kW])) return library_product(launch, o[kX], o[kW], Side::forward, b.data, a);
  const Rows rows = parts(launch, o[kX], shared(o[kW]) && shared(o[kB]));
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
  dense_product(launch, o[0], o[1], Side::backward, parts(launch, o[0], shared(o[1])), launch.data<float>(o[2]));
}

int64_t forward_scratch(const Instruction& i, int64_t) { return dense_product_scratch(i.operands[kX], i.operands[kW]); }
int64_t backward_scratch(const Instruction& i, int64_t) { return dense_product_scratch(i.operands[0], i.operands[1]); }

// dW (+)= dz^T x
template <bool kAccumulate>
void weight_product(const Launch& launch, const Operand& dz, const Operand& x, const Operand& dw) {
  const Laned<float> w = launch.laned<float>(dw);
  const int64_t in = x.cols;
  const Product product{columns_of(launch.data<const float>(dz), dz.cols), columns_of(launch.data<const float>(x), in),
                        parts(launch, dz, shared(dw)), Along::terms, static_cast<int32_t>(dz.cols), static_cast<int32_t>(in), 0};
  gemm(launch, product, 0, [=] __device__(int32_t lane, int64_t r, int32_t c, float sum) {
    float& to = w.of(lane)[r * in + c];
    to = kAccumulate ? to + sum : sum;
  });
}

// operands dz, x, dW
void linear_backward_weight(const Launch& launch, const Instruction& i) {
  weight_product<false>(launch, i.operands[0], i.operands[1], i.operands[2]);
}

// operands dz, x, dz_t, x_t, dW_t
void linear_backward_weight_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  weight_product<false>(launch, o[2], o[1], o[4]);
  weight_product<true>(launch, o[0], o[3], o[4]);
}

PRIMER_REGISTER("linear", 5, linear, nullptr, forward_scratch)
PRIMER_REGISTER("linear_backward_input", 3, linear_backward_input, nullptr, backward_scratch)
PRIMER_REGISTER("linear_backward_weight", 3, linear_backward_weight, nullptr, nullptr)
PRIMER_REGISTER("linear_backward_weight_tangent", 5, linear_backward_weight_tangent, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
