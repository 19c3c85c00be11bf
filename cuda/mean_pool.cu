// mean_pool: y[n] = mean of the rows of sequence n.   x [T, d], offsets int32 [N + 1] -> y [N, d].
// mean_pool_backward: dx[t] = dy[n] / length of n, for t in n.   Overwrites.
// Accumulation: float64 (device/column_sums.cuh). Floor: bytes of both operands once.
#include "device/column_sums.cuh"
#include "device/kernel.h"
#include "device/row_parts.cuh"

namespace primer::cuda {
namespace {

// operands x, offsets, y
void mean_pool(const Launch& launch, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[2];
  const Segments sequences = segments(launch, y, i.operands[1]);
  const float* in = launch.data<const float>(x);
  float* out = launch.data<float>(y);
  const int64_t d = y.cols;
  segment_column_sums<float>(
      launch, x, sequences, launch.most_rows(y), rows_aligned<float>(launch, {&x}),
      [=] __device__(int64_t r, auto part, auto* v) { v[0] = load(in + r * d, part); },
      [=] __device__(int32_t n, int32_t, int, int32_t c, double sum) { out[n * d + c] = static_cast<float>(sum / (sequences.end(n) - sequences.begin(n))); });
}

// operands dy, offsets, dx
void mean_pool_backward(const Launch& launch, const Instruction& i) {
  const Operand &dy = i.operands[0], &dx = i.operands[2];
  const Segments sequences = segments(launch, dy, i.operands[1]);
  const float* in = launch.data<const float>(dy);
  float* out = launch.data<float>(dx);
  const int64_t d = dy.cols;
  for_row_parts<float>(launch, dx, rows_aligned<float>(launch, {&dy, &dx}), [=] __device__(int64_t r, auto columns) {
    const int64_t n = sequences.of(r);
    if (n < 0) return;
    const float share = 1.0f / static_cast<float>(sequences.end(n) - sequences.begin(n));
    columns.map(out + r * d, [=](auto part) { return load(in + n * d, part) * share; });
  });
}

PRIMER_REGISTER("mean_pool", 3, mean_pool, nullptr, nullptr)
PRIMER_REGISTER("mean_pool_backward", 3, mean_pool_backward, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
