// Functions of a whole row, as norms are: a warp or a block has a row, reads it once and keeps it in registers between its passes,
// where it fits (up to 8,192 columns in wide parts); what does not is read again.
#pragma once

#include "loops.cuh"
#include "vector.cuh"

namespace primer::cuda {

constexpr int kMostBlock = 512;

// The row that begins at number `at`, of what may be left out (load_or_zero).
template <class T>
__device__ __forceinline__ const T* row_at(const T* x, int64_t at) { return x ? x + at : nullptr; }

// What source(part) gives for the parts of a row that are one thread's, K of them at most; K = 0: as many as there are, asked for again
// in every pass.
template <int N, int K, class S>
class Held {
 public:
  __device__ __forceinline__ Held(S source, int32_t first, int32_t step, int32_t end) : source_(source), first_(first), step_(step), end_(end) {
#pragma unroll
    for (int k = 0; k < K; ++k) kept_[k] = source_(below<N>(first_ + k * step_, end_));
  }

  // f(part, what the source gave)
  template <class F>
  __device__ __forceinline__ void each(F f) const {
    if constexpr (K == 0) {
#pragma unroll 4
      for (int32_t c = first_; c < end_; c += step_) f(Part<N>{c}, source_(Part<N>{c}));
    } else {
#pragma unroll
      for (int k = 0; k < K; ++k) {
        if (first_ + k * step_ < end_) f(Part<N>{first_ + k * step_}, kept_[k]);
      }
    }
  }

 private:
  S source_;
  int32_t first_, step_, end_;
  decltype(std::declval<S>()(Part<N>{0})) kept_[K ? K : 1];
};

// One thread of those that share a row.
template <int N, int K, bool kBlock>
struct Team {
  int32_t cols;
  double* shared;
  mutable bool odd = false;

  __device__ int32_t number() const { return static_cast<int32_t>(threadIdx.x); }
  __device__ bool leads() const { return threadIdx.x == 0; }

  template <class S>
  __device__ __forceinline__ Held<N, K, S> hold(S source) const {
    return {source, number() * N, static_cast<int32_t>(blockDim.x) * N, cols};
  }

  // Every thread gets the sum, or the maximum, over the team's. Two halves of shared memory take turns: one barrier is enough.
  template <class T>
  __device__ __forceinline__ T sum(T v) const {
    if constexpr (!kBlock) return warp_sum(v);
    return block_sum(v, half<T>());
  }
  template <class T>
  __device__ __forceinline__ T max(T v) const {
    if constexpr (!kBlock) return warp_max(v);
    return block_max(v, half<T>());
  }

 private:
  // The same bytes whatever the type.
  template <class T>
  __device__ __forceinline__ T* half() const {
    static_assert(sizeof(T) <= sizeof(double));
    odd = !odd;
    return reinterpret_cast<T*>(shared + (odd ? kWarp : 0));
  }
};

template <int N, int K, bool kBlock, class F>
__global__ void __launch_bounds__(kBlock ? kMostBlock : kThreads) whole_rows_kernel(Rows rows, int32_t cols, F f) {
  __shared__ double shared[kBlock ? 2 * kWarp : 1];
  const Team<N, K, kBlock> team{cols, shared};
  for (int64_t r = static_cast<int64_t>(blockIdx.x) * blockDim.y + threadIdx.y; r < rows.total(); r += static_cast<int64_t>(gridDim.x) * blockDim.y) f(r, team);
}

// A row a warp. Few rows: few in a block, so that they spread over the device.
template <int N, int K, class F>
void for_warp_rows(const Launch& launch, const Operand& o, F f) {
  int64_t down = 1;
  while (down < kThreads / kWarp && down * launch.processors < launch.most_rows(o)) down *= 2;
  const int64_t blocks = ceil_div(launch.most_rows(o), down), most = int64_t{kDeviceThreads} * launch.processors / (down * kWarp);
  launch(whole_rows_kernel<N, K, false, F>, u32(blocks < most ? blocks : most), dim3(kWarp, u32(down)), 0, launch.rows(o), static_cast<int32_t>(o.cols), f);
}

template <int N, int K, class F>
void for_block_rows(const Launch& launch, const Operand& o, int64_t threads, F f) {
  const int64_t rows = launch.most_rows(o), most = int64_t{kDeviceThreads} * launch.processors / threads;
  launch(whole_rows_kernel<N, K, true, F>, u32(rows < most ? rows : most), u32(threads), 0, launch.rows(o), static_cast<int32_t>(o.cols), f);
}

// f(row, team) for every row of an operand, by all threads of a team. `wide`: whether parts may be of 16 bytes.
template <class T, class F>
void for_whole_rows(const Launch& launch, const Operand& o, bool wide, F f) {
  constexpr int N = kWide<T>, kPerThread = 4;
  const int64_t parts = ceil_div(o.cols, N), threads = ceil_div(ceil_div(parts, kPerThread), kWarp) * kWarp;
  if (!wide) return o.cols <= 4 * kThreads ? for_warp_rows<1, 0>(launch, o, f) : for_block_rows<1, 0>(launch, o, kThreads, f);
  if (parts <= 2 * kWarp) return for_warp_rows<N, 2>(launch, o, f);
  if (parts <= 4 * kWarp) return for_warp_rows<N, 4>(launch, o, f);
  if (parts <= 6 * kWarp) return for_warp_rows<N, 6>(launch, o, f);
  if (parts <= 8 * kWarp) return for_warp_rows<N, 8>(launch, o, f);
  if (threads <= kMostBlock) return for_block_rows<N, kPerThread>(launch, o, threads, f);
  for_block_rows<N, 0>(launch, o, kMostBlock, f);
}

}  // namespace primer::cuda
