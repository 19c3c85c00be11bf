// l2_normalize: y = x / norm, norm = ||x|| over each row.   x [N, d] -> y [N, d], norm [N, 1].
// l2_normalize_backward: dx = (dy - y (y . dy)) / norm.   Overwrites. Saved: y, norm. Accumulation: float32, a warp a row.
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// By a whole warp.
__device__ float dot(const float* a, const float* b, int64_t d, int32_t lane) {
  float sum = 0;
  for (int64_t c = lane; c < d; c += kWarp) sum += a[c] * b[c];
  return warp_sum(sum);
}

// operands x, y, norm
void l2_normalize(const Launch& launch, const Instruction& i) {
  const float* x = launch.data<const float>(i.operands[0]);
  float *y = launch.data<float>(i.operands[1]), *norms = launch.data<float>(i.operands[2]);
  const int64_t d = i.operands[0].cols;
  for_rows(launch, i.operands[0], [=] __device__(int64_t n, int32_t lane) {
    const float norm = ::sqrtf(dot(x + n * d, x + n * d, d, lane));
    if (lane == 0) norms[n] = norm;
    for (int64_t c = lane; c < d; c += kWarp) y[n * d + c] = x[n * d + c] / norm;
  });
}

// operands dy, y, norm, dx
void l2_normalize_backward(const Launch& launch, const Instruction& i) {
  const float *dy = launch.data<const float>(i.operands[0]), *y = launch.data<const float>(i.operands[1]), *norm = launch.data<const float>(i.operands[2]);
  float* dx = launch.data<float>(i.operands[3]);
  const int64_t d = i.operands[0].cols;
  for_rows(launch, i.operands[0], [=] __device__(int64_t n, int32_t lane) {
    const float along = dot(y + n * d, dy + n * d, d, lane), inverse = 1.0f / norm[n];
    for (int64_t c = lane; c < d; c += kWarp) dx[n * d + c] = (dy[n * d + c] - y[n * d + c] * along) * inverse;
  });
}

PRIMER_REGISTER("l2_normalize", 3, l2_normalize, nullptr, nullptr)
PRIMER_REGISTER("l2_normalize_backward", 4, l2_normalize_backward, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
