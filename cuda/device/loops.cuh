// The shapes in which kernels go over rows and numbers. Loops stride over the grid, so that a grid fits any batch.
#pragma once

#include <cuda_runtime.h>

#include "launch.h"
#include "reduce.cuh"

namespace primer::cuda {

constexpr int kThreads = 256;
// Threads that a multiprocessor holds.
constexpr int kDeviceThreads = 2048;

__device__ __forceinline__ int64_t first_number() { return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; }
__device__ __forceinline__ int64_t number_step() { return static_cast<int64_t>(gridDim.x) * blockDim.x; }
__device__ __forceinline__ int32_t warp_lane() { return static_cast<int32_t>(threadIdx.x % kWarp); }

// Blocks for numbers taken in such a loop: enough to fill the device a few times.
inline uint32_t blocks_for_numbers(const Launch& launch, int64_t numbers) {
  const int64_t wanted = ceil_div(numbers, kThreads), most = 32ll * launch.processors;
  return u32(wanted < 1 ? 1 : wanted < most ? wanted : most);
}

template <class F>
__global__ void numbers_kernel(Rows rows, int32_t cols, F f) {
  const int64_t count = static_cast<int64_t>(rows.total()) * cols;
  for (int64_t e = first_number(); e < count; e += number_step()) f(e / cols, static_cast<int32_t>(e % cols));
}

// f(row, column) for every number of one copy of an operand, a thread a number.
template <class F>
void for_numbers(const Launch& launch, const Operand& o, F f) {
  launch(numbers_kernel<F>, blocks_for_numbers(launch, launch.most_rows(o) * o.cols), kThreads, 0, launch.rows(o), static_cast<int32_t>(o.cols), f);
}

template <class F>
__global__ void rows_kernel(Rows rows, F f) {
  for (int64_t r = first_number() / kWarp; r < rows.total(); r += number_step() / kWarp) f(r, warp_lane());
}

// f(row, lane of the warp) for every row, of which there are no more than `most`, a warp a row.
template <class F>
void for_rows(const Launch& launch, Rows rows, int64_t most, F f) {
  launch(rows_kernel<F>, blocks_for_numbers(launch, most * kWarp), kThreads, 0, rows, f);
}

template <class F>
void for_rows(const Launch& launch, const Operand& o, F f) {
  for_rows(launch, launch.rows(o), launch.most_rows(o), f);
}

template <class F>
__global__ void warps_kernel(F f) { f(static_cast<int32_t>(blockIdx.x), warp_lane()); }

// f(n, lane of the warp) for n < count, a warp each.
template <class F>
void for_warps(const Launch& launch, int64_t count, F f) {
  launch(warps_kernel<F>, u32(count), kWarp, 0, f);
}

template <class F>
__global__ void flat_kernel(int64_t count, F f) {
  for (int64_t e = first_number(); e < count; e += number_step()) f(static_cast<int32_t>(blockIdx.y), e);
}

// f(copy, number) for `count` numbers of each of so many copies.
template <class F>
void for_copies(const Launch& launch, int64_t copies, int64_t count, F f) {
  launch(flat_kernel<F>, dim3(blocks_for_numbers(launch, count), u32(copies)), kThreads, 0, count, f);
}

}  // namespace primer::cuda
