// attention_backward_tangent: how attention_backward's outputs move with its inputs. With P, dP, D and dS as there, S' as in
// attention_tangent.cu, m = rowsum(P * S'):
//   P' = P * (S' - m),   dP' = do' v^T + do v'^T,   D' = rowsum(P' * dP + P * dP') = rowsum(P * ((S' - m) dP + dP')),
//   dS' = P' * (dP - D) + P * (dP' - D'),
//   dq' = s (dS' k + dS k'), dk' = s (dS'^T q + dS^T q'), dv' = P'^T do + P^T do',   prefix: the same for its columns, summed over a
//   lane's sequences,   dbias'[bucket] = sum of dS' over the lane's pairs in that bucket.
// Inputs: the backward's, and the tangents of do, q, k, v, bias, prefix keys and values, of their primals' shapes, each left out
// where it is zero; one at least is there. All outputs overwrite; each may be left out, and what only it needs is not computed.
// Saved: q, k, v, lse. Accumulation: float32 by FMA in any precision. Two kernels, and owners of sums, as in attention_backward.cu: by queries,
// once over the columns for m, D and D', kept in scratch, and once back; by columns.
// Floor: by queries 24 FLOP for each pair and column of a head, 16 of them once, and 20 by columns, no score in memory; at 67 TFLOP/s (float32)
// 768 columns and 8 sequences of 128: 66 us by FLOP.
#include "attention_gradients.cuh"
#include "attention_moves.cuh"
#include "device/kernel.h"
#include "device/shared.cuh"

namespace primer::cuda {
namespace {

// operands do, those of AttentionOperands, lse, do', those of MovedOperands, those of Gradients
enum Operands {
  kDo, kForward, kLse = kForward + static_cast<int>(kAttentionOperands), kMovedDo, kMoved, kGradient = kMoved + kMovedOperands,
  kOperands = kGradient + static_cast<int>(kGradients)
};

struct BackwardTangentOperands : GradientPlaces {
  const float *d_o, *moved_do, *q, *lse;
  KeySource<const float> k, v;
  Moved moved;
};

// What is known of a query: the log of its sum, and m, D and D'.
constexpr int kStatistics = 3;
struct QueryStatistics {
  float lse[kTile], mean[kTile], d[kTile], moved_d[kTile];
};

// Rows are queries and columns keys, or the other way round: `scores` are q or k, `gradients` do or v.
template <int kWidth>
struct BackwardTangentTiles {
  static constexpr int kColumns = moved_columns_of(kWidth);
  MovedRows<kTile, kWidth> row_scores, row_gradients;
  MovedRows<kColumns, kWidth> column_scores, column_gradients;
  Float32Math::Strips<kColumns> strips;
  MovedDiagonals<kColumns> diagonals;
  QueryStatistics queries;
};

template <int kWidth>
struct QueryTiles : BackwardTangentTiles<kWidth> {
  BiasSums<moved_columns_of(kWidth)> bias;
};

// P, S', dP and dP' of a tile; then P, P', dS and dS'.
template <int kColumns>
struct Scores {
  Sums<kColumns> p, moved_p, ds, moved_ds;
};

template <bool kQueriesAreRows, int kWidth, int kColumns>
__device__ __forceinline__ void all_products(BackwardTangentTiles<kWidth>& tiles, const AttentionShape& s, const BackwardTangentOperands& operands, const Part& p,
                                             int32_t first, Scores<kColumns>& scores) {
  const Moved& m = operands.moved;
  const bool moved_q = m.q != nullptr, moved_do = operands.moved_do != nullptr;
  Float32Math::products<kWidth, kColumns>(tiles.row_scores.still, tiles.column_scores.still, scores.p);
  products_tangent<kWidth, kColumns>(tiles.row_scores, kQueriesAreRows ? moved_q : m.keys, tiles.column_scores, kQueriesAreRows ? m.keys : moved_q, scores.moved_p);
  finish_moved<kQueriesAreRows, kColumns>(s, m, p, tiles.diagonals, first, tiles.queries.lse, scores.p, scores.moved_p);
  // Where scores stay, dP is multiplied with nothing that moves.
  if (m.scores) {
    Float32Math::products<kWidth, kColumns>(tiles.row_gradients.still, tiles.column_gradients.still, scores.ds);
  } else {
    clear<kColumns>(scores.ds);
  }
  products_tangent<kWidth, kColumns>(tiles.row_gradients, kQueriesAreRows ? moved_do : m.values, tiles.column_gradients, kQueriesAreRows ? m.values : moved_do,
                                     scores.moved_ds);
}

// From P, S', dP and dP' to P, P', dS and dS'.
template <bool kQueriesAreRows, int kColumns>
__device__ __forceinline__ void differentiate(const QueryStatistics& of, Scores<kColumns>& x) {
#pragma unroll
  for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      const int query = kQueriesAreRows ? row_of(e) : column_of(n, e);
      const bool seen = x.p[n][e] != 0;  // behind the last query there are no statistics
      const float p = x.p[n][e], moved_p = seen ? p * (x.moved_p[n][e] - of.mean[query]) : 0.0f, centered = seen ? x.ds[n][e] - of.d[query] : 0.0f;
      x.moved_ds[n][e] = seen ? moved_p * centered + p * (x.moved_ds[n][e] - of.moved_d[query]) : 0.0f;
      x.moved_p[n][e] = moved_p;
      x.ds[n][e] = p * centered;
    }
  }
}

// By queries ----------------------------------------------------------------------------------------------------------

// Of its two rows, m of the columns so far and what P adds up to, the same in a quad's threads, and a thread's parts of D and D'. S' is taken from m
// before it is multiplied: where P is nearly one column's alone, D' is what m D would leave of a sum as large. As m moves, so does what was added.
struct RowSums {
  float weight[2] = {0, 0}, mean[2] = {0, 0}, d[2] = {0, 0}, moved_d[2] = {0, 0};

  template <int kColumns>
  __device__ __forceinline__ void add(const Scores<kColumns>& x) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float more = 0, sum = 0;
#pragma unroll
      for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
        for (int e = 2 * half; e < 2 * half + 2; ++e) {
          more += x.p[n][e];
          sum += x.p[n][e] * (x.moved_p[n][e] - mean[half]);
        }
      }
      weight[half] += quad_sum(more);
      sum = quad_sum(sum);
      const float step = weight[half] > 0 ? sum / weight[half] : 0.0f;
      mean[half] += step;
      moved_d[half] -= step * d[half];
#pragma unroll
      for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
        for (int e = 2 * half; e < 2 * half + 2; ++e) {
          const float p = x.p[n][e];
          d[half] += p * x.ds[n][e];
          moved_d[half] += p * ((x.moved_p[n][e] - mean[half]) * x.ds[n][e] + x.moved_ds[n][e]);
        }
      }
    }
  }

  // To shared memory and, for the other kernel, to `out` [rows, heads, kStatistics]. By whole warps.
  __device__ __forceinline__ void put(int32_t rows, int32_t heads, QueryStatistics& to, float* out) const {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int r = row_of(2 * half);
      const float m = mean[half], sum = quad_sum(d[half]), moved = quad_sum(moved_d[half]);
      if (warp_lane() % 4 != 0 || r >= rows) continue;
      float* at = out + static_cast<int64_t>(r) * heads * kStatistics;
      at[0] = to.mean[r] = m;
      at[1] = to.d[r] = sum;
      at[2] = to.moved_d[r] = moved;
    }
    __syncwarp();
  }
};

template <int kWidth>
__global__ void __launch_bounds__(kAttentionThreads, 2) moved_query_gradients_kernel(AttentionShape s, BackwardTangentOperands operands) {
  constexpr int kColumns = moved_columns_of(kWidth);
  auto& tiles = dynamic_shared<QueryTiles<kWidth>>();
  const Moved& m = operands.moved;
  const int32_t head = static_cast<int32_t>(blockIdx.y);
  clear_bias_part(operands, s);
  Part p;
  if (!s.find(s.query_parts(), static_cast<int32_t>(blockIdx.x), p)) return;
  const int32_t rows = p.queries - p.first < kTile ? p.queries - p.first : kTile;
  const int32_t columns = s.visible(p, p.first + rows - 1), count = (columns + kColumns - 1) / kColumns;
  const int64_t first_row = p.first_query + p.first;
  const bool busy = strip_row() < rows, second = operands.dq || operands.bias_parts;
  load_queries(tiles.row_scores, s, p, head, p.first, operands.q, m.q);
  load_queries(tiles.row_gradients, s, p, head, p.first, operands.d_o, operands.moved_do);
  for (int32_t r = static_cast<int32_t>(threadIdx.x); r < rows; r += kAttentionThreads) tiles.queries.lse[r] = operands.lse[(first_row + r) * s.heads + head];
  RowSums sums;
  Sums<kWidth> dq = {};
  Scores<kColumns> scores;
  // The tiles of columns ascending for the statistics, then back, the last of them kept.
  for (int32_t step = 0; step < (second ? 2 * count : count); ++step) {
    const bool back = step >= count;
    const int32_t first = (back ? 2 * count - 1 - step : step) * kColumns;
    if (step != count) {
      __syncthreads();
      load_keys(tiles.column_scores, s, p, head, first, operands.k, m.k, m.keys);
      load_keys(tiles.column_gradients, s, p, head, first, operands.v, m.v, m.values);
      tiles.diagonals.fill(s, m, p, head, s.relative(p, p.first + kTile - 1, first), 1);
      __syncthreads();
      if (busy) all_products<true, kWidth, kColumns>(tiles, s, operands, p, first, scores);
    }
    if (busy && !back) sums.add(scores);
    if (busy && step == count - 1) sums.put(rows, s.heads, tiles.queries, operands.statistics + (first_row * s.heads + head) * kStatistics);
    if (!back) continue;
    if (busy) {
      differentiate<true, kColumns>(tiles.queries, scores);
    } else {
      clear<kColumns>(scores.moved_ds);
    }
    if (busy && operands.dq) Float32Math::mix<kWidth, kColumns>(scores.moved_ds, tiles.strips, tiles.column_scores.still, dq);
    if (busy && operands.dq && m.keys) Float32Math::mix<kWidth, kColumns>(scores.ds, tiles.strips, tiles.column_scores.moved, dq);
    if (operands.bias_parts) {
      tiles.bias.put(scores.moved_ds, strip_row());
      __syncthreads();
      tiles.bias.add(tiles.diagonals.still, s.prefix > first ? s.prefix - first : 0, operands.buckets, operands.bias_part(s));
    }
  }
  if (!busy || !operands.dq) return;
  const float factor[2] = {s.scale, s.scale};
  store_strip<kWidth>(dq, factor, strip_row(), rows, s, [&](int32_t r) { return s.query_rows(operands.dq, p, head, p.first + r); });
}

// By columns ----------------------------------------------------------------------------------------------------------

template <int kWidth>
__global__ void __launch_bounds__(kAttentionThreads, 2) moved_column_gradients_kernel(AttentionShape s, BackwardTangentOperands operands) {
  constexpr int kQueries = moved_columns_of(kWidth);
  using Math = Float32Math;
  auto& tiles = dynamic_shared<BackwardTangentTiles<kWidth>>();
  const Moved& m = operands.moved;
  Part p;
  if (!s.find(s.column_parts(), static_cast<int32_t>(blockIdx.x), p)) return;
  if (!operands.own_columns_asked() && p.first >= s.prefix) return;
  const int32_t head = static_cast<int32_t>(blockIdx.y), all = s.prefix + p.keys, rows = all - p.first < kTile ? all - p.first : kTile;
  const bool busy = strip_row() < rows, keys_asked = operands.dk || operands.prefix_keys, values_asked = operands.dv || operands.prefix_values;
  load_keys(tiles.row_scores, s, p, head, p.first, operands.k, m.k, m.keys);
  load_keys(tiles.row_gradients, s, p, head, p.first, operands.v, m.v, m.values);
  Sums<kWidth> dk = {}, dv = {};
  // The first query that sees the first column.
  const int32_t seen_from = s.causal ? p.first - s.prefix - p.keys + p.queries : 0;
  for (int32_t first = seen_from > 0 ? seen_from : 0; first < p.queries; first += kQueries) {
    __syncthreads();
    load_queries(tiles.column_scores, s, p, head, first, operands.q, m.q);
    load_queries(tiles.column_gradients, s, p, head, first, operands.d_o, operands.moved_do);
    for (int32_t e = static_cast<int32_t>(threadIdx.x); e < kQueries && first + e < p.queries; e += kAttentionThreads) {
      const int64_t at = static_cast<int64_t>(p.first_query + first + e) * s.heads + head;
      const float* statistics = operands.statistics + at * kStatistics;
      tiles.queries.lse[e] = operands.lse[at];
      tiles.queries.mean[e] = statistics[0];
      tiles.queries.d[e] = statistics[1];
      tiles.queries.moved_d[e] = statistics[2];
    }
    tiles.diagonals.fill(s, m, p, head, s.relative(p, first, p.first + kTile - 1), -1);
    __syncthreads();
    if (!busy) continue;
    Scores<kQueries> scores;
    all_products<false, kWidth, kQueries>(tiles, s, operands, p, first, scores);
    differentiate<false, kQueries>(tiles.queries, scores);
    if (values_asked && m.scores) Math::mix<kWidth, kQueries>(scores.moved_p, tiles.strips, tiles.column_gradients.still, dv);
    if (values_asked && operands.moved_do) Math::mix<kWidth, kQueries>(scores.p, tiles.strips, tiles.column_gradients.moved, dv);
    if (!keys_asked) continue;
    Math::mix<kWidth, kQueries>(scores.moved_ds, tiles.strips, tiles.column_scores.still, dk);
    if (m.q) Math::mix<kWidth, kQueries>(scores.ds, tiles.strips, tiles.column_scores.moved, dk);
  }
  if (!busy) return;
  const KeyRows<float> dk_rows = gradient_rows(s, p, head, operands.dk, operands.prefix_keys);
  const KeyRows<float> dv_rows = gradient_rows(s, p, head, operands.dv, operands.prefix_values);
  const float scaled[2] = {s.scale, s.scale}, plain[2] = {1, 1};
  store_strip<kWidth>(dk, scaled, strip_row(), rows, s, [&](int32_t r) { return dk_rows(p.first + r); });
  store_strip<kWidth>(dv, plain, strip_row(), rows, s, [&](int32_t r) { return dv_rows(p.first + r); });
}

// By the host ----------------------------------------------------------------------------------------------------------

GradientScratch scratch_of(const Instruction& i) { return {i, i.operands.data() + kForward, i.operands.data() + kGradient, kStatistics}; }

void attention_backward_tangent(const Launch& launch, const Instruction& i) {
  const Operand *o = i.operands.data(), *f = o + kForward;
  const AttentionShape s = attention_shape(launch, i, f);
  const BackwardTangentOperands b{{launch, scratch_of(i), o + kGradient}, launch.data<const float>(o[kDo]), launch.data<const float>(o[kMovedDo]),
                                  launch.data<const float>(f[kQ]), launch.data<const float>(o[kLse]), key_source(launch, f[kK], f[kPrefixKeys]),
                                  key_source(launch, f[kV], f[kPrefixValues]), moved_operands(launch, o + kMoved)};
  with_width(s.width, [&]<int kWidth>() {
    launch_sharing<QueryTiles<kWidth>>(launch, moved_query_gradients_kernel<kWidth>, query_grid(launch, s, f), kAttentionThreads, s, b);
    if (b.columns_asked()) launch_sharing<BackwardTangentTiles<kWidth>>(launch, moved_column_gradients_kernel<kWidth>, column_grid(launch, s, f), kAttentionThreads, s, b);
  });
  add_parts(launch, s, b, o + kGradient);
}

int64_t scratch(const Instruction& i, int64_t) { return scratch_of(i).bytes; }

PRIMER_REGISTER("attention_backward_tangent", kOperands, attention_backward_tangent, nullptr, scratch)

}  // namespace
}  // namespace primer::cuda
