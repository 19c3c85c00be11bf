// Sums of columns over each lane's rows, as gradients of biases and scales are: a block has 32 columns of one lane, its 8 warps take
// every 8th row, and their sums are added in order. No atomics: the same bits every time. Accumulation: float64, so that columns which nearly
// cancel keep their digits; an addition a number is hidden behind its bytes.
#pragma once

#include "loops.cuh"
#include "reduce.cuh"

namespace primer::cuda {

constexpr int kSumRows = 8;

template <class T, class F>
__global__ void column_sums_kernel(F number, Rows rows, Laned<T> y, int32_t cols) {
  __shared__ double partial[kSumRows][kWarp];
  const int32_t lane = static_cast<int32_t>(blockIdx.y), col = static_cast<int32_t>(blockIdx.x * kWarp + threadIdx.x);
  double sum = 0;
  if (col < cols) {
    for (int32_t r = rows.begin(lane) + static_cast<int32_t>(threadIdx.y); r < rows.end(lane); r += kSumRows) sum += static_cast<double>(number(r, col));
  }
  partial[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || col >= cols) return;
  for (int w = 1; w < kSumRows; ++w) sum += partial[w][threadIdx.x];
  y.of(lane)[col] = static_cast<T>(sum);
}

// y[lane][c] = sum of number(row, c) over the lane's rows; overwrites.
template <class T, class F>
void column_sums(const Launch& launch, F number, Rows rows, Laned<T> y, int64_t cols) {
  launch(column_sums_kernel<T, F>, dim3(u32(ceil_div(cols, kWarp)), u32(launch.lanes)), dim3(kWarp, kSumRows), 0, number, rows, y, static_cast<int32_t>(cols));
}

}  // namespace primer::cuda
