// The shapes in which kernels go over rows and numbers.
#pragma once

#include <cuda_runtime.h>

#include "launch.h"

namespace primer::cuda {

constexpr int kThreads = 256;

// Numbers of `count`, one a thread, whatever the grid: for (n = first_number(); n < count; n += number_step()).
__device__ __forceinline__ int64_t first_number() { return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; }
__device__ __forceinline__ int64_t number_step() { return static_cast<int64_t>(gridDim.x) * blockDim.x; }

// Blocks for numbers taken in such a loop: enough to fill the device a few times.
inline uint32_t blocks_for_numbers(const Launch& launch, int64_t numbers) {
  const int64_t wanted = ceil_div(numbers, kThreads), most = 16ll * launch.processors;
  return u32(wanted < 1 ? 1 : wanted < most ? wanted : most);
}

}  // namespace primer::cuda
