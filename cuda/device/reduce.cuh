// Sums and maxima over a warp or a block, in a fixed order: the same bits every time.
#pragma once

#include <cuda_runtime.h>

namespace primer::cuda {

constexpr int kWarp = 32;
constexpr unsigned kWholeWarp = 0xFFFFFFFFu;

// Every lane gets the sum.
template <class T>
__device__ __forceinline__ T warp_sum(T v) {
  for (int distance = kWarp / 2; distance > 0; distance /= 2) v += __shfl_xor_sync(kWholeWarp, v, distance);
  return v;
}

// The sums of each of K numbers over the warp, K a power of two: lane l keeps those from l K / 32 on in v[0], ..., one at least. Halves are
// exchanged: about K shuffles, where sums for every lane would take 5 K.
template <int K, int kDistance = kWarp / 2, class T>
__device__ __forceinline__ void warp_sums(T (&v)[K]) {
  if constexpr (kDistance > 0 && K == 1) {
    v[0] += __shfl_xor_sync(kWholeWarp, v[0], kDistance);
    warp_sums<1, kDistance / 2>(v);
  } else if constexpr (kDistance > 0) {
    const bool upper = (threadIdx.x & kDistance) != 0;
    T half[K / 2];
#pragma unroll
    for (int k = 0; k < K / 2; ++k) {
      const T other = __shfl_xor_sync(kWholeWarp, upper ? v[k] : v[k + K / 2], kDistance);
      half[k] = (upper ? v[k + K / 2] : v[k]) + other;
    }
    warp_sums<K / 2, kDistance / 2>(half);
#pragma unroll
    for (int k = 0; k < K / 2; ++k) v[k] = half[k];
  }
}

// Each lane gets the sum of its own and all lower lanes' values.
template <class T>
__device__ __forceinline__ T warp_prefix_sum(T v) {
  for (int distance = 1; distance < kWarp; distance *= 2) {
    const T below = __shfl_up_sync(kWholeWarp, v, distance);
    if (static_cast<int>(threadIdx.x % kWarp) >= distance) v += below;
  }
  return v;
}

template <class T>
__device__ __forceinline__ T warp_max(T v) {
  for (int distance = kWarp / 2; distance > 0; distance /= 2) {
    const T other = __shfl_xor_sync(kWholeWarp, v, distance);
    v = other > v ? other : v;
  }
  return v;
}

// Every thread of a block of whole warps gets the sum; `shared` has a place for each warp and may be used again behind a barrier.
template <class T>
__device__ __forceinline__ T block_sum(T v, T* shared) {
  const int warps = static_cast<int>(blockDim.x) / kWarp, warp = static_cast<int>(threadIdx.x) / kWarp;
  v = warp_sum(v);
  if (threadIdx.x % kWarp == 0) shared[warp] = v;
  __syncthreads();
  T sum = 0;
  for (int w = 0; w < warps; ++w) sum += shared[w];
  return sum;
}

// As block_sum.
template <class T>
__device__ __forceinline__ T block_max(T v, T* shared) {
  const int warps = static_cast<int>(blockDim.x) / kWarp, warp = static_cast<int>(threadIdx.x) / kWarp;
  v = warp_max(v);
  if (threadIdx.x % kWarp == 0) shared[warp] = v;
  __syncthreads();
  T top = shared[0];
  for (int w = 1; w < warps; ++w) top = shared[w] > top ? shared[w] : top;
  return top;
}

}  // namespace primer::cuda
