// Functions of numbers that depend on their row: what a row needs (its lane, its place in a table) is looked up once, then its
// columns are taken in parts, several loads before the first store.
#pragma once

#include "loops.cuh"
#include "vector.cuh"

namespace primer::cuda {

// The parts of a row that are one thread's.
template <int N>
struct Columns {
  int32_t first, step, end;

  // to[c] = source(c)
  template <class T, class S>
  __device__ __forceinline__ void map(T* to, S source) const {
    constexpr int kAtOnce = 4;
    for (int32_t c = first; c < end; c += kAtOnce * step) {
      Vector<T, N> v[kAtOnce];
#pragma unroll
      for (int u = 0; u < kAtOnce; ++u) v[u] = source(below<N>(c + u * step, end));
#pragma unroll
      for (int u = 0; u < kAtOnce; ++u) {
        if (c + u * step < end) store(to, Part<N>{c + u * step}, v[u]);
      }
    }
  }
};

template <int N, class F>
__global__ void __launch_bounds__(kThreads) row_parts_kernel(Rows rows, int32_t cols, F f) {
  const Columns<N> columns{static_cast<int32_t>(blockIdx.y * blockDim.x + threadIdx.x) * N, static_cast<int32_t>(gridDim.y * blockDim.x) * N, cols};
  for (int64_t r = static_cast<int64_t>(blockIdx.x) * blockDim.y + threadIdx.y; r < rows.total(); r += static_cast<int64_t>(gridDim.x) * blockDim.y) f(r, columns);
}

// f(row, columns) for every row of one copy of an operand. `wide`: whether parts may be of 16 bytes. A row has as many threads as it
// has parts where rows are few, no more than a warp where they fill the device alone; very long rows have several blocks.
template <class T, class F>
void for_row_parts(const Launch& launch, const Operand& o, bool wide, F f) {
  const int64_t most = launch.most_rows(o), parts = ceil_div(o.cols, wide ? kWide<T> : 1), device = int64_t{kDeviceThreads} * launch.processors;
  int64_t across = 1;
  while (across < parts && across < kThreads && (across < kWarp || most * across < device)) across *= 2;
  const int64_t down = kThreads / across, pieces = ceil_div(parts, 4 * across), wanted = ceil_div(device, most * across < 1 ? 1 : most * across);
  const dim3 grid(blocks_for_numbers(launch, most * across), u32(pieces < wanted ? pieces : wanted));
  const auto kernel = wide ? row_parts_kernel<kWide<T>, F> : row_parts_kernel<1, F>;
  launch(kernel, grid, dim3(u32(across), u32(down)), 0, launch.rows(o), static_cast<int32_t>(o.cols), f);
}

}  // namespace primer::cuda
