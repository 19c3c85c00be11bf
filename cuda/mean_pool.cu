// mean_pool: y[n] = mean of the rows of sequence n.   x [T, d], offsets int32 [N + 1] -> y [N, d].
// mean_pool_backward: dx[t] = dy[n] / length of n, for t in n.   Overwrites.
// Floor: bytes of both operands once.
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// operands x, offsets, y
void mean_pool(const Launch& launch, const Instruction& i) {
  const Operand& y = i.operands[2];
  const float* x = launch.data<const float>(i.operands[0]);
  const int32_t* first = launch.data<const int32_t>(i.operands[1]);
  float* out = launch.data<float>(y);
  const int64_t d = y.cols;
  for_numbers(launch, y, [=] __device__(int64_t n, int32_t c) {
    float sum = 0;
    for (int64_t r = first[n]; r < first[n + 1]; ++r) sum += x[r * d + c];
    out[n * d + c] = sum * (1.0f / static_cast<float>(first[n + 1] - first[n]));
  });
}

// operands dy, offsets, dx
void mean_pool_backward(const Launch& launch, const Instruction& i) {
  const Operand& dy = i.operands[0];
  const float* in = launch.data<const float>(dy);
  const int32_t* first = launch.data<const int32_t>(i.operands[1]);
  float* dx = launch.data<float>(i.operands[2]);
  const int64_t d = dy.cols;
  for_numbers(launch, dy, [=] __device__(int64_t n, int32_t c) {
    const float part = in[n * d + c] * (1.0f / static_cast<float>(first[n + 1] - first[n]));
    for (int64_t r = first[n]; r < first[n + 1]; ++r) dx[r * d + c] = part;
  });
}

PRIMER_REGISTER("mean_pool", 3, mean_pool, nullptr, nullptr)
PRIMER_REGISTER("mean_pool_backward", 3, mean_pool_backward, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
