// Gradients of a lane's factors: left^T right, summed over its rows, in float32. Few sums and many rows: slices of the rows fill the device and
// leave their sums in the op's scratch, which a second launch adds up in order, in float64. The same bits every time.
// Where either side has no more than 16 columns, a thread has N columns of the other and all of these, the rows read once and at the rate of
// memory: floor 4 T (m + n) bytes. Else blocks of 64 x 64 sums (gemm.cuh): floor 2 T m n FLOP at 67 TFLOP/s.
// Accumulation: float32, a warp every 8th or 32nd row in ascending order (16 rows' terms in 64 x 64 sums), then warps by halves.
#pragma once

#include "column_sums.cuh"
#include "low_rank.cuh"

namespace primer::cuda {

// Slices of each lane's rows, as row_slices: no more than some blocks for each multiprocessor, where a slice has `blocks` of them.
inline int64_t outer_slices(int64_t rows, int64_t blocks, int64_t lanes) {
  const int64_t by_rows = rows / lanes / 128, by_blocks = 1024 / (blocks * lanes), slices = by_rows < by_blocks ? by_rows : by_blocks;
  return slices < 4 ? 1 : slices;
}

inline bool is_narrow(const Operand& left, const Operand& right) { return left.cols <= kMostRank || right.cols <= kMostRank; }

inline int64_t outer_slices(const Operand& left, const Operand& right, int64_t rows, int64_t lanes) {
  const int64_t wide = left.cols > right.cols ? left.cols : right.cols;
  const int64_t blocks = is_narrow(left, right) ? ceil_div(wide, kWarp * kWide<float>) : ceil_div(left.cols, kTile) * ceil_div(right.cols, kTile);
  return outer_slices(rows, blocks, lanes);
}

// The scratch that outer_sums takes.
inline int64_t outer_sums_scratch(const Operand& left, const Operand& right, int64_t lanes) {
  const int64_t slices = outer_slices(left, right, left.rows, lanes);
  return slices == 1 ? 0 : lanes * slices * left.cols * right.cols * static_cast<int64_t>(sizeof(float));
}

// put(lane, slice, j, part, sums) for the sums over a lane's rows of low (row, j) x (row, c). A block has 32 parts of N columns of one slice, its
// warps every kDown-th row.
template <int N, int kRanks, class P>
__global__ void __launch_bounds__(kWarp* kWarp / N, N == 1 ? 1 : 2) narrow_outer_kernel(const float* low, const float* x, Rows rows, int32_t rank, int32_t cols, P put) {
  constexpr int kDown = kWarp / N, kAtOnce = 64 / kRanks, kStaged = kDown * kAtOnce;
  alignas(16) __shared__ float staged[kStaged][kRanks];
  __shared__ Vector<float, N> partial[kDown / 2][kRanks][kWarp];
  const int32_t lane = static_cast<int32_t>(blockIdx.y), slice = static_cast<int32_t>(blockIdx.z), slices = static_cast<int32_t>(gridDim.z);
  const int64_t begin = rows.begin(lane), end = rows.end(lane), length = (end - begin + slices - 1) / slices;
  const int64_t from = begin + slice * length, to = from + length < end ? from + length : end;
  const Part<N> part{static_cast<int32_t>(blockIdx.x * kWarp + threadIdx.x) * N};
  const int32_t warp = static_cast<int32_t>(threadIdx.y);
  Vector<float, N> sums[kRanks] = {};
  for (int64_t first = from; first < to; first += kStaged) {
    Vector<float, N> v[kAtOnce];
#pragma unroll
    for (int u = 0; u < kAtOnce; ++u) {
      const int64_t row = first + warp + u * kDown;
      v[u] = load(x + (row < to ? row : to - 1) * cols, below<N>(part.c, cols));  // no branch between loads
    }
    __syncthreads();
    for (int32_t e = warp * kWarp + static_cast<int32_t>(threadIdx.x); e < kStaged * kRanks; e += kDown * kWarp) {
      const int64_t row = first + e / kRanks;
      staged[e / kRanks][e % kRanks] = row < to && e % kRanks < rank ? low[row * rank + e % kRanks] : 0.0f;
    }
    __syncthreads();
#pragma unroll
    for (int u = 0; u < kAtOnce; ++u) {
      if (first + warp + u * kDown >= to) break;
#pragma unroll
      for (int j = 0; j < kRanks; ++j) sums[j] = sums[j] + v[u] * staged[warp + u * kDown][j];
    }
  }
#pragma unroll
  for (int half = kDown / 2; half > 0; half /= 2) {
    __syncthreads();
    if (warp >= half && warp < 2 * half) {
#pragma unroll
      for (int j = 0; j < kRanks; ++j) partial[warp - half][j][threadIdx.x] = sums[j];
    }
    __syncthreads();
    if (warp >= half) continue;
#pragma unroll
    for (int j = 0; j < kRanks; ++j) sums[j] = sums[j] + partial[warp][j][threadIdx.x];
  }
  if (warp != 0 || part.c >= cols) return;
#pragma unroll
  for (int j = 0; j < kRanks; ++j) {
    if (j < rank) put(lane, slice, j, part, sums[j]);
  }
}

template <int N, class P>
void launch_narrow_outer(const Launch& launch, const Operand& low, const Operand& x, int64_t slices, P put) {
  const auto kernel = low.cols <= 8 ? narrow_outer_kernel<N, 8, P> : narrow_outer_kernel<N, 16, P>;
  launch(kernel, dim3(u32(ceil_div(x.cols, kWarp * N)), u32(launch.lanes), u32(slices)), dim3(kWarp, kWarp / N), 0, launch.data<const float>(low),
         launch.data<const float>(x), launch.rows(x), static_cast<int32_t>(low.cols), static_cast<int32_t>(x.cols), put);
}

// store(lane, j, c, sum)
template <class S>
void narrow_outer_sums(const Launch& launch, const Operand& low, const Operand& x, int64_t slices, float* partial, S store) {
  const int64_t rank = low.cols, cols = x.cols;
  if (slices == 1) {
    return launch_narrow_outer<1>(launch, low, x, 1, [=] __device__(int32_t lane, int32_t, int32_t j, Part<1> part, const Vector<float, 1>& v) {
      store(lane, j, part.c, v.n[0]);
    });
  }
  const auto put = [=] __device__(int32_t lane, int32_t slice, int32_t j, auto part, const auto& v) {
    primer::cuda::store(partial + ((lane * slices + slice) * rank + j) * cols, part, v);
  };
  if (rows_aligned<float>(launch, {&x})) launch_narrow_outer<kWide<float>>(launch, low, x, slices, put);
  else launch_narrow_outer<1>(launch, low, x, slices, put);
}

// store(lane, i, j, sum) for every sum over a lane's rows of left (row, i) right (row, j). The op registers outer_sums_scratch.
template <class S>
void outer_sums(const Launch& launch, const Operand& left, const Operand& right, S store) {
  const int64_t lanes = launch.lanes, m = left.cols, n = right.cols, slices = outer_slices(left, right, launch.most_rows(left), lanes);
  float* partial = reinterpret_cast<float*>(launch.scratch);
  const bool narrow = is_narrow(left, right), swapped = narrow && left.cols > right.cols;
  const int64_t across = swapped ? m : n;
  if (swapped) {
    narrow_outer_sums(launch, right, left, slices, partial, [=] __device__(int32_t lane, int32_t j, int32_t i, float sum) { store(lane, i, j, sum); });
  } else if (narrow) {
    narrow_outer_sums(launch, left, right, slices, partial, store);
  } else {
    Product p{columns_of(launch.data<const float>(left), m), columns_of(launch.data<const float>(right), n), launch.rows(left), Along::terms,
              static_cast<int32_t>(m), static_cast<int32_t>(n), 0};
    if (slices == 1) return gemm(launch, p, 0, store);
    p.parts = static_cast<int32_t>(slices);
    gemm(launch, p, 0, [=] __device__(int32_t copy, int64_t i, int32_t j, float sum) { partial[(copy * m + i) * n + j] = sum; });
  }
  if (slices == 1) return;
  launch_column_sums<1, 1, float>(
      launch, [=] __device__(int64_t row, auto part, auto* v) { v[0] = load(partial + row * m * n, part); },
      Slices{static_cast<int32_t>(lanes), static_cast<int32_t>(slices)}, lanes, 1, m * n, [=] __device__(int32_t lane, int32_t, int, int32_t e, double sum) {
        const int32_t outer = e / static_cast<int32_t>(across), inner = e % static_cast<int32_t>(across);
        store(lane, swapped ? inner : outer, swapped ? outer : inner, static_cast<float>(sum));
      });
}

}  // namespace primer::cuda
