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

// One tile of R rows and V vectors: sums over k in ascending order, whatever the tile.
template <int R, int V>
static inline void tile(const TileGemm& g, int64_t i, int64_t j, int64_t columns) {
  Vector sum[R][V] = {};
  const float* a = g.a + i * g.a_row;
  const float* b = g.b + j;
  for (int64_t p = 0; p < g.k; ++p, a += g.a_col, b += g.ldb) {
    Vector row[V];
    for (int v = 0; v < V; ++v) row[v] = *reinterpret_cast<const Vector*>(b + v * kLanes);
    for (int r = 0; r < R; ++r) {
      const float x = a[r * g.a_row];
      for (int v = 0; v < V; ++v) sum[r][v] += x * row[v];
    }
  }
  for (int r = 0; r < R; ++r) {
    float* c = g.c + (i + r) * g.ldc + j;
    for (int v = 0; v < V; ++v) {
      const int64_t left = columns - v * kLanes;
      if (left >= kLanes) {
        Vector* out = reinterpret_cast<Vector*>(c + v * kLanes);
        *out = g.accumulate ? *out + g.alpha * sum[r][v] : g.alpha * sum[r][v];
      } else {
        for (int64_t e = 0; e < left; ++e) {
          float* out = c + v * kLanes + e;
          *out = (g.accumulate ? *out : 0.0f) + g.alpha * sum[r][v][e];
        }
      }
    }
  }
}

template <int V>
static inline void tile_rows(const TileGemm& g, int64_t j, int64_t columns) {
  int64_t i = 0;
  for (; i + 6 <= g.m; i += 6) tile<6, V>(g, i, j, columns);
  for (; i + 2 <= g.m; i += 2) tile<2, V>(g, i, j, columns);
  for (; i < g.m; ++i) tile<1, V>(g, i, j, columns);
}

static inline void tile_gemm(const TileGemm& g) {
  constexpr int64_t kWide = kTileVectors * kLanes;
  int64_t j = 0;
  for (; j + kWide <= g.n; j += kWide) tile_rows<kTileVectors>(g, j, kWide);
  for (; j + kLanes <= g.n; j += kLanes) tile_rows<1>(g, j, kLanes);
  if (j < g.n) tile_rows<1>(g, j, g.n - j);
}

// out [cols, ld] = the transpose of in [rows, cols] (row stride in_row), zeros in columns rows..ld.
static inline void transpose(const float* in, int64_t rows, int64_t cols, int64_t in_row, float* out, int64_t ld) {
  for (int64_t c = 0; c < cols; ++c) {
    for (int64_t r = 0; r < rows; ++r) out[c * ld + r] = in[r * in_row + c];
    for (int64_t r = rows; r < ld; ++r) out[c * ld + r] = 0.0f;
  }
}

}  // namespace primer::PRIMER_ISA
