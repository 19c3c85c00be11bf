// attention_backward by columns, on tensor cores: a block has a part of the columns, goes over the queries that see them and owns dk and dv. Sequences
// of one tile are the other kernel's, where it runs.
#pragma once

#include "attention_backward_bf16.cuh"

namespace primer::cuda {

// Queries of a tile: fewer than columns of the other kernel's where dk and dv are wide.
template <class Parts, int kWidth>
constexpr int kBackwardQueries = kWidth > 64 ? 16 : kBackwardColumns<Parts, kWidth>;

template <class Parts, int kWidth>
struct Bf16ColumnTiles {
  static constexpr int kQueries = kBackwardQueries<Parts, kWidth>;
  Tile<Parts::kRows, kWidth> k, v;
  Tile<kQueries, kWidth> q[2], d_o[2];
  Diagonals<kQueries, Parts::kRows, Parts::kThreads> diagonals[2];
  float lse[2][kQueries], mean[2][kQueries];
};

template <class Parts, int kWidth>
__global__ void __launch_bounds__(Parts::kThreads, Parts::kBlocks) column_gradients_bf16_kernel(AttentionShape s, BackwardOperands operands) {
  constexpr int kDown = Parts::kDown, kQueries = kBackwardQueries<Parts, kWidth>;
  auto& tiles = dynamic_shared<Bf16ColumnTiles<Parts, kWidth>>();
  Part p;
  if (!s.find(s.column_parts(), static_cast<int32_t>(blockIdx.x), p)) return;
  if (!operands.own_columns_asked() && p.first >= s.prefix) return;
  if (operands.scores_asked() && one_tile<Parts, kWidth>(s, p)) return;
  const int32_t head = static_cast<int32_t>(blockIdx.y), all = s.prefix + p.keys, rows = all - p.first < Parts::kRows ? all - p.first : Parts::kRows;
  const int top = Parts::warp_row();
  const bool keys_asked = operands.dk || operands.prefix_keys, values_asked = operands.dv || operands.prefix_values;
  const KeyRows<const float> keys = s.key_rows(operands.k, p, head), values = s.key_rows(operands.v, p, head);
  Staged<Parts, kQueries, kWidth> some;
  const auto source = [&](const float* from, int32_t first) {
    return Source{s, p.queries - first, [at = s.query_rows(from, p, head, first), d = s.d](int32_t r) { return nth_row(at, r, d); }};
  };
  // What is known of the queries: behind the last one, nothing that a probability of 0 would not undo.
  const auto fill = [&](int buffer, int32_t first) {
    tiles.diagonals[buffer].fill(s, p, head, s.relative(p, first, p.first + Parts::kRows - 1), -1);
    static_assert(kQueries <= Parts::kThreads);
    const int e = static_cast<int>(threadIdx.x);
    if (e >= kQueries) return;
    const bool inside = first + e < p.queries;
    const int64_t at = static_cast<int64_t>(p.first_query + first + e) * s.heads + head;
    tiles.lse[buffer][e] = inside ? kLog2E * operands.lse[at] : 0.0f;
    tiles.mean[buffer][e] = inside && keys_asked ? operands.statistics[at] : 0.0f;
  };
  // The first query that sees the first column, and the first that sees one of the warp's.
  const int32_t seen_from = s.causal ? p.first - s.prefix - p.keys + p.queries : 0, start = seen_from > 0 ? seen_from : 0;
  const int32_t idle = top >= rows ? p.queries : s.causal ? seen_from + top : 0;
  stage<Parts, Parts::kRows, kWidth>(tiles.k.numbers, s, rows, [&](int32_t r) { return keys.row(p.first + r); });
  stage<Parts, Parts::kRows, kWidth>(tiles.v.numbers, s, rows, [&](int32_t r) { return values.row(p.first + r); });
  some.load(source(operands.q, start));
  some.put(source(operands.q, start), tiles.q[0].numbers);
  some.load(source(operands.d_o, start));
  some.put(source(operands.d_o, start), tiles.d_o[0].numbers);
  fill(0, start);
  __syncthreads();
  const float unit = s.scale * kLog2E;
  StripSums<kDown, kWidth> dk, dv;
  clear<kDown, kWidth>(dk);
  clear<kDown, kWidth>(dv);
  int buffer = 0;
#pragma unroll 1
  for (int32_t first = start; first < p.queries; first += kQueries, buffer ^= 1) {
    const int32_t next = first + kQueries;
    const bool more = next < p.queries, seen = first + kQueries > idle;
    StripSums<kDown, kQueries> probability;
    if (more) some.load(source(operands.q, next));
    if (seen) multiply<kDown, kWidth, kQueries>(OfTile<kWidth>{tiles.k.numbers, top}, tiles.q[buffer].numbers, probability);
    if (more) {
      some.put(source(operands.q, next), tiles.q[buffer ^ 1].numbers);
      some.load(source(operands.d_o, next));
      fill(buffer ^ 1, next);
    }
    if (seen) {
      finish_by_columns<Parts, kQueries>(s, p, tiles.diagonals[buffer], first, probability);
      to_probabilities<kDown, kQueries>(unit, [&](int, int n, int e) { return tiles.lse[buffer][column_of(n, e)]; }, probability);
      if (values_asked) mix<kDown, kQueries, kWidth>(OfSums<kDown, kQueries>{probability}, tiles.d_o[buffer].numbers, dv);
    }
    // Before dS, when sums take most registers.
    if (more) some.put(source(operands.d_o, next), tiles.d_o[buffer ^ 1].numbers);
    if (seen && keys_asked) {
      StripSums<kDown, kQueries> ds;
      multiply<kDown, kWidth, kQueries>(OfTile<kWidth>{tiles.v.numbers, top}, tiles.d_o[buffer].numbers, ds);
      center<kDown, kQueries>(probability, [&](int, int n, int e) { return tiles.mean[buffer][column_of(n, e)]; }, ds);
      mix<kDown, kQueries, kWidth>(OfSums<kDown, kQueries>{ds}, tiles.q[buffer].numbers, dk);
    }
    __syncthreads();
  }
  const KeyRows<float> dk_rows = gradient_rows(s, p, head, operands.dk, operands.prefix_keys);
  const KeyRows<float> dv_rows = gradient_rows(s, p, head, operands.dv, operands.prefix_values);
  store_strips<Parts, kWidth>(dk, s.scale, rows, s, [&](int32_t r) { return dk_rows(p.first + r); });
  store_strips<Parts, kWidth>(dv, 1, rows, s, [&](int32_t r) { return dv_rows(p.first + r); });
}

}  // namespace primer::cuda
