// Tangents of lora_linear, but for W's: h_t = u_t A^T + u A_t^T, y_t = x_t W^T + b_t + s (h_t B^T + h B_t^T).
// Tangents of lora_linear_backward, but for W's, with dh = s dy B: dh_t = s (dy_t B + dy B_t), dx_t = dy_t W (+ dh_t A + dh A_t when u is x),
//   du_t = dh_t A + dh A_t, dA_t = dh_t^T u + dh^T u_t, dB_t = s (dy_t^T h + dy^T h_t).
// x, u [T, in], W [out, in] shared, A [r, in], B [out, r] one copy a lane. A tangent that is left out is zero, b_t where x_t is.
// All overwrite; each output may be left out, h_t and dh_t when they are zero. Saved: u, h, dh. Accumulation: float32
// (device/low_rank.cuh, device/outer_sums.cuh); the rank-r terms follow the dense product in passes of their own, in float32 whatever the precision.
// Floor: 2 T in out FLOP for each of x_t W^T and dy_t W; for each term with a rank bytes, its rows once, and the result once more where it is added.
#include <algorithm>
#include <utility>

#include "device/kernel.h"
#include "device/low_rank.cuh"
#include "device/outer_sums.cuh"
#include "dense_product.cuh"

namespace primer::cuda {
namespace {

// A result that sums are added to, times a factor; the first overwrites it, unless something is there already.
struct Addition {
  Laned<float> to;
  int64_t cols;
  float factor;
  bool more;

  __device__ void operator()(int32_t lane, int64_t r, int64_t c, float sum) const {
    float& number = to.of(lane)[r * cols + c];
    number = more ? number + factor * sum : factor * sum;
  }
  template <int N>
  __device__ void operator()(int32_t, int64_t r, Part<N> part, const Vector<float, N>& sum) const {
    float* row = to.data + r * cols;
    store(row, part, more ? load(row, part) + sum * factor : sum * factor);
  }
  // For what follows.
  Addition next() { return std::exchange(*this, {to, cols, factor, true}); }
};

Addition additions(const Launch& launch, const Operand& to, float factor, bool more = false) { return {launch.laned<float>(to), to.cols, factor, more}; }

// to = the sum of left_t right and left right_t, of those that are there, times a factor.
void sum_products(const Launch& launch, const Operand& left_t, const Factor& right, const Operand& left, const Factor& right_t, const Operand& to, float factor) {
  Addition sum = additions(launch, to, factor);
  if (launch.present(left_t)) rank_product(launch, left_t, right, to.cols, sum.next());
  if (right_t.data.data) rank_product(launch, left, right_t, to.cols, sum.next());
}

// As sum_products of low and low_t, which have few columns; added to what is there, where `more`.
void sum_spreads(const Launch& launch, const Operand& low_t, const Factor& right, const Operand& low, const Factor& right_t, const Operand& to, float factor, bool more) {
  Addition sum = additions(launch, to, factor, more);
  const bool wide = rows_aligned<float>(launch, {&to});
  if (launch.present(low_t)) rank_spread(launch, low_t, right, to.cols, wide, sum.next());
  if (right_t.data.data) rank_spread(launch, low, right_t, to.cols, wide, sum.next());
}

// to = the sum of left_t^T right and left^T right_t, of those that are there, times a factor.
void sum_outer(const Launch& launch, const Operand& left_t, const Operand& right, const Operand& left, const Operand& right_t, const Operand& to, float factor) {
  Addition sum = additions(launch, to, factor);
  if (launch.present(left_t)) outer_sums(launch, left_t, right, sum.next());
  if (launch.present(right_t)) outer_sums(launch, left, right_t, sum.next());
}

// operands x_t, u_t, u, W, b_t, A, A_t, B, B_t, h, y_t, h_t; reals s
enum { kXt, kUt, kU, kW, kBiasT, kA, kAt, kB, kBt, kH, kYt, kHt };

// y_t = x_t W^T + b_t + s (h_t B^T + h B_t^T).
void set_output(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t rank = o[kH].cols, out = o[kYt].cols;
  const Laned<const float> bias = launch.laned<const float>(o[kBiasT]);
  float* y_t = launch.data<float>(o[kYt]);
  const bool base = launch.present(o[kXt]);
  if (base) {
    dense_product(launch, o[kXt], o[kW], Side::forward, launch.rows(o[kYt]), y_t,
                   [=] __device__(int32_t lane, int64_t r, int32_t c, float sum) { y_t[r * out + c] = bias ? sum + bias.of(lane)[c] : sum; });
  }
  sum_spreads(launch, o[kHt], transposed(launch.laned<const float>(o[kB]), rank), o[kH], transposed(launch.laned<const float>(o[kBt]), rank), o[kYt],
              static_cast<float>(i.reals[0]), base);
}

void lora_linear_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t in = o[kU].cols;
  if (launch.present(o[kHt])) {
    sum_products(launch, o[kUt], transposed(launch.laned<const float>(o[kA]), in), o[kU], transposed(launch.laned<const float>(o[kAt]), in), o[kHt], 1.0f);
  }
  if (launch.present(o[kYt])) set_output(launch, i);
}

// operands dy, u, W, A, B, h, dh, dy_t, u_t, A_t, B_t, h_t, dh_t, dx_t, du_t, dA_t, dB_t; integers shared (u is x); reals s
enum { kDy, kBackU, kBackW, kBackA, kBackB, kBackH, kDh, kDyT, kBackUt, kBackAt, kBackBt, kBackHt, kDhT, kDxT, kDuT, kDaT, kDbT };

// to = dy_t W, where `base`, and dh_t A + dh A_t, where `branch`.
void set_input(const Launch& launch, const Instruction& i, const Operand& to, bool base, bool branch) {
  const auto& o = i.operands;
  if (base) dense_product(launch, o[kDyT], o[kBackW], Side::backward, launch.rows(to), launch.data<float>(to));
  if (!branch) return;
  sum_spreads(launch, o[kDhT], plain(launch.laned<const float>(o[kBackA]), to.cols), o[kDh], plain(launch.laned<const float>(o[kBackAt]), to.cols), to, 1.0f, base);
}

void lora_linear_backward_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t rank = o[kDh].cols;
  const float scale = static_cast<float>(i.reals[0]);
  if (launch.present(o[kDhT])) {
    sum_products(launch, o[kDyT], plain(launch.laned<const float>(o[kBackB]), rank), o[kDy], plain(launch.laned<const float>(o[kBackBt]), rank), o[kDhT], scale);
  }
  if (launch.present(o[kDxT])) set_input(launch, i, o[kDxT], launch.present(o[kDyT]), i.integers[0] != 0);
  if (launch.present(o[kDuT])) set_input(launch, i, o[kDuT], false, true);
  if (launch.present(o[kDaT])) sum_outer(launch, o[kDhT], o[kBackU], o[kDh], o[kBackUt], o[kDaT], 1.0f);
  if (launch.present(o[kDbT])) sum_outer(launch, o[kDyT], o[kBackH], o[kDy], o[kBackHt], o[kDbT], scale);
}

int64_t forward_scratch(const Instruction& i, int64_t lanes, Precision precision) { return dense_product_scratch(i.operands[kXt], i.operands[kW], lanes, precision); }
int64_t backward_scratch(const Instruction& i, int64_t lanes, Precision precision) {
  const auto& o = i.operands;
  return std::max({dense_product_scratch(o[kDyT], o[kBackW], lanes, precision), outer_sums_scratch(o[kDh], o[kBackU], lanes), outer_sums_scratch(o[kDy], o[kBackH], lanes)});
}

PRIMER_REGISTER("lora_linear_tangent", 12, lora_linear_tangent, nullptr, forward_scratch, kDense)
PRIMER_REGISTER("lora_linear_backward_tangent", 17, lora_linear_backward_tangent, nullptr, backward_scratch, kDense)

}  // namespace
}  // namespace primer::cuda
