// attention_backward's kernels in float32 (attention_backward.cu has the formulas, and who owns which sum).
#pragma once

#include "attention_gradients.cuh"
#include "device/shared.cuh"

namespace primer::cuda {

// By queries ----------------------------------------------------------------------------------------------------------

template <int kWidth>
struct Float32QueryTiles {
  static constexpr int kColumns = columns_of(kWidth);
  alignas(16) float q[kTile][kWidth + Float32Math::kPad], d_o[kTile][kWidth + Float32Math::kPad];
  alignas(16) float k[kColumns][kWidth + Float32Math::kPad], v[kColumns][kWidth + Float32Math::kPad];
  Float32Math::Strips<kColumns> strips;
  Diagonals<kColumns> diagonals;
  BiasSums<kColumns> bias;
};

// P and dP of a thread's two rows.
template <int kWidth>
__device__ __forceinline__ void query_products(Float32QueryTiles<kWidth>& tiles, const AttentionShape& s, const Part& p, int32_t first, const float (&lse)[2],
                                               Sums<columns_of(kWidth)>& probability, Sums<columns_of(kWidth)>& d_probability) {
  constexpr int kColumns = columns_of(kWidth);
  Float32Math::products<kWidth, kColumns>(tiles.q, tiles.k, probability);
  finish_scores(s, p, tiles.diagonals, first, probability);
#pragma unroll
  for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
    for (int e = 0; e < 4; ++e) probability[n][e] = Float32Math::exponential(probability[n][e] - lse[e / 2]);
  }
  Float32Math::products<kWidth, kColumns>(tiles.d_o, tiles.v, d_probability);
}

template <int kColumns>
__device__ __forceinline__ void add_means(const Sums<kColumns>& p, const Sums<kColumns>& dp, float (&mean)[2]) {
#pragma unroll
  for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
    for (int e = 0; e < 4; ++e) mean[e / 2] += p[n][e] * dp[n][e];
  }
}

template <int kWidth>
__global__ void __launch_bounds__(kAttentionThreads, 2) query_gradients_kernel(AttentionShape s, BackwardOperands operands) {
  constexpr int kColumns = columns_of(kWidth);
  auto& tiles = dynamic_shared<Float32QueryTiles<kWidth>>();
  const int32_t head = static_cast<int32_t>(blockIdx.y);
  float* bias_part = operands.bias_part(s);
  clear_bias_part(operands, s);
  Part p;
  if (!s.find(s.query_parts(), static_cast<int32_t>(blockIdx.x), p)) return;
  const int32_t rows = p.queries - p.first < kTile ? p.queries - p.first : kTile;
  const int32_t columns = s.visible(p, p.first + rows - 1), count = (columns + kColumns - 1) / kColumns;
  const int64_t first_row = p.first_query + p.first;
  const bool busy = strip_row() < rows, second = operands.dq || operands.bias_parts;
  const KeyRows<const float> keys = s.key_rows(operands.k, p, head), values = s.key_rows(operands.v, p, head);
  load_tile<Float32Math, kTile, kWidth>(tiles.q, rows, s, [&](int32_t r) { return s.query_rows(operands.q, p, head, p.first + r); });
  load_tile<Float32Math, kTile, kWidth>(tiles.d_o, rows, s, [&](int32_t r) { return s.query_rows(operands.d_o, p, head, p.first + r); });
  float lse[2], mean[2] = {0, 0};
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int r = row_of(2 * half);
    lse[half] = r < rows ? operands.lse[(first_row + r) * s.heads + head] : INFINITY;  // no probability behind the last query
  }
  Sums<kWidth> dq = {};
  Sums<kColumns> probability, d_probability;
  // The tiles of columns ascending for D, then back, the last of them kept.
  for (int32_t step = 0; step < (second ? 2 * count : count); ++step) {
    const bool back = step >= count;
    const int32_t first = (back ? 2 * count - 1 - step : step) * kColumns;
    if (step != count) {
      __syncthreads();
      load_tile<Float32Math, kColumns, kWidth>(tiles.k, columns - first, s, [&](int32_t r) { return keys(first + r); });
      load_tile<Float32Math, kColumns, kWidth>(tiles.v, columns - first, s, [&](int32_t r) { return values(first + r); });
      tiles.diagonals.fill(s, p, head, s.relative(p, p.first + kTile - 1, first), 1);
      __syncthreads();
      if (busy) query_products<kWidth>(tiles, s, p, first, lse, probability, d_probability);
    }
    if (busy && !back) add_means<kColumns>(probability, d_probability, mean);
    if (step == count - 1) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        mean[half] = quad_sum(mean[half]);
        const int r = row_of(2 * half);
        if (r < rows && warp_lane() % 4 == 0) operands.statistics[(first_row + r) * s.heads + head] = mean[half];
      }
    }
    if (!back) continue;
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) probability[n][e] = busy ? probability[n][e] * (d_probability[n][e] - mean[e / 2]) : 0.0f;
    }
    if (busy && operands.dq) Float32Math::mix<kWidth, kColumns>(probability, tiles.strips, tiles.k, dq);
    if (operands.bias_parts) {
      tiles.bias.put(probability, strip_row());
      __syncthreads();
      tiles.bias.add(tiles.diagonals, s.prefix > first ? s.prefix - first : 0, operands.buckets, bias_part);
    }
  }
  if (!busy || !operands.dq) return;
  const float factor[2] = {s.scale, s.scale};
  store_strip<kWidth>(dq, factor, strip_row(), rows, s, [&](int32_t r) { return s.query_rows(operands.dq, p, head, p.first + r); });
}

// By columns ----------------------------------------------------------------------------------------------------------

template <int kWidth>
struct Float32ColumnTiles {
  static constexpr int kQueries = columns_of(kWidth);
  alignas(16) float k[kTile][kWidth + Float32Math::kPad], v[kTile][kWidth + Float32Math::kPad];
  alignas(16) float q[kQueries][kWidth + Float32Math::kPad], d_o[kQueries][kWidth + Float32Math::kPad];
  Float32Math::Strips<kQueries> strips;
  Diagonals<kQueries> diagonals;
  float lse[kQueries], mean[kQueries];
};

// P^T of a strip of columns and a tile of queries, from its products.
template <int kQueries>
__device__ __forceinline__ void column_probabilities(const AttentionShape& s, const Part& p, const Diagonals<kQueries>& diagonals, const float (&lse)[kQueries],
                                                     int32_t first, Sums<kQueries>& sums) {
#pragma unroll
  for (int e = 0; e < 4; ++e) {
    const int row = row_of(e);
    const int32_t column = p.first + row;
#pragma unroll
    for (int n = 0; n < kQueries / kGroup; ++n) {
      const int query = column_of(n, e);
      float score = s.scale * sums[n][e];
      if (s.bias && column >= s.prefix) score += diagonals.bias[Diagonals<kQueries>::place(row, query)];
      const bool seen = first + query < p.queries && column < s.visible(p, first + query);
      sums[n][e] = seen ? Float32Math::exponential(score - lse[query]) : 0.0f;
    }
  }
}

template <int kQueries>
__device__ __forceinline__ void column_scores(const Sums<kQueries>& probability, const float (&mean)[kQueries], Sums<kQueries>& d_probability) {
#pragma unroll
  for (int n = 0; n < kQueries / kGroup; ++n) {
#pragma unroll
    for (int e = 0; e < 4; ++e) d_probability[n][e] = probability[n][e] * (d_probability[n][e] - mean[column_of(n, e)]);
  }
}

template <int kWidth>
__global__ void __launch_bounds__(kAttentionThreads, 2) column_gradients_kernel(AttentionShape s, BackwardOperands operands) {
  constexpr int kQueries = columns_of(kWidth);
  auto& tiles = dynamic_shared<Float32ColumnTiles<kWidth>>();
  Part p;
  if (!s.find(s.column_parts(), static_cast<int32_t>(blockIdx.x), p)) return;
  if (!operands.own_columns_asked() && p.first >= s.prefix) return;
  const int32_t head = static_cast<int32_t>(blockIdx.y), all = s.prefix + p.keys, rows = all - p.first < kTile ? all - p.first : kTile;
  const bool busy = strip_row() < rows, keys_asked = operands.dk || operands.prefix_keys;
  const KeyRows<const float> keys = s.key_rows(operands.k, p, head), values = s.key_rows(operands.v, p, head);
  load_tile<Float32Math, kTile, kWidth>(tiles.k, rows, s, [&](int32_t r) { return keys(p.first + r); });
  load_tile<Float32Math, kTile, kWidth>(tiles.v, rows, s, [&](int32_t r) { return values(p.first + r); });
  Sums<kWidth> dk = {}, dv = {};
  // The first query that sees the first column.
  const int32_t seen_from = s.causal ? p.first - s.prefix - p.keys + p.queries : 0;
  for (int32_t first = seen_from > 0 ? seen_from : 0; first < p.queries; first += kQueries) {
    __syncthreads();
    load_tile<Float32Math, kQueries, kWidth>(tiles.q, p.queries - first, s, [&](int32_t r) { return s.query_rows(operands.q, p, head, first + r); });
    load_tile<Float32Math, kQueries, kWidth>(tiles.d_o, p.queries - first, s, [&](int32_t r) { return s.query_rows(operands.d_o, p, head, first + r); });
    for (int e = static_cast<int>(threadIdx.x); e < kQueries && first + e < p.queries; e += kAttentionThreads) {
      const int64_t at = static_cast<int64_t>(p.first_query + first + e) * s.heads + head;
      tiles.lse[e] = operands.lse[at];
      tiles.mean[e] = keys_asked ? operands.statistics[at] : 0.0f;
    }
    tiles.diagonals.fill(s, p, head, s.relative(p, first, p.first + kTile - 1), -1);
    for (int e = static_cast<int>(threadIdx.x); e < kQueries; e += kAttentionThreads) {
      if (first + e >= p.queries) tiles.lse[e] = tiles.mean[e] = 0.0f;
    }
    __syncthreads();
    if (!busy) continue;
    Sums<kQueries> probability, d_probability;
    Float32Math::products<kWidth, kQueries>(tiles.k, tiles.q, probability);
    column_probabilities<kQueries>(s, p, tiles.diagonals, tiles.lse, first, probability);
    if (operands.dv || operands.prefix_values) Float32Math::mix<kWidth, kQueries>(probability, tiles.strips, tiles.d_o, dv);
    if (!keys_asked) continue;
    Float32Math::products<kWidth, kQueries>(tiles.v, tiles.d_o, d_probability);
    column_scores<kQueries>(probability, tiles.mean, d_probability);
    Float32Math::mix<kWidth, kQueries>(d_probability, tiles.strips, tiles.q, dk);
  }
  if (!busy) return;
  const KeyRows<float> dk_rows = gradient_rows(s, p, head, operands.dk, operands.prefix_keys);
  const KeyRows<float> dv_rows = gradient_rows(s, p, head, operands.dv, operands.prefix_values);
  const float scaled[2] = {s.scale, s.scale}, plain[2] = {1, 1};
  store_strip<kWidth>(dk, scaled, strip_row(), rows, s, [&](int32_t r) { return dk_rows(p.first + r); });
  store_strip<kWidth>(dv, plain, strip_row(), rows, s, [&](int32_t r) { return dv_rows(p.first + r); });
}

}  // namespace primer::cuda
