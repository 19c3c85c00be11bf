// attention_backward: with P = exp(s q k^T + b - lse), dP = do v^T, D = rowsum(P * dP), dS = P * (dP - D), columns as in attention.cu:
//   dq = s dS k, dk = s dS^T q, dv = P^T do,   prefix: the same for its columns, summed over a lane's sequences,
//   dbias[bucket] = sum of dS over the lane's pairs in that bucket.
// All overwrite; each may be left out, and what only it needs is not computed. Saved: q, k, v, lse. Accumulation: float32.
// P is computed again from lse, tile by tile (Dao et al. 2022); nothing of the scores' size is in memory. Two kernels, so that each sum has
// one owner and no atomics are needed:
//   by queries: a block has 64 queries of a sequence and head. It goes over the columns once for D, which the op is not given (rowsum(do * o),
//     but o would have to be kept), and once back for dq and dbias; up to 64 columns stay where they are.
//   by columns: a block has 64 columns, goes over the queries that see them and owns dk and dv. Of a prefix, each sequence's part goes to
//     scratch and is added up afterwards, sequences ascending; so are dbias's parts, one a block.
// Rounding of factors as in attention.cu: q, k, v, do, P and dS to bf16 in a program of bf16; D, dS before it is a factor, and dbias are float32.
// Floor on one H200: bytes, 4 (3 Tq + 4 Tk) d; FLOP, 10 d sum(queries keys), five products, of which nine are computed where there is
// more than one tile: 18 d sum(queries keys). Computed, not measured:
//   32 x 512 tokens, d 768: 352 MB 82 us, 64 GFLOP 82 us (bf16), 0.96 ms (float32); from L2, 2.4 GB: 400 to 500 us expected in bf16, 2.5 ms in
//   float32. An o among the operands would save two of the nine products and 0.8 GB.
//   8 x 30 tokens: 5 MB, 55 MFLOP; two kernels of 96 blocks and one tile: 8 us by latency.
#include "attention_bf16.cuh"
#include "device/kernel.h"
#include "device/shared.cuh"

namespace primer::cuda {
namespace {

// operands do, those of AttentionOperands, lse, dq, dk, dv, dbias, dprefix keys, dprefix values
enum Operands { kDo, kForward, kLse = kForward + kAttentionOperands, kDq, kDk, kDv, kDBias, kDPrefixKeys, kDPrefixValues, kOperands };

// An instruction's scratch, by the most rows that there can be.
struct Scratch {
  int64_t means, bias, prefix, buckets, bytes;

  Scratch(const Instruction& i, const Operand* o) {
    const Operand *f = o + kForward, &q = f[kQ], &offsets = f[kQueryOffsets], &prefix_keys = f[kPrefixKeys];
    const auto present = [&](int operand) { return o[operand].space != Space::none; };
    buckets = present(kDBias) ? o[kDBias].rows : 0;
    means = q.rows * i.integers[0];
    bias = Cut::slots(q.rows, offsets.rows, 0) * i.integers[0] * buckets;
    prefix = present(kDPrefixKeys) || present(kDPrefixValues) ? offsets.rows * prefix_keys.rows * q.cols : 0;
    for (int64_t* floats : {&means, &bias, &prefix}) *floats = ceil_div(*floats, 4) * 4;
    bytes = 4 * (means + bias + 2 * prefix);
  }
};

struct BackwardOperands {
  const float *d_o, *q, *lse;
  KeySource<const float> k, v;
  float *dq, *dk, *dv;
  float *means, *bias_parts, *prefix_keys, *prefix_values;  // scratch; null where nobody asks for what they become
  int32_t buckets;

  bool scores_asked() const { return dq || dk || bias_parts || prefix_keys; }
  bool columns_asked() const { return dk || dv || prefix_keys || prefix_values; }
};

// By queries ----------------------------------------------------------------------------------------------------------

// dS of a tile of scores, and what its diagonals add up to.
template <int kColumns>
struct BiasSums {
  float ds[kTile][kColumns + 1], diagonal[Diagonals<kColumns>::kCount];

  __device__ __forceinline__ void put(const Sums<kColumns>& sums) {
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) ds[row_of(e)][column_of(n, e)] = sums[n][e];
    }
  }

  // sums[bucket] += the tile's dS of that bucket in own keys' columns, of which the first is `from`. By the whole block, behind a barrier.
  __device__ __forceinline__ void add(const Diagonals<kColumns>& diagonals, int from, int32_t buckets, float* sums) {
    for (int e = static_cast<int>(threadIdx.x); e < Diagonals<kColumns>::kCount; e += kAttentionThreads) {
      float sum = 0;
      const int start = e - (kTile - 1) > from ? e - (kTile - 1) : from;
      for (int c = start, r = c - e + kTile - 1; c < kColumns && r < kTile; ++c, ++r) sum += ds[r][c];
      diagonal[e] = sum;
    }
    __syncthreads();
    for (int32_t b = static_cast<int32_t>(threadIdx.x) / kWarp; b < buckets; b += kAttentionThreads / kWarp) {
      float sum = 0;
      for (int e = warp_lane(); e < Diagonals<kColumns>::kCount; e += kWarp) sum += diagonals.bucket[e] == b ? diagonal[e] : 0.0f;
      sum = warp_sum(sum);
      if (warp_lane() == 0) sums[b] += sum;
    }
  }
};

template <class Math, int kWidth>
struct QueryTiles {
  static constexpr int kColumns = columns_of(kWidth);
  alignas(16) typename Math::Element q[kTile][kWidth + Math::kPad], d_o[kTile][kWidth + Math::kPad];
  alignas(16) typename Math::Element k[kColumns][kWidth + Math::kPad], v[kColumns][kWidth + Math::kPad];
  typename Math::template Strips<kColumns> strips;
  Diagonals<kColumns> diagonals;
  BiasSums<kColumns> bias;
};

// P and dP of a thread's two rows.
template <class Math, int kWidth>
__device__ __forceinline__ void query_products(QueryTiles<Math, kWidth>& tiles, const AttentionShape& s, const Part& p, int32_t first, const float (&lse)[2],
                                               Sums<columns_of(kWidth)>& probability, Sums<columns_of(kWidth)>& d_probability) {
  constexpr int kColumns = columns_of(kWidth);
  Math::template products<kWidth, kColumns>(tiles.q, tiles.k, probability);
  finish_scores(s, p, tiles.diagonals, first, probability);
#pragma unroll
  for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
    for (int e = 0; e < 4; ++e) probability[n][e] = Math::exponential(probability[n][e] - lse[e / 2]);
  }
  Math::template products<kWidth, kColumns>(tiles.d_o, tiles.v, d_probability);
}

template <int kColumns>
__device__ __forceinline__ void add_means(const Sums<kColumns>& p, const Sums<kColumns>& dp, float (&mean)[2]) {
#pragma unroll
  for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
    for (int e = 0; e < 4; ++e) mean[e / 2] += p[n][e] * dp[n][e];
  }
}

// The part of dbias that a slot without queries has.
__device__ __forceinline__ void clear_bias_part(const BackwardOperands& operands, float* part) {
  for (int32_t b = static_cast<int32_t>(threadIdx.x); operands.bias_parts && b < operands.buckets; b += kAttentionThreads) part[b] = 0;
}

template <class Math, int kWidth>
__global__ void __launch_bounds__(kAttentionThreads, 2) query_gradients_kernel(AttentionShape s, BackwardOperands operands) {
  constexpr int kColumns = columns_of(kWidth);
  auto& tiles = dynamic_shared<QueryTiles<Math, kWidth>>();
  const int32_t head = static_cast<int32_t>(blockIdx.y);
  float* bias_part = operands.bias_parts + (static_cast<int64_t>(blockIdx.x) * s.heads + head) * operands.buckets;
  clear_bias_part(operands, bias_part);
  Part p;
  if (!s.find(s.query_parts(), static_cast<int32_t>(blockIdx.x), p)) return;
  const int32_t rows = p.queries - p.first < kTile ? p.queries - p.first : kTile;
  const int32_t columns = s.visible(p, p.first + rows - 1), count = (columns + kColumns - 1) / kColumns;
  const int64_t first_row = p.first_query + p.first;
  const bool busy = strip_row() < rows, second = operands.dq || operands.bias_parts;
  const KeyRows<const float> keys = s.key_rows(operands.k, p, head), values = s.key_rows(operands.v, p, head);
  load_tile<Math, kTile, kWidth>(tiles.q, rows, s, [&](int32_t r) { return s.query_rows(operands.q, p, head, p.first + r); });
  load_tile<Math, kTile, kWidth>(tiles.d_o, rows, s, [&](int32_t r) { return s.query_rows(operands.d_o, p, head, p.first + r); });
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
      load_tile<Math, kColumns, kWidth>(tiles.k, columns - first, s, [&](int32_t r) { return keys(first + r); });
      load_tile<Math, kColumns, kWidth>(tiles.v, columns - first, s, [&](int32_t r) { return values(first + r); });
      tiles.diagonals.fill(s, p, head, s.relative(p, p.first + kTile - 1, first), 1);
      __syncthreads();
      if (busy) query_products<Math, kWidth>(tiles, s, p, first, lse, probability, d_probability);
    }
    if (busy && !back) add_means<kColumns>(probability, d_probability, mean);
    if (step == count - 1) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        mean[half] = quad_sum(mean[half]);
        const int r = row_of(2 * half);
        if (r < rows && warp_lane() % 4 == 0) operands.means[(first_row + r) * s.heads + head] = mean[half];
      }
    }
    if (!back) continue;
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) probability[n][e] = busy ? probability[n][e] * (d_probability[n][e] - mean[e / 2]) : 0.0f;
    }
    if (busy && operands.dq) Math::template mix<kWidth, kColumns>(probability, tiles.strips, tiles.k, dq);
    if (operands.bias_parts) {
      tiles.bias.put(probability);
      __syncthreads();
      tiles.bias.add(tiles.diagonals, s.prefix > first ? s.prefix - first : 0, operands.buckets, bias_part);
    }
  }
  if (!busy || !operands.dq) return;
  const float factor[2] = {s.scale, s.scale};
  store_strip<kWidth>(dq, factor, rows, s, [&](int32_t r) { return s.query_rows(operands.dq, p, head, p.first + r); });
}

// By columns ----------------------------------------------------------------------------------------------------------

template <class Math, int kWidth>
struct ColumnTiles {
  static constexpr int kQueries = columns_of(kWidth);
  alignas(16) typename Math::Element k[kTile][kWidth + Math::kPad], v[kTile][kWidth + Math::kPad];
  alignas(16) typename Math::Element q[kQueries][kWidth + Math::kPad], d_o[kQueries][kWidth + Math::kPad];
  typename Math::template Strips<kQueries> strips;
  Diagonals<kQueries> diagonals;
  float lse[kQueries], mean[kQueries];
};

// P^T of a strip of columns and a tile of queries, from its products.
template <class Math, int kQueries>
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
      sums[n][e] = seen ? Math::exponential(score - lse[query]) : 0.0f;
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

// Where a column's gradient goes: that of a prefix to the sequence's part.
__device__ __forceinline__ KeyRows<float> gradient_rows(const AttentionShape& s, const Part& p, int32_t head, float* own, float* prefix_parts) {
  return s.key_rows(KeySource<float>{own, {prefix_parts ? prefix_parts + p.sequence * s.prefix * s.d : nullptr, 0}}, p, head);
}

template <class Math, int kWidth>
__global__ void __launch_bounds__(kAttentionThreads, 2) column_gradients_kernel(AttentionShape s, BackwardOperands operands) {
  constexpr int kQueries = columns_of(kWidth);
  auto& tiles = dynamic_shared<ColumnTiles<Math, kWidth>>();
  Part p;
  if (!s.find(s.column_parts(), static_cast<int32_t>(blockIdx.x), p)) return;
  if (!(operands.dk || operands.dv) && p.first >= s.prefix) return;
  const int32_t head = static_cast<int32_t>(blockIdx.y), all = s.prefix + p.keys, rows = all - p.first < kTile ? all - p.first : kTile;
  const bool busy = strip_row() < rows, keys_asked = operands.dk || operands.prefix_keys;
  const KeyRows<const float> keys = s.key_rows(operands.k, p, head), values = s.key_rows(operands.v, p, head);
  load_tile<Math, kTile, kWidth>(tiles.k, rows, s, [&](int32_t r) { return keys(p.first + r); });
  load_tile<Math, kTile, kWidth>(tiles.v, rows, s, [&](int32_t r) { return values(p.first + r); });
  Sums<kWidth> dk = {}, dv = {};
  // The first query that sees the first column.
  const int32_t seen_from = s.causal ? p.first - s.prefix - p.keys + p.queries : 0;
  for (int32_t first = seen_from > 0 ? seen_from : 0; first < p.queries; first += kQueries) {
    __syncthreads();
    load_tile<Math, kQueries, kWidth>(tiles.q, p.queries - first, s, [&](int32_t r) { return s.query_rows(operands.q, p, head, first + r); });
    load_tile<Math, kQueries, kWidth>(tiles.d_o, p.queries - first, s, [&](int32_t r) { return s.query_rows(operands.d_o, p, head, first + r); });
    for (int e = static_cast<int>(threadIdx.x); e < kQueries && first + e < p.queries; e += kAttentionThreads) {
      const int64_t at = static_cast<int64_t>(p.first_query + first + e) * s.heads + head;
      tiles.lse[e] = operands.lse[at];
      tiles.mean[e] = keys_asked ? operands.means[at] : 0.0f;
    }
    tiles.diagonals.fill(s, p, head, s.relative(p, first, p.first + kTile - 1), -1);
    for (int e = static_cast<int>(threadIdx.x); e < kQueries; e += kAttentionThreads) {
      if (first + e >= p.queries) tiles.lse[e] = tiles.mean[e] = 0.0f;
    }
    __syncthreads();
    if (!busy) continue;
    Sums<kQueries> probability, d_probability;
    Math::template products<kWidth, kQueries>(tiles.k, tiles.q, probability);
    column_probabilities<Math, kQueries>(s, p, tiles.diagonals, tiles.lse, first, probability);
    if (operands.dv || operands.prefix_values) Math::template mix<kWidth, kQueries>(probability, tiles.strips, tiles.d_o, dv);
    if (!keys_asked) continue;
    Math::template products<kWidth, kQueries>(tiles.v, tiles.d_o, d_probability);
    column_scores<kQueries>(probability, tiles.mean, d_probability);
    Math::template mix<kWidth, kQueries>(d_probability, tiles.strips, tiles.q, dk);
  }
  if (!busy) return;
  const KeyRows<float> dk_rows = gradient_rows(s, p, head, operands.dk, operands.prefix_keys);
  const KeyRows<float> dv_rows = gradient_rows(s, p, head, operands.dv, operands.prefix_values);
  const float scaled[2] = {s.scale, s.scale}, plain[2] = {1, 1};
  store_strip<kWidth>(dk, scaled, rows, s, [&](int32_t r) { return dk_rows(p.first + r); });
  store_strip<kWidth>(dv, plain, rows, s, [&](int32_t r) { return dv_rows(p.first + r); });
}

// What several blocks add up -------------------------------------------------------------------------------------------

// Of a lane's parts, which lie one behind the other, `n` numbers apart.
void add_prefix_parts(const Launch& launch, const Operand& gradient, Rows sequences, const float* parts) {
  if (!launch.present(gradient)) return;
  const Laned<float> to = launch.laned<float>(gradient);
  const int64_t n = gradient.rows * gradient.cols;
  for_copies(launch, launch.lanes, n, [=] __device__(int32_t lane, int64_t e) {
    float sum = 0;
    for (int32_t q = sequences.begin(lane); q < sequences.end(lane); ++q) sum += parts[q * n + e];
    to.of(lane)[e] = sum;
  });
}

void add_bias_parts(const Launch& launch, const Operand& gradient, const AttentionShape& s, const float* parts) {
  if (!launch.present(gradient)) return;
  const Laned<float> to = launch.laned<float>(gradient);
  const int32_t buckets = static_cast<int32_t>(gradient.rows), heads = s.heads, numbers = buckets * heads;
  for_warps(launch, launch.lanes * numbers, [=] __device__(int32_t n, int32_t at) {
    const int32_t lane = n / numbers, bucket = n % numbers / heads, head = n % heads;
    const int32_t end = s.query_parts().slot(s.sequences.end(lane));
    float sum = 0;
    for (int64_t slot = s.query_parts().slot(s.sequences.begin(lane)) + at; slot < end; slot += kWarp) sum += parts[(slot * heads + head) * buckets + bucket];
    sum = warp_sum(sum);
    if (at == 0) to.of(lane)[static_cast<int64_t>(bucket) * heads + head] = sum;
  });
}

BackwardOperands backward_operands(const Launch& launch, const Instruction& i, const Scratch& scratch) {
  const Operand *o = i.operands.data(), *f = o + kForward;
  BackwardOperands b{};
  b.d_o = launch.data<const float>(o[kDo]);
  b.q = launch.data<const float>(f[kQ]);
  b.lse = launch.data<const float>(o[kLse]);
  b.k = key_source(launch, f[kK], f[kPrefixKeys]);
  b.v = key_source(launch, f[kV], f[kPrefixValues]);
  b.dq = launch.data<float>(o[kDq]);
  b.dk = launch.data<float>(o[kDk]);
  b.dv = launch.data<float>(o[kDv]);
  b.buckets = static_cast<int32_t>(scratch.buckets);
  b.means = reinterpret_cast<float*>(launch.scratch);
  if (launch.present(o[kDBias])) b.bias_parts = b.means + scratch.means;
  if (launch.present(o[kDPrefixKeys])) b.prefix_keys = b.means + scratch.means + scratch.bias;
  if (launch.present(o[kDPrefixValues])) b.prefix_values = b.means + scratch.means + scratch.bias + scratch.prefix;
  return b;
}

template <class Math, int kWidth>
void launch_gradients(const Launch& launch, const AttentionShape& s, const BackwardOperands& b, dim3 query_grid, dim3 column_grid) {
  if (b.scores_asked()) launch_sharing<QueryTiles<Math, kWidth>>(launch, query_gradients_kernel<Math, kWidth>, query_grid, kAttentionThreads, s, b);
  if (b.columns_asked()) launch_sharing<ColumnTiles<Math, kWidth>>(launch, column_gradients_kernel<Math, kWidth>, column_grid, kAttentionThreads, s, b);
}

void attention_backward(const Launch& launch, const Instruction& i) {
  const Operand *o = i.operands.data(), *f = o + kForward;
  const AttentionShape s = attention_shape(launch, i, f);
  const BackwardOperands b = backward_operands(launch, i, Scratch(i, o));
  const int64_t sequences = launch.most_rows(f[kQueryOffsets]);
  const dim3 query_grid(u32(Cut::slots(launch.most_rows(f[kQ]), sequences, 0)), u32(s.heads));
  const dim3 column_grid(u32(Cut::slots(launch.most_rows(f[kK]), sequences, s.prefix)), u32(s.heads));
  with_kernel(launch, s.width, [&]<class Math, int kWidth>() { launch_gradients<Math, kWidth>(launch, s, b, query_grid, column_grid); });
  add_prefix_parts(launch, o[kDPrefixKeys], s.sequences, b.prefix_keys);
  add_prefix_parts(launch, o[kDPrefixValues], s.sequences, b.prefix_values);
  add_bias_parts(launch, o[kDBias], s, b.bias_parts);
}

int64_t scratch(const Instruction& i, int64_t) { return Scratch(i, i.operands.data()).bytes; }

PRIMER_REGISTER("attention_backward", kOperands, attention_backward, nullptr, scratch)

}  // namespace
}  // namespace primer::cuda
