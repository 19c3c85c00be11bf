// Small and skinny float32 products: LoRA's and the adapters' rank-r factors, attention's blocks, tails of the large
// products. One thread, no packing: B's rows are read in place and may be read (never used) up to 60 bytes past their
// end, which primer_allocate and the arena's slack allow.
#pragma once

#include "cpu/isa.h"

PRIMER_KERNELS {

// C [m, n] (+)= alpha * A [m, k] B [k, n]; element (i, j) of A lies at a[i * a_row + j * a_col], so A may be transposed.
struct TileGemm {
  int64_t m, n, k;
  const float* a;
  int64_t a_row, a_col;
  const float* b;
  int64_t ldb;
  float* c;
  int64_t ldc;
  float alpha = 1.0f;
  bool accumulate = false;
};

// c [n] (+)= value; `left` columns are there, at most a vector of them is written.
static inline void store(Vector value, float* c, int64_t left, bool accumulate) {
  if (left >= kLanes) {
    Vector* out = reinterpret_cast<Vector*>(c);
    *out = accumulate ? *out + value : value;
    return;
  }
  for (int64_t e = 0; e < left; ++e) c[e] = accumulate ? c[e] + value[e] : value[e];
}

// One tile of R rows and V vectors: sums over k in ascending order, whatever the tile. The loops over R and V are unrolled
// by force, so that the sums stay in registers from the first product to the last store.
template <int R, int V>
static inline void tile(const TileGemm& g, int64_t i, int64_t j, int64_t columns) {
  Vector sum[R][V];
#pragma GCC unroll 6
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sum[r][v] = Vector{};
  }
  const float* a = g.a + i * g.a_row;
  const float* b = g.b + j;
  for (int64_t p = 0; p < g.k; ++p, a += g.a_col, b += g.ldb) {
    Vector row[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) row[v] = *reinterpret_cast<const Vector*>(b + v * kLanes);
#pragma GCC unroll 6
    for (int r = 0; r < R; ++r) {
      const float x = a[r * g.a_row];
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) sum[r][v] += x * row[v];
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < R; ++r) {
    float* c = g.c + (i + r) * g.ldc + j;
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) store(g.alpha * sum[r][v], c + v * kLanes, columns - v * kLanes, g.accumulate);
  }
}

template <int V>
static inline void tile_rows(const TileGemm& g, int64_t j, int64_t columns) {
  int64_t i = 0;
  for (; i + 6 <= g.m; i += 6) tile<6, V>(g, i, j, columns);
  for (; i + 2 <= g.m; i += 2) tile<2, V>(g, i, j, columns);
  for (; i < g.m; ++i) tile<1, V>(g, i, j, columns);
}

// The columns from j on, fewer than kTileVectors + 1 vectors, as one tile wide: the wider, the fewer reads of A.
template <int V>
static inline void tile_rest(const TileGemm& g, int64_t j) {
  if (g.n - j > (V - 1) * kLanes) {
    tile_rows<V>(g, j, g.n - j);
  } else if constexpr (V > 1) {
    tile_rest<V - 1>(g, j);
  }
}

static inline void tile_gemm(const TileGemm& g) {
  constexpr int64_t kWide = kTileVectors * kLanes;
  int64_t j = 0;
  for (; j + kWide <= g.n; j += kWide) tile_rows<kTileVectors>(g, j, kWide);
  if (j < g.n) tile_rest<kTileVectors>(g, j);
}

// A step of a square's transposition: swaps the off-diagonal quarters of every block of 2 S rows and columns.
template <int S>
static inline void swap_quarters(Vector (&m)[kLanes]) {
  Lanes low, high;
#pragma GCC unroll 16
  for (int l = 0; l < kLanes; ++l) {
    low[l] = l & S ? kLanes + l - S : l;
    high[l] = l & S ? kLanes + l : l + S;
  }
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; ++r) {
    if (r & S) continue;
    const Vector a = m[r], b = m[r + S];
    m[r] = __builtin_shuffle(a, b, low);
    m[r + S] = __builtin_shuffle(a, b, high);
  }
}

// The transpose of `rows` <= kLanes rows of kLanes numbers, zeros where rows are missing.
static inline void transpose_square(const float* in, int64_t rows, int64_t in_row, float* out, int64_t ld) {
  Vector m[kLanes];
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; ++r) m[r] = r < rows ? *reinterpret_cast<const Vector*>(in + r * in_row) : Vector{};
  swap_quarters<1>(m);
  swap_quarters<2>(m);
  if constexpr (kLanes > 4) swap_quarters<4>(m);
  if constexpr (kLanes > 8) swap_quarters<8>(m);
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; ++r) *reinterpret_cast<Vector*>(out + r * ld) = m[r];
}

// out [cols, ld] = the transpose of in [rows, cols] (row stride in_row), zeros in columns rows..ld; ld is a multiple of kLanes.
static inline void transpose(const float* in, int64_t rows, int64_t cols, int64_t in_row, float* out, int64_t ld) {
  const int64_t whole = cols / kLanes * kLanes;
  for (int64_t r = 0; r < ld; r += kLanes) {
    for (int64_t c = 0; c < whole; c += kLanes) transpose_square(in + r * in_row + c, rows - r, in_row, out + c * ld + r, ld);
  }
  for (int64_t c = whole; c < cols; ++c) {
    for (int64_t r = 0; r < rows; ++r) out[c * ld + r] = in[r * in_row + c];
    for (int64_t r = rows; r < ld; ++r) out[c * ld + r] = 0.0f;
  }
}

}  // namespace primer::PRIMER_ISA
