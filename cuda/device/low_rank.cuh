// Products of rows with factors of few columns, as LoRA's are: a rank of up to 16, one copy a lane, float32.
//   rank_product: sums [T, rank] = x [T, n] F.   A warp has some rows and all their columns, read once; F comes through shared memory.
//   rank_spread:  [T, n] = low [T, rank] F.      A thread keeps F's numbers of its columns and goes down the rows; results leave as wide parts.
// A block's rows may be of several lanes, one after the other. Greater ranks are products like others (gemm.cuh).
// Floor: 4 T n bytes; the 2 T n rank FLOP hide behind them up to 31 terms at 67 TFLOP/s and 4.3 TB/s. rank_product reads F once for each
// 32 rows, from the L2: a quarter of x's bytes for 8 terms, half of them for 16. Accumulation: float32, a lane of the warp
// every 32nd part of the columns, then the lanes' sums.
#pragma once

#include "gemm.cuh"
#include "loops.cuh"
#include "mma.cuh"
#include "vector.cuh"

namespace primer::cuda {

constexpr int32_t kMostRank = 16;

// f(lane, begin, end) for the parts of rows [top, bottom) that are each lane's, by all threads of a block.
template <class F>
__device__ __forceinline__ void for_lanes_of(const Rows& rows, int64_t top, int64_t bottom, F f) {
  if (bottom > rows.total()) bottom = rows.total();
  if (top >= bottom) return;
  for (int32_t lane = rows.lane_of(top); lane < rows.lanes && rows.begin(lane) < bottom; ++lane) {
    const int64_t first = rows.begin(lane), last = rows.end(lane), begin = first > top ? first : top, end = last < bottom ? last : bottom;
    if (begin < end) f(lane, begin, end);
  }
}

// F's numbers of some columns, by rank, zeros beyond `rank`.
template <int kRanks>
struct RankTile {
  static constexpr int kCols = 8192 / kRanks;
  alignas(16) float n[kRanks][kCols + 4];

  // Columns [first, end) of a lane's copy, by all threads of a block.
  __device__ __forceinline__ void fetch(const Factor& f, int32_t lane, int32_t rank, int32_t first, int32_t end) {
    const int32_t cols = end - first < kCols ? end - first : kCols;
    const float* data = f.data.of(lane) + first * f.term;
    const bool columns_neighbour = f.term == 1;
    for (int32_t e = static_cast<int32_t>(threadIdx.x); e < cols * kRanks; e += kThreads) {
      const int32_t c = columns_neighbour ? e % cols : e / kRanks, j = columns_neighbour ? e / cols : e % kRanks;
      copy_async<4>(&n[j][c], j < rank ? data + c * f.term + j * f.outer : data, j < rank);
    }
    commit_copies();
    wait_copies<0>();
  }
};

// kRows rows a warp.
template <int N, int kRanks, int kRows, class S>
__global__ void __launch_bounds__(kThreads, 2) rank_product_kernel(const float* x, Factor f, Rows rows, int32_t cols, int32_t rank, S store) {
  constexpr int kBlockRows = kRows * kThreads / kWarp, kSums = kRows * kRanks, kKept = kSums < kWarp ? 1 : kSums / kWarp;
  using Tile = RankTile<kRanks>;
  __shared__ Tile tile;
  const int64_t top = static_cast<int64_t>(blockIdx.x) * kBlockRows;
  for_lanes_of(rows, top, top + kBlockRows, [&](int32_t lane, int64_t begin, int64_t end) {
    const int64_t first = begin + threadIdx.x / kWarp * kRows;
    float sums[kSums] = {};
    for (int32_t chunk = 0; chunk < cols; chunk += Tile::kCols) {
      const int32_t stop = chunk + Tile::kCols < cols ? chunk + Tile::kCols : cols;
      __syncthreads();
      tile.fetch(f, lane, rank, chunk, stop);
      __syncthreads();
      if (first >= end) continue;
      for (int32_t c = chunk + warp_lane() * N; c < stop; c += kWarp * N) {
        Vector<float, N> v[kRows];
#pragma unroll
        for (int u = 0; u < kRows; ++u) v[u] = load(x + (first + u < end ? first + u : end - 1) * cols, Part<N>{c});
#pragma unroll
        for (int j = 0; j < kRanks; ++j) {
          const auto w = load(tile.n[j], Part<N>{c - chunk});
#pragma unroll
          for (int u = 0; u < kRows; ++u) {
#pragma unroll
            for (int e = 0; e < N; ++e) sums[u * kRanks + j] += v[u].n[e] * w.n[e];
          }
        }
      }
    }
    warp_sums(sums);
    if (kSums < kWarp && warp_lane() * kSums % kWarp != 0) return;
#pragma unroll
    for (int k = 0; k < kKept; ++k) {
      const int32_t mine = warp_lane() * kSums / kWarp + k;
      if (first + mine / kRanks < end && mine % kRanks < rank) store(lane, first + mine / kRanks, mine % kRanks, sums[k]);
    }
  });
}

template <int N, int kRanks, class S>
void launch_rank_product(const Launch& launch, const Operand& x, const Factor& f, int64_t rank, S store) {
  constexpr int kMany = 4, kWarps = kThreads / kWarp;
  const int64_t most = launch.most_rows(x);
  const bool many = most >= int64_t{kMany} * kWarps * launch.processors;
  const auto kernel = many ? rank_product_kernel<N, kRanks, kMany, S> : rank_product_kernel<N, kRanks, 1, S>;
  launch(kernel, u32(ceil_div(most, kWarps * (many ? kMany : 1))), kThreads, 0, launch.data<const float>(x), f, launch.rows(x), static_cast<int32_t>(x.cols),
         static_cast<int32_t>(rank), store);
}

// store(lane, row, j, sum) for every sum over x's columns c of x (row, c) f (j, c), j < rank.
template <class S>
void rank_product(const Launch& launch, const Operand& x, const Factor& f, int64_t rank, S store) {
  if (rank > kMostRank) {
    return gemm(launch, {rows_of(launch.data<const float>(x), x.cols), f, launch.rows(x), Along::rows, 0, static_cast<int32_t>(rank), static_cast<int32_t>(x.cols)},
                launch.most_rows(x), store);
  }
  const bool wide = rows_aligned<float>(launch, {&x});
  if (rank <= 8) wide ? launch_rank_product<4, 8>(launch, x, f, rank, store) : launch_rank_product<1, 8>(launch, x, f, rank, store);
  else wide ? launch_rank_product<4, 16>(launch, x, f, rank, store) : launch_rank_product<1, 16>(launch, x, f, rank, store);
}

// A warp has 32 parts of N columns; a block goes down `depth` rows, kStaged of the low ones in shared memory at a time.
template <int N, int kRanks, class S>
__global__ void __launch_bounds__(kThreads, 2) rank_spread_kernel(const float* low, Factor f, Rows rows, int32_t cols, int32_t rank, int32_t depth, S store) {
  constexpr int kStaged = 64, kWarps = kThreads / kWarp;
  alignas(16) __shared__ float staged[kStaged][kRanks];
  const int64_t top = static_cast<int64_t>(blockIdx.y) * depth;
  const Part<N> part{static_cast<int32_t>(blockIdx.x * kWarp + warp_lane()) * N};
  for_lanes_of(rows, top, top + depth, [&](int32_t lane, int64_t begin, int64_t end) {
    Vector<float, N> w[kRanks];
#pragma unroll
    for (int j = 0; j < kRanks; ++j) {
#pragma unroll
      for (int e = 0; e < N; ++e) w[j].n[e] = j < rank && part.c < cols ? f.data.of(lane)[(part.c + e) * f.outer + j * f.term] : 0.0f;
    }
    for (int64_t first = begin; first < end; first += kStaged) {
      const int32_t count = end - first < kStaged ? static_cast<int32_t>(end - first) : kStaged;
      __syncthreads();
      for (int32_t e = static_cast<int32_t>(threadIdx.x); e < count * kRanks; e += kThreads) {
        staged[e / kRanks][e % kRanks] = e % kRanks < rank ? low[(first + e / kRanks) * rank + e % kRanks] : 0.0f;
      }
      __syncthreads();
      for (int32_t r = static_cast<int32_t>(threadIdx.x) / kWarp; part.c < cols && r < count; r += kWarps) {
        auto sum = filled(0.0f, part);
#pragma unroll
        for (int j = 0; j < kRanks; ++j) sum = sum + w[j] * staged[r][j];
        store(lane, first + r, part, sum);
      }
    }
  });
}

template <int N, int kRanks, class S>
void launch_rank_spread(const Launch& launch, const Operand& low, const Factor& f, int64_t cols, S store) {
  const int64_t most = launch.most_rows(low), across = ceil_div(cols, kWarp * N), depth = across * ceil_div(most, 256) >= 4 * launch.processors ? 256 : 64;
  launch(rank_spread_kernel<N, kRanks, S>, dim3(u32(across), u32(ceil_div(most, depth))), kThreads, 0, launch.data<const float>(low), f, launch.rows(low),
         static_cast<int32_t>(cols), static_cast<int32_t>(low.cols), static_cast<int32_t>(depth), store);
}

// store(lane, row, part, sums) for the sums over j of low (row, j) f (c, j), for every part of the columns c < cols. `wide`: whether parts may
// be of 16 bytes.
template <class S>
void rank_spread(const Launch& launch, const Operand& low, const Factor& f, int64_t cols, bool wide, S store) {
  if (low.cols > kMostRank) {
    return gemm(launch, {rows_of(launch.data<const float>(low), low.cols), f, launch.rows(low), Along::rows, 0, static_cast<int32_t>(cols), static_cast<int32_t>(low.cols)},
                launch.most_rows(low), [=] __device__(int32_t lane, int64_t r, int32_t c, float sum) { store(lane, r, Part<1>{c}, Vector<float, 1>{sum}); });
  }
  if (low.cols <= 8) wide ? launch_rank_spread<4, 8>(launch, low, f, cols, store) : launch_rank_spread<1, 8>(launch, low, f, cols, store);
  else wide ? launch_rank_spread<4, 16>(launch, low, f, cols, store) : launch_rank_spread<1, 16>(launch, low, f, cols, store);
}

}  // namespace primer::cuda
