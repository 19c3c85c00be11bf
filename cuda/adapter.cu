// adapter (Houlsby et al. 2019, fig. 2; He et al. 2022, table 1): y = h + s (act(x D^T + b_D) U^T + b_U), z = x D^T + b_D and
// a = act(z) kept. In sequence x is h.
//   h [T, d], x [T, e], D [b, e], U [d, b], b_D [1, b], b_U [1, d] one copy a lane -> y [T, d], z [T, b], a [T, b].
// adapter_backward, with dz = s (dy U) act'(z) kept in a temporary [T, b]:
//   dx = dz D (+ dy when x is h), dD = dz^T x, db_D = sum dz, dU = s dy^T a, db_U = s sum dy.   All overwrite; dx may be left out.
//   Saved: x, z, a.
// Both products of a row are one pass, its hidden numbers in shared memory between them (bottleneck.cuh): x, a, dy, dz and the weights are rounded to
// bf16 for them where that is the program's precision, and are float32 in memory and in FMA otherwise. The weights' gradients take float32 numbers in
// every precision. Accumulation: float32, weights' gradients as device/outer_sums.cuh has it; biases float64 (device/column_sums.cuh).
// Floor: forward 4 T (e + d + 2 b) bytes, 4 T d more for h in parallel (in sequence its rows are in the L2), and 2 T b (e + d) FLOP; backward
// 4 T (e + d + 2 b) bytes for dx, as much again for dD and dU together and 4 T (b + d) for the biases' gradients, 4 T b (e + d) FLOP.
#include <algorithm>

#include "activation.cuh"
#include "bottleneck.cuh"
#include "device/column_sums.cuh"
#include "device/kernel.h"
#include "device/outer_sums.cuh"

namespace primer::cuda {
namespace {

// A row's activation z and what it becomes are both kept.
struct Hidden {
  int32_t activation;
  Laned<const float> bias;
  float *z, *a;
  int64_t b;

  __device__ float operator()(int32_t lane, int64_t r, int32_t c, float sum) const {
    const float value = sum + bias.of(lane)[c];
    z[r * b + c] = value;
    return a[r * b + c] = with_activation(activation, [&](auto act) { return decltype(act)::value(value); });
  }
};

// y = h + s (sum + b_U).
struct Output {
  const float* h;
  Laned<const float> bias;
  float scale;
  float* y;
  int64_t d;

  template <int N>
  __device__ void operator()(int32_t lane, int64_t r, Part<N> part, const Vector<float, N>& sum, bool more) const {
    store(y + r * d, part, more ? load(y + r * d, part) + sum * scale : load(h + r * d, part) + (sum + load(bias.of(lane), part)) * scale);
  }
};

// operands h, x, D, b_D, U, b_U, y, z, a; integers activation; reals s
enum { kH, kX, kD, kDownBias, kU, kUpBias, kY, kZ, kA };

void adapter(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t e = o[kX].cols, b = o[kZ].cols, d = o[kH].cols;
  bottleneck<TileForm::nt>(launch, {launch.data<const float>(o[kX]), launch.laned<const float>(o[kD]), launch.laned<const float>(o[kU]), launch.rows(o[kX]),
                                    static_cast<int32_t>(e), static_cast<int32_t>(b), static_cast<int32_t>(d)},
                           launch.most_rows(o[kX]), rows_aligned<float>(launch, {&o[kX], &o[kD], &o[kU], &o[kH], &o[kUpBias], &o[kY]}),
                           Hidden{static_cast<int32_t>(i.integers[0]), launch.laned<const float>(o[kDownBias]),
                                  launch.data<float>(o[kZ]), launch.data<float>(o[kA]), b},
                           Output{launch.data<const float>(o[kH]), launch.laned<const float>(o[kUpBias]), static_cast<float>(i.reals[0]), launch.data<float>(o[kY]), d});
}

// dz = s sum act'(z).
struct HiddenGradient {
  int32_t activation;
  const float* z;
  float scale;
  float* dz;
  int64_t b;

  __device__ float operator()(int32_t, int64_t r, int32_t c, float sum) const {
    const float value = z[r * b + c];
    return dz[r * b + c] = scale * sum * with_activation(activation, [&](auto act) { return decltype(act)::slope(value); });
  }
};

// dx = sum, and dy where that is the gradient of the same rows.
struct InputGradient {
  const float* dy;
  float* dx;
  int64_t e;

  template <int N>
  __device__ void operator()(int32_t, int64_t r, Part<N> part, const Vector<float, N>& sum, bool more) const {
    const float* added = more ? dx : dy;
    store(dx + r * e, part, added ? load(added + r * e, part) + sum : sum);
  }
};

// operands dy, x, D, U, z, a, dz, dx, dD, db_D, dU, db_U; integers activation, sequential (x is h); reals s
enum { kDy, kBackX, kBackD, kBackU, kBackZ, kBackA, kDz, kDx, kDD, kDDownBias, kDU, kDUpBias };

void backward_rows(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t d = o[kDy].cols, b = o[kDz].cols, e = launch.present(o[kDx]) ? o[kDx].cols : 0;
  bottleneck<TileForm::nn>(launch, {launch.data<const float>(o[kDy]), launch.laned<const float>(o[kBackU]), launch.laned<const float>(o[kBackD]), launch.rows(o[kDy]),
                                    static_cast<int32_t>(d), static_cast<int32_t>(b), static_cast<int32_t>(e)},
                           launch.most_rows(o[kDy]), rows_aligned<float>(launch, {&o[kDy], &o[kBackD], &o[kBackU], &o[kDx]}),
                           HiddenGradient{static_cast<int32_t>(i.integers[0]), launch.data<const float>(o[kBackZ]),
                                          static_cast<float>(i.reals[0]), launch.data<float>(o[kDz]), b},
                           InputGradient{i.integers[1] ? launch.data<const float>(o[kDy]) : nullptr, launch.data<float>(o[kDx]), e});
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
  backward_rows(launch, i);
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
