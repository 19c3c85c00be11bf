// What the tangents of attention's two kernels share, by tiles of scores in float32 whatever the precision: second order is small work, and the
// CPU's is float32 too. A tangent that is left out is zero, and its products are not made.
#pragma once

#include "attention_tiles.cuh"

namespace primer::cuda {

// Columns of a tile of scores: its rows, columns and both tangents fit the shared memory of an sm_80 (163 KB).
constexpr int moved_columns_of(int width) { return width > 64 ? 8 : 32; }

// Tangents of attention's inputs, in this order.
enum MovedOperands { kMovedQ, kMovedK, kMovedV, kMovedBias, kMovedPrefixKeys, kMovedPrefixValues };
constexpr int kMovedOperands = kMovedPrefixValues + 1;

struct Moved {
  const float* q;
  KeySource<const float> k, v;
  Laned<const float> bias;
  bool keys, values, scores;  // whether they move
};

inline Moved moved_operands(const Launch& launch, const Operand* o) {
  Moved m{launch.data<const float>(o[kMovedQ]), key_source(launch, o[kMovedK], o[kMovedPrefixKeys]), key_source(launch, o[kMovedV], o[kMovedPrefixValues]),
          launch.laned<const float>(o[kMovedBias]), false, false, false};
  m.keys = launch.present(o[kMovedK]) || launch.present(o[kMovedPrefixKeys]);
  m.values = launch.present(o[kMovedV]) || launch.present(o[kMovedPrefixValues]);
  m.scores = m.q || m.keys || launch.present(o[kMovedBias]);
  return m;
}

// Rows of a factor and of its tangent.
template <int kRows, int kWidth>
struct MovedRows {
  using Rows = float[kRows][kWidth + Float32Math::kPad];
  alignas(16) Rows still, moved;
};

// Biases of a tile's relative positions, and their tangents.
template <int kColumns>
struct MovedDiagonals {
  Diagonals<kColumns> still, moved;

  __device__ __forceinline__ void fill(const AttentionShape& s, const Moved& m, const Part& p, int32_t head, int32_t lowest, int32_t sign) {
    still.fill(s, p, head, lowest, sign);
    AttentionShape biased = s;
    biased.bias = m.bias;
    moved.fill(biased, p, head, lowest, sign);
  }
};

template <int kRows, int kWidth>
__device__ __forceinline__ void load_queries(MovedRows<kRows, kWidth>& to, const AttentionShape& s, const Part& p, int32_t head, int32_t first, const float* still,
                                             const float* moved) {
  const int32_t rows = p.queries - first;
  load_tile<Float32Math, kRows, kWidth>(to.still, rows, s, [&](int32_t r) { return s.query_rows(still, p, head, first + r); });
  if (moved) load_tile<Float32Math, kRows, kWidth>(to.moved, rows, s, [&](int32_t r) { return s.query_rows(moved, p, head, first + r); });
}

template <int kRows, int kWidth>
__device__ __forceinline__ void load_keys(MovedRows<kRows, kWidth>& to, const AttentionShape& s, const Part& p, int32_t head, int32_t first,
                                          const KeySource<const float>& still, const KeySource<const float>& moved, bool moves) {
  const int32_t rows = s.prefix + p.keys - first;
  const KeyRows<const float> own = s.key_rows(still, p, head), tangent = s.key_rows(moved, p, head);
  load_tile<Float32Math, kRows, kWidth>(to.still, rows, s, [&](int32_t r) { return own(first + r); });
  if (moves) load_tile<Float32Math, kRows, kWidth>(to.moved, rows, s, [&](int32_t r) { return tangent(first + r); });
}

template <int kColumns>
__device__ __forceinline__ void clear(Sums<kColumns>& sums) {
#pragma unroll
  for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
    for (int e = 0; e < 4; ++e) sums[n][e] = 0;
  }
}

// sums = rows' columns^T + rows columns'^T, of those tangents that move.
template <int kWidth, int kColumns>
__device__ __forceinline__ void products_tangent(const MovedRows<kTile, kWidth>& rows, bool rows_move, const MovedRows<kColumns, kWidth>& columns, bool columns_move,
                                                 Sums<kColumns>& sums) {
  if (rows_move) {
    Float32Math::products<kWidth, kColumns>(rows.moved, columns.still, sums);
  } else {
    clear<kColumns>(sums);
  }
  if (!columns_move) return;
  Sums<kColumns> more;
  Float32Math::products<kWidth, kColumns>(rows.still, columns.moved, more);
#pragma unroll
  for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
    for (int e = 0; e < 4; ++e) sums[n][e] += more[n][e];
  }
}

// From q k^T and its tangent to P and S', where rows are the queries from p.first on and columns begin at `first`, or the other way round.
// lse: of the tile's queries. P is 0 where a query does not see a key.
template <bool kQueriesAreRows, int kColumns>
__device__ __forceinline__ void finish_moved(const AttentionShape& s, const Moved& m, const Part& p, const MovedDiagonals<kColumns>& diagonals, int32_t first,
                                             const float* lse, Sums<kColumns>& probability, Sums<kColumns>& moved_scores) {
#pragma unroll
  for (int e = 0; e < 4; ++e) {
    const int row = row_of(e);
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
      const int column = column_of(n, e), place = Diagonals<kColumns>::place(row, column);
      const int32_t query = kQueriesAreRows ? p.first + row : first + column, key = kQueriesAreRows ? first + column : p.first + row;
      const bool own = key >= s.prefix, seen = query < p.queries && key < s.visible(p, query);
      float score = s.scale * probability[n][e], moved = s.scale * moved_scores[n][e];
      if (s.bias && own) score += diagonals.still.bias[place];
      if (m.bias && own) moved += diagonals.moved.bias[place];
      probability[n][e] = seen ? Float32Math::exponential(score - lse[kQueriesAreRows ? row : column]) : 0.0f;
      moved_scores[n][e] = seen ? moved : 0.0f;
    }
  }
}

}  // namespace primer::cuda
