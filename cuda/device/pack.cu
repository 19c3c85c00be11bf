#include "pack.h"

#include "bf16.cuh"
#include "loops.cuh"

namespace primer::cuda {
namespace {

// Twos of numbers: rows have an even stride.
__global__ void pack_kernel(const float* weight, int64_t rows, int64_t cols, uint32_t* packed) {
  const int64_t stride = bf16_stride(cols) / 2;
  for (int64_t e = first_number(); e < rows * stride; e += number_step()) {
    const int64_t row = e / stride, col = e % stride * 2;
    const float* from = weight + row * cols + col;
    packed[e] = bf16_pair(col < cols ? from[0] : 0.0f, col + 1 < cols ? from[1] : 0.0f);
  }
}

constexpr int64_t kMostBlocks = 4096;

}  // namespace

void pack_bf16(cudaStream_t stream, const float* weight, int64_t rows, int64_t cols, Bf16* packed) {
  const int64_t blocks = ceil_div(rows * bf16_stride(cols) / 2, kThreads);
  start(stream, pack_kernel, u32(blocks < kMostBlocks ? blocks : kMostBlocks), kThreads, 0, weight, rows, cols, reinterpret_cast<uint32_t*>(packed));
}

}  // namespace primer::cuda
