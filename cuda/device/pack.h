// Rows as products of bf16 take them.
#pragma once

#include "launch.h"

namespace primer::cuda {

// Row-major float32 rows, all lanes of them, as row-major bf16, rows bf16_stride(cols) apart; zeros in rows beyond them, up to most_rows.
void round_rows(cudaStream_t stream, const float* from, Rows rows, int64_t most_rows, int64_t cols, Bf16* to);

// So many copies of a matrix, one behind another, each as above.
void round_copies(cudaStream_t stream, Laned<const float> from, int64_t copies, int64_t rows, int64_t cols, Bf16* to);

}  // namespace primer::cuda
