// cross_entropy: loss[lane] = sum over the lane's rows of weight[t] * -log softmax(x[t])[label[t]].
//   x [T, V], label int32 [T] (any value where weight is 0), weight [T, 1] -> loss [lanes][1, 1], lse [T, 1].
// cross_entropy_backward: dx[t, j] = dloss weight[t] (exp(x[t, j] - lse[t]) - [j = label[t]]).   Overwrites. Saved: x, lse.
//   Accumulation: float32 within a row (a warp or block a row), float64 over rows (a block a lane).
// Floor: bytes; forward reads 4 a number, backward reads and writes 4.
#include <cfloat>

#include "device/kernel.h"
#include "device/row_parts.cuh"
#include "device/whole_rows.cuh"

namespace primer::cuda {
namespace {

// Maximum and sum of exponentials as far as read; the sum is scaled again where the maximum grows (Milakov and Gimelshein 2018).
struct Exponentials {
  float top = -FLT_MAX, sum = 0;
  template <int N>
  __device__ void take(const Vector<float, N>& v) {
    const float most = greatest(v), next = most > top ? most : top;
    sum *= ::expf(top - next);
#pragma unroll
    for (int e = 0; e < N; ++e) sum += ::expf(v.n[e] - next);
    top = next;
  }
};

// The rows' weighted losses, in scratch.
double* row_losses(const Launch& launch) { return reinterpret_cast<double*>(launch.scratch); }
int64_t row_losses_bytes(const Instruction& i, int64_t) { return i.operands[0].rows * static_cast<int64_t>(sizeof(double)); }

// A block a lane.
__global__ void __launch_bounds__(kThreads) losses_kernel(const double* of_rows, Rows rows, Laned<float> loss) {
  __shared__ double shared[kThreads / kWarp];
  double sum = 0;
#pragma unroll 4
  for (int32_t r = rows.begin(blockIdx.x) + static_cast<int32_t>(threadIdx.x); r < rows.end(blockIdx.x); r += kThreads) sum += of_rows[r];
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) *loss.of(blockIdx.x) = static_cast<float>(sum);
}

// operands x, label, weight, loss, lse
void cross_entropy(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *x = launch.data<const float>(o[0]), *weight = launch.data<const float>(o[2]);
  const int32_t* label = launch.data<const int32_t>(o[1]);
  float* lse = launch.data<float>(o[4]);
  double* losses = row_losses(launch);
  const int64_t v = o[0].cols;
  for_whole_rows<float>(launch, o[0], rows_aligned<float>(launch, {&o[0]}), [=] __device__(int64_t r, auto team) {
    const float* row = x + r * v;
    Exponentials mine;
    team.hold([=](auto part) { return load(row, part); }).each([&](auto, const auto& n) { mine.take(n); });
    const float top = team.max(mine.top), sum = team.sum(mine.sum * ::expf(mine.top - top)), all = top + ::logf(sum);
    if (!team.leads()) return;
    lse[r] = all;
    losses[r] = weight[r] != 0 ? static_cast<double>(weight[r]) * static_cast<double>(all - row[label[r]]) : 0.0;
  });
  launch(losses_kernel, u32(launch.lanes), kThreads, 0, losses, launch.rows(o[0]), launch.laned<float>(o[3]));
}

// operands dloss, x, lse, label, weight, dx
void cross_entropy_backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Laned<const float> dloss = launch.laned<const float>(o[0]);
  const float *x = launch.data<const float>(o[1]), *lse = launch.data<const float>(o[2]), *weight = launch.data<const float>(o[4]);
  const int32_t* label = launch.data<const int32_t>(o[3]);
  float* dx = launch.data<float>(o[5]);
  const Rows rows = launch.rows(o[1]);
  const int64_t v = o[1].cols;
  for_row_parts<float>(launch, o[1], rows_aligned<float>(launch, {&o[1], &o[5]}), [=] __device__(int64_t r, auto columns) {
    const float *row = x + r * v, scale = *dloss.of(rows.lane_of(r)) * weight[r], shift = lse[r];
    const int32_t place = scale != 0 ? label[r] : -1;
    columns.map(dx + r * v, [=](auto part) {
      auto p = load(row, part);
#pragma unroll
      for (int e = 0; e < part.width; ++e) p.n[e] = scale * ::expf(p.n[e] - shift) - (part.c + e == place ? scale : 0.0f);
      return p;
    });
  });
}

PRIMER_REGISTER("cross_entropy", 5, cross_entropy, nullptr, row_losses_bytes)
PRIMER_REGISTER("cross_entropy_backward", 6, cross_entropy_backward, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
