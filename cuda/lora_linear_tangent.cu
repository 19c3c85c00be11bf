// Tangents of lora_linear, but for W's: h_t = u_t A^T + u A_t^T, y_t = x_t W^T + b_t + s (h_t B^T + h B_t^T).
// Tangents of lora_linear_backward, but for W's, with dh = s dy B: dh_t = s (dy_t B + dy B_t), dx_t = dy_t W (+ dh_t A + dh A_t when u is x),
//   du_t = dh_t A + dh A_t, dA_t = dh_t^T u + dh^T u_t, dB_t = s (dy_t^T h + dy^T h_t).
// x, u [T, in], W [out, in] shared, A [r, in], B [out, r] one copy a lane. A tangent that is left out is zero, b_t where x_t is.
// All overwrite; each output may be left out, h_t and dh_t when they are zero. Saved: u, h, dh. Accumulation: float32, over
// rows in ascending order; the rank-r terms join the dense product's sums (dense_product.cuh), in float32 whatever the precision.
// Floor: 2 T in out FLOP for each of x_t W^T and dy_t W, and 2 T r (in + out) for each of a rank-r term's two factors.
#include "device/kernel.h"
#include "dense_product.cuh"

namespace primer::cuda {
namespace {

// The sum over e < rank of (left_t right + left right_t), left and left_t [T, rank], where either tangent may be left out.
struct RankTerm {
  const float *left, *left_t;
  Factor right, right_t;
  int64_t rank;

  __device__ float operator()(int32_t lane, int64_t r, int64_t c) const {
    float sum = 0;
    if (left_t) sum += product(left_t + r * rank, right, lane, c);
    if (right_t.data) sum += product(left + r * rank, right_t, lane, c);
    return sum;
  }

 private:
  __device__ float product(const float* row, const Factor& f, int32_t lane, int64_t c) const {
    const float* column = f.data.of(lane) + c * f.outer;
    float sum = 0;
    for (int64_t e = 0; e < rank; ++e) sum += row[e] * column[e * f.term];
    return sum;
  }
};

// Products that are added up in one result, times a factor; the first overwrites.
class Sum {
 public:
  Sum(const Launch& launch, const Operand& to, float factor) : launch_(launch), to_(launch.laned<float>(to)), cols_(to.cols), factor_(factor) {}

  void add(const Product& p, int64_t most_rows) {
    const Laned<float> to = to_;
    const int64_t cols = cols_;
    const float factor = factor_;
    const bool more = more_;
    gemm(launch_, p, most_rows, [=] __device__(int32_t lane, int64_t r, int32_t c, float sum) {
      float& number = to.of(lane)[r * cols + c];
      number = more ? number + factor * sum : factor * sum;
    });
    more_ = true;
  }

 private:
  const Launch& launch_;
  Laned<float> to_;
  int64_t cols_;
  float factor_;
  bool more_ = false;
};

Product along_rows(const Launch& launch, const Operand& left, const Factor& right, int64_t n) {
  return {rows_of(launch.data<const float>(left), left.cols), right, launch.rows(left), Along::rows, 0, static_cast<int32_t>(n), static_cast<int32_t>(left.cols)};
}

Product along_terms(const Launch& launch, const Operand& left, const Operand& right) {
  return {columns_of(launch.data<const float>(left), left.cols), columns_of(launch.data<const float>(right), right.cols), launch.rows(left), Along::terms,
          static_cast<int32_t>(left.cols), static_cast<int32_t>(right.cols), 0};
}

// to = the sum of left_t right and left right_t, of those that are there, times a factor.
void sum_along_rows(const Launch& launch, const Operand& left_t, const Factor& right, const Operand& left, const Factor& right_t, const Operand& to, float factor) {
  Sum sum(launch, to, factor);
  if (launch.present(left_t)) sum.add(along_rows(launch, left_t, right, to.cols), launch.most_rows(left_t));
  if (right_t.data.data) sum.add(along_rows(launch, left, right_t, to.cols), launch.most_rows(left));
}

// to = the sum of left_t^T right and left^T right_t, of those that are there, times a factor.
void sum_along_terms(const Launch& launch, const Operand& left_t, const Operand& right, const Operand& left, const Operand& right_t, const Operand& to, float factor) {
  Sum sum(launch, to, factor);
  if (launch.present(left_t)) sum.add(along_terms(launch, left_t, right), 0);
  if (launch.present(right_t)) sum.add(along_terms(launch, left, right_t), 0);
}

// operands x_t, u_t, u, W, b_t, A, A_t, B, B_t, h, y_t, h_t; reals s
enum { kXt, kUt, kU, kW, kBiasT, kA, kAt, kB, kBt, kH, kYt, kHt };

// y_t = x_t W^T + b_t + s (h_t B^T + h B_t^T).
void set_output(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t rank = o[kH].cols, out = o[kYt].cols;
  const RankTerm low{launch.data<const float>(o[kH]), launch.data<const float>(o[kHt]), transposed(launch.laned<const float>(o[kB]), rank),
                     transposed(launch.laned<const float>(o[kBt]), rank), rank};
  const Laned<const float> bias = launch.laned<const float>(o[kBiasT]);
  const Rows rows = launch.rows(o[kYt]);
  const float scale = static_cast<float>(i.reals[0]);
  float* y_t = launch.data<float>(o[kYt]);
  if (!launch.present(o[kXt])) {
    for_numbers(launch, o[kYt], [=] __device__(int64_t r, int32_t c) { y_t[r * out + c] = scale * low(rows.lane_of(r), r, c); });
    return;
  }
  dense_product(launch, o[kXt], o[kW], Side::forward, rows, y_t, [=] __device__(int32_t lane, int64_t r, int32_t c, float sum) {
    y_t[r * out + c] = (bias ? sum + bias.of(lane)[c] : sum) + scale * low(lane, r, c);
  });
}

void lora_linear_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t in = o[kU].cols;
  if (launch.present(o[kHt])) {
    sum_along_rows(launch, o[kUt], transposed(launch.laned<const float>(o[kA]), in), o[kU], transposed(launch.laned<const float>(o[kAt]), in), o[kHt], 1.0f);
  }
  if (launch.present(o[kYt])) set_output(launch, i);
}

// operands dy, u, W, A, B, h, dh, dy_t, u_t, A_t, B_t, h_t, dh_t, dx_t, du_t, dA_t, dB_t; integers shared (u is x); reals s
enum { kDy, kBackU, kBackW, kBackA, kBackB, kBackH, kDh, kDyT, kBackUt, kBackAt, kBackBt, kBackHt, kDhT, kDxT, kDuT, kDaT, kDbT };

// to = dy_t W, where `base`, and dh_t A + dh A_t, where `branch`.
void set_input(const Launch& launch, const Instruction& i, const Operand& to, bool base, bool branch) {
  const auto& o = i.operands;
  const int64_t in = to.cols, rank = o[kDh].cols;
  const RankTerm low{launch.data<const float>(o[kDh]), launch.data<const float>(o[kDhT]), plain(launch.laned<const float>(o[kBackA]), in),
                     plain(launch.laned<const float>(o[kBackAt]), in), rank};
  const Rows rows = launch.rows(to);
  float* out = launch.data<float>(to);
  if (!base) {
    for_numbers(launch, to, [=] __device__(int64_t r, int32_t c) { out[r * in + c] = low(rows.lane_of(r), r, c); });
    return;
  }
  if (!branch) return dense_product(launch, o[kDyT], o[kBackW], Side::backward, rows, out);
  dense_product(launch, o[kDyT], o[kBackW], Side::backward, rows, out,
                 [=] __device__(int32_t lane, int64_t r, int32_t c, float sum) { out[r * in + c] = sum + low(lane, r, c); });
}

void lora_linear_backward_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t rank = o[kDh].cols;
  const float scale = static_cast<float>(i.reals[0]);
  if (launch.present(o[kDhT])) {
    sum_along_rows(launch, o[kDyT], plain(launch.laned<const float>(o[kBackB]), rank), o[kDy], plain(launch.laned<const float>(o[kBackBt]), rank), o[kDhT], scale);
  }
  if (launch.present(o[kDxT])) set_input(launch, i, o[kDxT], launch.present(o[kDyT]), i.integers[0] != 0);
  if (launch.present(o[kDuT])) set_input(launch, i, o[kDuT], false, true);
  if (launch.present(o[kDaT])) sum_along_terms(launch, o[kDhT], o[kBackU], o[kDh], o[kBackUt], o[kDaT], 1.0f);
  if (launch.present(o[kDbT])) sum_along_terms(launch, o[kDyT], o[kBackH], o[kDy], o[kBackHt], o[kDbT], scale);
}

int64_t forward_scratch(const Instruction& i, int64_t lanes, Precision precision) { return dense_product_scratch(i.operands[kXt], i.operands[kW], lanes, precision); }
int64_t backward_scratch(const Instruction& i, int64_t lanes, Precision precision) { return dense_product_scratch(i.operands[kDyT], i.operands[kBackW], lanes, precision); }

PRIMER_REGISTER("lora_linear_tangent", 12, lora_linear_tangent, nullptr, forward_scratch, kDense)
PRIMER_REGISTER("lora_linear_backward_tangent", 17, lora_linear_backward_tangent, nullptr, backward_scratch, kDense)

}  // namespace
}  // namespace primer::cuda
