// lora_linear (Hu et al. 2021, eq. 3): y = x W^T + b + s (u A^T) B^T, h = u A^T kept for the backward pass.
//   x [T, in], u [T, in] (x itself, or x after dropout), W [out, in] shared, A [r, in], B [out, r] one copy a lane
//   -> y [T, out], h [T, r]. The rank-r term joins the dense product's sums or follows them, in float32 whatever the precision.
// lora_linear_backward, with dh = s dy B kept in a temporary [T, r]:
//   dx = dy W (+ dh A when u is x), du = dh A, dA = dh^T u, dB = s dy^T h.   All overwrite; any may be left out.
//   Saved: u, h. Accumulation: float32 (device/low_rank.cuh, device/outer_sums.cuh). No [out, in] gradient is ever formed.
// Floor: 2 T in out FLOP for x W^T and for dx; for the rank-r term bytes: u once more for h, y twice for s h B^T, dy twice more for dh and dB, dx twice for
// dh A, u once for dA.
#include <algorithm>

#include "device/kernel.h"
#include "device/low_rank.cuh"
#include "device/outer_sums.cuh"
#include "dense_product.cuh"

namespace primer::cuda {
namespace {

// operands x, u, W, b, A, B, y, h; reals scale
enum { kX, kU, kW, kBias, kA, kB, kY, kH };

// y = x W^T or x W, and the bias if there is one, and scale low F of each lane: terms of the same sums in our own bf16 products, else a second pass,
// 8 bytes a number.
void ranked_product(const Launch& launch, const Operand& x, const Operand& w, Side side, Laned<const float> bias, const Operand& low, const Factor& f, float scale,
                    const Operand& y) {
  const int64_t cols = y.cols;
  float* to = launch.data<float>(y);
  if (in_bf16(launch) && !by_library(launch, w)) {
    const RankTerms more{launch.data<const float>(low), f.data, f.outer, f.term, static_cast<int32_t>(low.cols), scale};
    return bf16_product(launch, x, w, side, launch.rows(x), more,
                        [=] __device__(int32_t lane, int64_t r, int32_t c, float sum) { to[r * cols + c] = bias ? sum + bias.of(lane)[c] : sum; });
  }
  dense_product(launch, x, w, side, launch.rows(x), to);
  rank_spread(launch, low, f, cols, rows_aligned<float>(launch, {&y}), [=] __device__(int32_t lane, int64_t r, auto part, auto sum) {
    sum = load(to + r * cols, part) + sum * scale;
    if (bias) {
#pragma unroll
      for (int e = 0; e < part.width; ++e) sum.n[e] += bias.of(lane)[part.c + e];
    }
    store(to + r * cols, part, sum);
  });
}

void lora_linear(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t rank = o[kH].cols;
  float* h = launch.data<float>(o[kH]);
  rank_product(launch, o[kU], transposed(launch.laned<const float>(o[kA]), o[kU].cols), rank,
               [=] __device__(int32_t, int64_t r, int32_t j, float sum) { h[r * rank + j] = sum; });
  ranked_product(launch, o[kX], o[kW], Side::forward, launch.laned<const float>(o[kBias]), o[kH], transposed(launch.laned<const float>(o[kB]), rank),
                 static_cast<float>(i.reals[0]), o[kY]);
}

// operands dy, u, W, A, B, h, dh, dx, du, dA, dB; integers shared (u is x); reals scale
enum { kDy, kBackU, kBackW, kBackA, kBackB, kBackH, kDh, kDx, kDu, kDa, kDb };

void backward_hidden(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t rank = o[kDh].cols;
  float* dh = launch.data<float>(o[kDh]);
  const float scale = static_cast<float>(i.reals[0]);
  rank_product(launch, o[kDy], plain(launch.laned<const float>(o[kBackB]), rank), rank,
               [=] __device__(int32_t, int64_t r, int32_t j, float sum) { dh[r * rank + j] = scale * sum; });
}

void backward_input(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  if (i.integers[0] == 0) return dense_product(launch, o[kDy], o[kBackW], Side::backward, launch.rows(o[kDy]), launch.data<float>(o[kDx]));
  ranked_product(launch, o[kDy], o[kBackW], Side::backward, {}, o[kDh], plain(launch.laned<const float>(o[kBackA]), o[kDx].cols), 1.0f, o[kDx]);
}

void backward_branch(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t in = o[kBackA].cols;
  float* du = launch.data<float>(o[kDu]);
  rank_spread(launch, o[kDh], plain(launch.laned<const float>(o[kBackA]), in), in, rows_aligned<float>(launch, {&o[kDu]}),
              [=] __device__(int32_t, int64_t r, auto part, const auto& sum) { store(du + r * in, part, sum); });
}

// result [m, n] = factor times left^T right, per lane.
void factor_gradient(const Launch& launch, const Operand& left, const Operand& right, const Operand& result, float factor) {
  const Laned<float> to = launch.laned<float>(result);
  const int64_t n = right.cols;
  outer_sums(launch, left, right, [=] __device__(int32_t lane, int64_t i, int64_t j, float sum) { to.of(lane)[i * n + j] = factor * sum; });
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
  const auto& o = i.operands;
  return std::max({o[kDx].space == Space::none ? 0 : dense_product_scratch(o[kDy], o[kBackW], lanes, precision), outer_sums_scratch(o[kDh], o[kBackU], lanes),
                   outer_sums_scratch(o[kDy], o[kBackH], lanes)});
}

PRIMER_REGISTER("lora_linear", 8, lora_linear, nullptr, forward_scratch, kDense)
PRIMER_REGISTER("lora_linear_backward", 11, lora_linear_backward, nullptr, backward_scratch, kDense)

}  // namespace
}  // namespace primer::cuda
