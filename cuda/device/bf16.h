// bfloat16, the upper half of a float32: of frozen weights, and of what products round to it.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace primer::cuda {

struct Bf16 { uint16_t bits; };

// Rows of bf16 weights begin at multiples of 16 bytes, as vector copies and tensor cores want them; zeros fill a row up.
__host__ __device__ constexpr int64_t bf16_stride(int64_t cols) { return (cols + 7) / 8 * 8; }

}  // namespace primer::cuda
