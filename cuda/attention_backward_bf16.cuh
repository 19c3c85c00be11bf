// What attention_backward's kernels on tensor cores share (attention_backward.cu has the formulas): sizes of tiles, which sequences one block takes
// whole, and what becomes of scores.
#pragma once

#include "attention_gradients.cuh"
#include "attention_scores_bf16.cuh"
#include "device/shared.cuh"

namespace primer::cuda {

// Columns of a tile of scores: so few that P, dP, the sums of a warp's strips and a thread's share of the next tile are in registers.
template <class Parts, int kWidth>
constexpr int kBackwardColumns = kWidth > 64 ? Parts::kThreads / 8 : Parts::kDown > 1 ? 32 : 64;

// Whether blocks of queries can make dk and dv too: wide heads would not leave them the registers.
template <class Parts, int kWidth>
constexpr bool kTakesWhole = Parts::kDown == 1 && kWidth <= 64;

// Whether the block of a sequence's queries makes all its gradients: queries and columns are one tile.
template <class Parts, int kWidth>
__device__ __forceinline__ bool one_tile(const AttentionShape& s, const Part& p) {
  return kTakesWhole<Parts, kWidth> && p.queries > 0 && p.queries <= Parts::kRows && s.prefix + p.keys <= kBackwardColumns<Parts, kWidth>;
}

// Scores become P, where lse(m, n, e) is that of a number's query, in powers of two.
template <int kDown, int kColumns, class Lse>
__device__ __forceinline__ void to_probabilities(float unit, const Lse& lse, StripSums<kDown, kColumns>& scores) {
#pragma unroll
  for (int m = 0; m < kDown; ++m) {
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) scores[m][n][e] = power_of_two(unit * scores[m][n][e] - lse(m, n, e));
    }
  }
}

// mean += rowsum(P * dP), a thread's part.
template <int kDown, int kColumns>
__device__ __forceinline__ void add_means(const StripSums<kDown, kColumns>& p, const StripSums<kDown, kColumns>& dp, float (&mean)[kDown][2]) {
#pragma unroll
  for (int m = 0; m < kDown; ++m) {
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) mean[m][e / 2] += p[m][n][e] * dp[m][n][e];
    }
  }
}

// dP becomes dS, where mean(m, n, e) is D of a number's query.
template <int kDown, int kColumns, class Mean>
__device__ __forceinline__ void center(const StripSums<kDown, kColumns>& p, const Mean& mean, StripSums<kDown, kColumns>& dp) {
#pragma unroll
  for (int m = 0; m < kDown; ++m) {
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) dp[m][n][e] = p[m][n][e] * (dp[m][n][e] - mean(m, n, e));
    }
  }
}

template <class Parts, int kWidth>
__device__ __forceinline__ void store_strips(const StripSums<Parts::kDown, kWidth>& sums, float factor, int32_t rows, const AttentionShape& s, auto row) {
  const float factors[2] = {factor, factor};
#pragma unroll
  for (int m = 0; m < Parts::kDown; ++m) store_strip<kWidth>(sums[m], factors, Parts::warp_row() + m * kStrip, rows, s, row);
}

}  // namespace primer::cuda
