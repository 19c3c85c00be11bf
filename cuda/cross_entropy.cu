// cross_entropy: loss[lane] = sum over the lane's rows of weight[t] * -log softmax(x[t])[label[t]].
//   x [T, V], label int32 [T] (any value where weight is 0), weight [T, 1] -> loss [lanes][1, 1], lse [T, 1].
// cross_entropy_backward: dx[t, j] = dloss weight[t] (exp(x[t, j] - lse[t]) - [j = label[t]]).   Overwrites. Saved: x, lse.
//   Accumulation: float32 within a row (a warp a row), float64 over rows (a warp a lane).
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// operands x, label, weight, loss, lse
void cross_entropy(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *x = launch.data<const float>(o[0]), *weight = launch.data<const float>(o[2]);
  const int32_t* label = launch.data<const int32_t>(o[1]);
  const Laned<float> loss = launch.laned<float>(o[3]);
  float* lse = launch.data<float>(o[4]);
  const Rows rows = launch.rows(o[0]);
  const int64_t v = o[0].cols;
  for_rows(launch, o[0], [=] __device__(int64_t r, int32_t at) {
    float top = -INFINITY, sum = 0;
    for (int64_t j = at; j < v; j += kWarp) top = x[r * v + j] > top ? x[r * v + j] : top;
    top = warp_max(top);
    for (int64_t j = at; j < v; j += kWarp) sum += ::expf(x[r * v + j] - top);
    sum = warp_sum(sum);
    if (at == 0) lse[r] = top + ::logf(sum);
  });
  for_warps(launch, launch.lanes, [=] __device__(int32_t lane, int32_t at) {
    double sum = 0;
    for (int64_t r = rows.begin(lane) + at; r < rows.end(lane); r += kWarp) {
      if (weight[r] != 0) sum += static_cast<double>(weight[r]) * static_cast<double>(lse[r] - x[r * v + label[r]]);
    }
    sum = warp_sum(sum);
    if (at == 0) *loss.of(lane) = static_cast<float>(sum);
  });
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
  for_numbers(launch, o[1], [=] __device__(int64_t r, int32_t j) {
    const float scale = *dloss.of(rows.lane_of(r)) * weight[r];
    dx[r * v + j] = scale * ::expf(x[r * v + j] - lse[r]) - (scale != 0 && j == label[r] ? scale : 0.0f);
  });
}

PRIMER_REGISTER("cross_entropy", 5, cross_entropy, nullptr, nullptr)
PRIMER_REGISTER("cross_entropy_backward", 6, cross_entropy_backward, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
