// Floor: 6 bytes a number, 2 of those that are filled up.
#include "pack.h"

#include "bf16.cuh"
#include "loops.cuh"

namespace primer::cuda {
namespace {

constexpr int kPart = 8;  // numbers a thread rounds and writes at once: 16 bytes
constexpr int64_t kMostBlocks = 2048;

__device__ void read_part(const float* from, int64_t count, float (&v)[kPart]) {
  for (int e = 0; e < kPart; ++e) v[e] = e < count ? from[e] : 0.0f;
}

__device__ void read_whole_part(const float* from, float (&v)[kPart]) {
  const float4 low = *reinterpret_cast<const float4*>(from), high = *reinterpret_cast<const float4*>(from + 4);
  v[0] = low.x, v[1] = low.y, v[2] = low.z, v[3] = low.w, v[4] = high.x, v[5] = high.y, v[6] = high.z, v[7] = high.w;
}

// kWhole: rows are of whole parts, at multiples of 16 bytes.
template <bool kWhole>
__global__ void round_kernel(Laned<const float> source, Rows rows, int64_t most_rows, int32_t cols, uint4* to) {
  const int32_t parts = static_cast<int32_t>(bf16_stride(cols)) / kPart;
  const int64_t total = rows.total(), count = most_rows * parts, copy = static_cast<int64_t>(blockIdx.y) * count;
  const float* from = source.of(blockIdx.y);
  for (int64_t e = first_number(); e < count; e += number_step()) {
    const int64_t row = e / parts, col = e % parts * kPart;
    float v[kPart] = {};
    if (row < total) {
      if constexpr (kWhole) read_whole_part(from + row * cols + col, v);
      else read_part(from + row * cols + col, cols - col, v);
    }
    to[copy + e] = {bf16_pair(v[0], v[1]), bf16_pair(v[2], v[3]), bf16_pair(v[4], v[5]), bf16_pair(v[6], v[7])};
  }
}

void round_all(cudaStream_t stream, Laned<const float> from, int64_t copies, Rows rows, int64_t most_rows, int64_t cols, Bf16* to) {
  const int64_t blocks = ceil_div(most_rows * bf16_stride(cols) / kPart, kThreads);
  const bool whole = cols % kPart == 0 && from.stride % kPart == 0 && reinterpret_cast<uintptr_t>(from.data) % sizeof(float4) == 0;
  start(stream, whole ? round_kernel<true> : round_kernel<false>, dim3(u32(blocks < kMostBlocks ? blocks : kMostBlocks), u32(copies)), kThreads, 0, from, rows,
        most_rows, cols, reinterpret_cast<uint4*>(to));
}

}  // namespace

void round_rows(cudaStream_t stream, const float* from, Rows rows, int64_t most_rows, int64_t cols, Bf16* to) {
  round_all(stream, {from, 0}, 1, rows, most_rows, cols, to);
}

void round_copies(cudaStream_t stream, Laned<const float> from, int64_t copies, int64_t rows, int64_t cols, Bf16* to) {
  round_all(stream, from, copies, Rows{nullptr, 1, static_cast<int32_t>(rows)}, rows, cols, to);
}

}  // namespace primer::cuda
