// The product of a language-model head whose weight is kept as bf16, row by row, each row an even number of words long: h is
// rounded to bf16 too, in pairs along d, and products are summed in float32, over d in ascending order, whatever the tiles are.
// Half of W's bytes and half of the instructions of the float32 product, tile by tile the same walk.
#pragma once

#include "cpu/tile_gemm.h"

#if defined(__AVX512F__)

#include <immintrin.h>

#define PRIMER_BF16 __attribute__((target("avx512bf16")))

PRIMER_KERNELS {

// ht [d, ld], the transpose of h, becomes pairs [ceil(d / 2), ld] of bf16, in place; a last row without a partner gets zeros.
PRIMER_BF16 __attribute__((noinline)) static void round_to_pairs(float* ht, int64_t d, int64_t ld) {
  for (int64_t p = 0; 2 * p < d; ++p) {
    for (int64_t t = 0; t < ld; t += kLanes) {
      const __m512 low = _mm512_loadu_ps(ht + 2 * p * ld + t);
      const __m512 high = 2 * p + 1 < d ? _mm512_loadu_ps(ht + (2 * p + 1) * ld + t) : _mm512_setzero_ps();
      const __m512i low_bits = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(low));
      const __m512i high_bits = _mm512_slli_epi32(_mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(high)), 16);
      _mm512_storeu_si512(ht + p * ld + t, _mm512_or_si512(low_bits, high_bits));
    }
  }
}

// c [m, ld] = W [m, 2 pairs] ht, both in pairs.
struct PairProduct {
  int64_t m, pairs, ld;
  const uint32_t* w;
  const float* ht;
  float* c;
};

template <int R, int V>
PRIMER_BF16 static inline void pair_tile(const PairProduct& g, int64_t i, int64_t j) {
  __m512 sum[R][V];
#pragma GCC unroll 6
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sum[r][v] = _mm512_setzero_ps();
  }
  const uint32_t* w = g.w + i * g.pairs;
  const float* ht = g.ht + j;
  for (int64_t p = 0; p < g.pairs; ++p, ++w, ht += g.ld) {
    __m512bh row[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) row[v] = (__m512bh)_mm512_loadu_ps(ht + v * kLanes);
#pragma GCC unroll 6
    for (int r = 0; r < R; ++r) {
      const __m512bh x = (__m512bh)_mm512_set1_epi32(static_cast<int>(w[r * g.pairs]));
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) sum[r][v] = _mm512_dpbf16_ps(sum[r][v], row[v], x);
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) _mm512_storeu_ps(g.c + (i + r) * g.ld + j + v * kLanes, sum[r][v]);
  }
}

template <int V>
PRIMER_BF16 static inline void pair_rows(const PairProduct& g, int64_t j) {
  int64_t i = 0;
  for (; i + 6 <= g.m; i += 6) pair_tile<6, V>(g, i, j);
  for (; i < g.m; ++i) pair_tile<1, V>(g, i, j);
}

PRIMER_BF16 __attribute__((noinline)) static void pair_product(const PairProduct& g) {
  int64_t j = 0;
  for (; j + 4 * kLanes <= g.ld; j += 4 * kLanes) pair_rows<4>(g, j);
  for (; j + 2 * kLanes <= g.ld; j += 2 * kLanes) pair_rows<2>(g, j);
  if (j < g.ld) pair_rows<1>(g, j);
}

}  // namespace primer::PRIMER_ISA

#endif
