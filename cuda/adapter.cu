// adapter (Houlsby et al. 2019, fig. 2; He et al. 2022, table 1): y = h + s (act(x D^T + b_D) U^T + b_U), z = x D^T + b_D and
// a = act(z) kept. In sequence x is h.
//   h [T, d], x [T, e], D [b, e], U [d, b], b_D [1, b], b_U [1, d] one copy a lane -> y [T, d], z [T, b], a [T, b].
// adapter_backward, with dz = s (dy U) act'(z) kept in a temporary [T, b]:
//   dx = dz D (+ dy when x is h), dD = dz^T x, db_D = sum dz, dU = s dy^T a, db_U = s sum dy.   All overwrite; dx may be left out.
//   Saved: x, z, a. Accumulation: float32, weights' gradients as device/outer_sums.cuh has it; biases float64 (device/column_sums.cuh).
// Floor: 2 T b (e + d) FLOP forward and twice that backward; bytes of the rows once.
#include <algorithm>

#include "activation.cuh"
#include "device/column_sums.cuh"
#include "device/gemm.cuh"
#include "device/kernel.h"
#include "device/outer_sums.cuh"

namespace primer::cuda {
namespace {

// operands h, x, D, b_D, U, b_U, y, z, a; integers activation; reals s
enum { kH, kX, kD, kDownBias, kU, kUpBias, kY, kZ, kA };

template <class A>
void down(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t e = o[kX].cols, b = o[kZ].cols;
  const Laned<const float> bias = launch.laned<const float>(o[kDownBias]);
  float *z = launch.data<float>(o[kZ]), *a = launch.data<float>(o[kA]);
  gemm(launch, {rows_of(launch.data<const float>(o[kX]), e), transposed(launch.laned<const float>(o[kD]), e), launch.rows(o[kX]), Along::rows, 0,
                static_cast<int32_t>(b), static_cast<int32_t>(e)},
       launch.most_rows(o[kX]), [=] __device__(int32_t lane, int64_t r, int32_t c, float sum) {
         const float value = sum + bias.of(lane)[c];
         z[r * b + c] = value;
         a[r * b + c] = A::value(value);
       });
}

void up(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t d = o[kH].cols, b = o[kZ].cols;
  const Laned<const float> bias = launch.laned<const float>(o[kUpBias]);
  const float* h = launch.data<const float>(o[kH]);
  float* y = launch.data<float>(o[kY]);
  const float scale = static_cast<float>(i.reals[0]);
  gemm(launch, {rows_of(launch.data<const float>(o[kA]), b), transposed(launch.laned<const float>(o[kU]), b), launch.rows(o[kX]), Along::rows, 0,
                static_cast<int32_t>(d), static_cast<int32_t>(b)},
       launch.most_rows(o[kX]),
       [=] __device__(int32_t lane, int64_t r, int32_t c, float sum) { y[r * d + c] = h[r * d + c] + scale * (sum + bias.of(lane)[c]); });
}

void adapter(const Launch& launch, const Instruction& i) {
  with_activation(i.integers[0], [&](auto act) { down<decltype(act)>(launch, i); });
  up(launch, i);
}

// operands dy, x, D, U, z, a, dz, dx, dD, db_D, dU, db_U; integers activation, sequential (x is h); reals s
enum { kDy, kBackX, kBackD, kBackU, kBackZ, kBackA, kDz, kDx, kDD, kDDownBias, kDU, kDUpBias };

template <class A>
void backward_hidden(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t d = o[kDy].cols, b = o[kDz].cols;
  const float* z = launch.data<const float>(o[kBackZ]);
  float* dz = launch.data<float>(o[kDz]);
  const float scale = static_cast<float>(i.reals[0]);
  gemm(launch, {rows_of(launch.data<const float>(o[kDy]), d), plain(launch.laned<const float>(o[kBackU]), b), launch.rows(o[kDy]), Along::rows, 0,
                static_cast<int32_t>(b), static_cast<int32_t>(d)},
       launch.most_rows(o[kDy]), [=] __device__(int32_t, int64_t r, int32_t c, float sum) { dz[r * b + c] = scale * sum * A::slope(z[r * b + c]); });
}

void backward_input(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t b = o[kDz].cols, e = o[kBackX].cols;
  const float* residual = i.integers[1] ? launch.data<const float>(o[kDy]) : nullptr;
  float* dx = launch.data<float>(o[kDx]);
  gemm(launch, {rows_of(launch.data<const float>(o[kDz]), b), plain(launch.laned<const float>(o[kBackD]), e), launch.rows(o[kDy]), Along::rows, 0,
                static_cast<int32_t>(e), static_cast<int32_t>(b)},
       launch.most_rows(o[kDy]), [=] __device__(int32_t, int64_t r, int32_t c, float sum) { dx[r * e + c] = residual ? residual[r * e + c] + sum : sum; });
}

// weight [m, n] = factor left^T right and bias [1, m] = factor times the sums of left's columns, per lane.
void weight_gradients(const Launch& launch, const Operand& left, const Operand& right, const Operand& weight, const Operand& bias, float factor) {
  const Laned<float> to = launch.laned<float>(weight);
  const float* rows = launch.data<const float>(left);
  const int64_t m = left.cols, n = right.cols;
  outer_sums(launch, left, right, [=] __device__(int32_t lane, int64_t i, int64_t j, float sum) { to.of(lane)[i * n + j] = factor * sum; });
  column_sums<float, 1>(launch, left, {&bias}, rows_aligned<float>(launch, {&left}),
                        [=] __device__(int64_t r, auto part, auto* v) { v[0] = load(rows + r * m, part) * factor; });
}

void adapter_backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  with_activation(i.integers[0], [&](auto act) { backward_hidden<decltype(act)>(launch, i); });
  if (launch.present(o[kDx])) backward_input(launch, i);
  weight_gradients(launch, o[kDz], o[kBackX], o[kDD], o[kDDownBias], 1.0f);
  weight_gradients(launch, o[kDy], o[kBackA], o[kDU], o[kDUpBias], static_cast<float>(i.reals[0]));
}

int64_t backward_scratch(const Instruction& i, int64_t lanes) {
  const auto& o = i.operands;
  return std::max({column_sums_scratch<kDz>(i, lanes), column_sums_scratch<kDy>(i, lanes), outer_sums_scratch(o[kDz], o[kBackX], lanes),
                   outer_sums_scratch(o[kDy], o[kBackA], lanes)});
}

PRIMER_REGISTER("adapter", 9, adapter, nullptr, nullptr)
PRIMER_REGISTER("adapter_backward", 12, adapter_backward, nullptr, backward_scratch)

}  // namespace
}  // namespace primer::cuda
