// Rows as products of bf16 take them.
#pragma once

#include "launch.h"

namespace primer::cuda {

// Row-major float32 rows, all lanes of them, as row-major bf16, rows bf16_stride(cols) apart. most_rows: no fewer than there are.
void round_rows(cudaStream_t stream, const float* from, Rows rows, int64_t most_rows, int64_t cols, Bf16* to);

}  // namespace primer::cuda
