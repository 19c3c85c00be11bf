// lora_linear (Hu et al. 2021, eq. 3): y = x W^T + b + s (u A^T) B^T, h = u A^T kept for the backward pass.
//   x [T, in], u [T, in] (x itself, or x after dropout), W [out, in] shared, A [r, in], B [out, r] one copy a lane
//   -> y [T, out], h [T, r]. The rank-r term joins the dense product's sums (dense_product.cuh), in float32 whatever the precision.
// lora_linear_backward, with dh = s dy B kept in a temporary [T, r]:
//   dx = dy W (+ dh A when u is x), du = dh A, dA = dh^T u, dB = s dy^T h.   All overwrite; any may be left out.
//   Saved: u, h. Accumulation: float32, over rows in ascending order. No [out, in] gradient is ever formed.
// Floor: 2 T in out FLOP for x W^T and 2 T r (in + out) for the rank-r term; as many again for dx, and for dA and dB.
#include "device/kernel.h"
#include "dense_product.cuh"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// operands x, u, W, b, A, B, y, h; reals scale
enum { kX, kU, kW, kBias, kA, kB, kY, kH };

void lora_linear(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t in = o[kX].cols, out = o[kY].cols, rank = o[kH].cols, most = launch.most_rows(o[kX]);
  const Laned<const float> bias = launch.laned<const float>(o[kBias]), b = launch.laned<const float>(o[kB]);
  float *y = launch.data<float>(o[kY]), *h = launch.data<float>(o[kH]);
  const Rows rows = launch.rows(o[kX]);
  const float scale = static_cast<float>(i.reals[0]);
  gemm(launch, {rows_of(launch.data<const float>(o[kU]), in), transposed(launch.laned<const float>(o[kA]), in), rows, Along::rows, 0,
                static_cast<int32_t>(rank), static_cast<int32_t>(in)},
       most, [=] __device__(int32_t, int64_t r, int32_t c, float sum) { h[r * rank + c] = sum; });
  const RankTerms low{h, b, rank, 1, static_cast<int32_t>(rank), scale};
  dense_product(launch, o[kX], o[kW], Side::forward, rows, y, low,
                 [=] __device__(int32_t lane, int64_t r, int32_t c, float sum) { y[r * out + c] = bias ? sum + bias.of(lane)[c] : sum; });
}

// operands dy, u, W, A, B, h, dh, dx, du, dA, dB; integers shared (u is x); reals scale
enum { kDy, kBackU, kBackW, kBackA, kBackB, kBackH, kDh, kDx, kDu, kDa, kDb };

void backward_hidden(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t out = o[kDy].cols, rank = o[kDh].cols;
  float* dh = launch.data<float>(o[kDh]);
  const float scale = static_cast<float>(i.reals[0]);
  gemm(launch, {rows_of(launch.data<const float>(o[kDy]), out), plain(launch.laned<const float>(o[kBackB]), rank), launch.rows(o[kDy]), Along::rows, 0,
                static_cast<int32_t>(rank), static_cast<int32_t>(out)},
       launch.most_rows(o[kDy]), [=] __device__(int32_t, int64_t r, int32_t c, float sum) { dh[r * rank + c] = scale * sum; });
}

void backward_input(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t rank = o[kDh].cols, in = o[kBackA].cols;
  const Laned<const float> a = launch.laned<const float>(o[kBackA]);
  const float* dh = launch.data<const float>(o[kDh]);
  float* dx = launch.data<float>(o[kDx]);
  if (i.integers[0] == 0) return dense_product(launch, o[kDy], o[kBackW], Side::backward, launch.rows(o[kDy]), dx);
  const RankTerms low{dh, a, 1, in, static_cast<int32_t>(rank), 1.0f};
  dense_product(launch, o[kDy], o[kBackW], Side::backward, launch.rows(o[kDy]), dx, low,
                 [=] __device__(int32_t, int64_t r, int32_t c, float sum) { dx[r * in + c] = sum; });
}

void backward_branch(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t rank = o[kDh].cols, in = o[kBackA].cols;
  float* du = launch.data<float>(o[kDu]);
  gemm(launch, {rows_of(launch.data<const float>(o[kDh]), rank), plain(launch.laned<const float>(o[kBackA]), in), launch.rows(o[kDy]), Along::rows, 0,
                static_cast<int32_t>(in), static_cast<int32_t>(rank)},
       launch.most_rows(o[kDy]), [=] __device__(int32_t, int64_t r, int32_t c, float sum) { du[r * in + c] = sum; });
}

// result [m, n] = factor times left^T right, per lane.
void factor_gradient(const Launch& launch, const Operand& left, const Operand& right, const Operand& result, float factor) {
  const Laned<float> to = launch.laned<float>(result);
  const int64_t n = right.cols;
  gemm(launch, {columns_of(launch.data<const float>(left), left.cols), columns_of(launch.data<const float>(right), n), launch.rows(left), Along::terms,
                static_cast<int32_t>(left.cols), static_cast<int32_t>(n), 0},
       0, [=] __device__(int32_t lane, int64_t r, int32_t c, float sum) { to.of(lane)[r * n + c] = factor * sum; });
}

void lora_linear_backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  backward_hidden(launch, i);
  if (launch.present(o[kDx])) backward_input(launch, i);
  if (launch.present(o[kDu])) backward_branch(launch, i);
  if (launch.present(o[kDa])) factor_gradient(launch, o[kDh], o[kBackU], o[kDa], 1.0f);
  if (launch.present(o[kDb])) factor_gradient(launch, o[kDy], o[kBackH], o[kDb], static_cast<float>(i.reals[0]));
}

int64_t forward_scratch(const Instruction& i, int64_t lanes, Precision precision) { return dense_product_scratch(i.operands[kX], i.operands[kW], lanes, precision); }
int64_t backward_scratch(const Instruction& i, int64_t lanes, Precision precision) {
  return i.operands[kDx].space == Space::none ? 0 : dense_product_scratch(i.operands[kDy], i.operands[kBackW], lanes, precision);
}

PRIMER_REGISTER("lora_linear", 8, lora_linear, nullptr, forward_scratch, kDense)
PRIMER_REGISTER("lora_linear_backward", 11, lora_linear_backward, nullptr, backward_scratch, kDense)

}  // namespace
}  // namespace primer::cuda
