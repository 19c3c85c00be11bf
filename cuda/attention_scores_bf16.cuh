// From products to scores where products are made on tensor cores. Scores stay in the products' unit, 1 / scale, until they are exponents:
// exp(scale x - y) = 2^(unit x - y log2 e) with unit = scale log2 e is then an FMA and a power. Tiles that lie wholly in what their queries see, and
// have no bias, are left as they are.
#pragma once

#include "attention_bf16.cuh"

namespace primer::cuda {

// Rows are the queries from p.first on, columns begin at `first`.
template <class Parts, int kColumns>
__device__ __forceinline__ void finish_by_queries(const AttentionShape& s, const Part& p, const Diagonals<kColumns, Parts::kRows, Parts::kThreads>& diagonals,
                                                  int32_t first, StripSums<Parts::kDown, kColumns>& scores) {
  const int top = Parts::warp_row();
  if (!s.bias && first + kColumns <= s.visible(p, p.first + top)) return;
  const float biased = s.bias ? 1.0f / s.scale : 0.0f;
#pragma unroll
  for (int m = 0; m < Parts::kDown; ++m) {
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      const int row = top + m * kStrip + row_in_strip(e);
      const int32_t visible = s.visible(p, p.first + row) - first, prefix = s.prefix - first;
#pragma unroll
      for (int n = 0; n < kColumns / kGroup; ++n) {
        const int column = column_of(n, e);
        float score = scores[m][n][e];
        if (s.bias && column >= prefix) score += biased * diagonals.bias[diagonals.place(row, column)];
        scores[m][n][e] = column < visible ? score : -INFINITY;
      }
    }
  }
}

// The other way round: rows are the columns from p.first on, and queries begin at `first`.
template <class Parts, int kQueries>
__device__ __forceinline__ void finish_by_columns(const AttentionShape& s, const Part& p, const Diagonals<kQueries, Parts::kRows, Parts::kThreads>& diagonals,
                                                  int32_t first, StripSums<Parts::kDown, kQueries>& scores) {
  const int top = Parts::warp_row();
  if (!s.bias && first + kQueries <= p.queries && p.first + top + Parts::kWarpRows <= s.visible(p, first)) return;
  const float biased = s.bias ? 1.0f / s.scale : 0.0f;
#pragma unroll
  for (int m = 0; m < Parts::kDown; ++m) {
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      const int row = top + m * kStrip + row_in_strip(e);
      const int32_t column = p.first + row;
#pragma unroll
      for (int n = 0; n < kQueries / kGroup; ++n) {
        const int query = column_of(n, e);
        float score = scores[m][n][e];
        if (s.bias && column >= s.prefix) score += biased * diagonals.bias[diagonals.place(row, query)];
        const bool seen = first + query < p.queries && column < s.visible(p, first + query);
        scores[m][n][e] = seen ? score : -INFINITY;
      }
    }
  }
}

}  // namespace primer::cuda
