// Frozen weights as products on a GPU take them.
#pragma once

#include "launch.h"

namespace primer::cuda {

// Row-major float32 [rows, cols] as row-major bf16, rows bf16_stride(cols) apart.
void pack_bf16(cudaStream_t stream, const float* weight, int64_t rows, int64_t cols, Bf16* packed);

}  // namespace primer::cuda
