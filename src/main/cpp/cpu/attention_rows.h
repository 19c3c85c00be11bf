// What attention of one or a few queries is made of: keys and values are read where they lie, row by row, once. Transposing
// them first, as attention.cpp does for many queries, would cost more than the products.
#pragma once

#include "cpu/functions.h"
#include "cpu/tile_gemm.h"

PRIMER_KERNELS {

inline Vector load(const float* x) { return *reinterpret_cast<const Vector*>(x); }

// sum of a * b over whole vectors.
inline float dot(const float* a, const float* b, int64_t ld) {
  Vector sums{};
  for (int64_t e = 0; e < ld; e += kLanes) sums += load(a + e) * load(b + e);
  return sum_of(sums);
}

// row[n..ld] = value, by whole vectors.
inline void fill_behind(float* row, int64_t n, int64_t ld, float value) {
  const int64_t whole = n / kLanes * kLanes;
  if (whole == ld) return;
  Lanes places;
#pragma GCC unroll 16
  for (int l = 0; l < kLanes; ++l) places[l] = l;
  const Vector filler = Vector{} + value;
  Vector* edge = reinterpret_cast<Vector*>(row + whole);
  *edge = places < static_cast<int32_t>(n - whole) ? *edge : filler;
  for (int64_t e = whole + kLanes; e < ld; e += kLanes) *reinterpret_cast<Vector*>(row + e) = filler;
}

// Softmax of one row of n in place, not yet divided by the sum; returns log(sum) with the maximum added back. The row is
// `ld` wide, whole vectors: what lies behind n becomes 0.
inline float exponentials(float* row, int64_t n, int64_t ld, float& sum) {
  fill_behind(row, n, ld, -INFINITY);
  Vector tops = load(row), sums{};
  for (int64_t e = kLanes; e < ld; e += kLanes) {
    const Vector next = load(row + e);
    tops = next > tops ? next : tops;
  }
  const float top = top_of(tops);
#pragma omp simd
  for (int64_t e = 0; e < ld; ++e) row[e] = exp_fast(row[e] - top);
  for (int64_t e = 0; e < ld; e += kLanes) sums += load(row + e);
  sum = sum_of(sums);
  return top + std::log(sum);
}

// A step of summing kLanes vectors: pairs S apart become one, whose numbers alternate in groups of S.
template <int S>
static inline void fold(Vector (&m)[kLanes]) {
  Lanes low, high;
#pragma GCC unroll 16
  for (int l = 0; l < kLanes; ++l) {
    low[l] = l & S ? kLanes + l - S : l;
    high[l] = l & S ? kLanes + l : l + S;
  }
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; r += 2 * S) m[r] = __builtin_shuffle(m[r], m[r + S], low) + __builtin_shuffle(m[r], m[r + S], high);
}

// Number l of the result is the sum of vector l.
static inline Vector sums_of(Vector (&m)[kLanes]) {
  fold<1>(m);
  fold<2>(m);
  if constexpr (kLanes > 4) fold<4>(m);
  if constexpr (kLanes > 8) fold<8>(m);
  return m[0];
}

// sums[l] += x * rows[l] over V vectors from column c on.
template <int V>
static inline void add_products(const float* x, const float* const (&rows)[kLanes], int64_t c, Vector (&sums)[kLanes]) {
  Vector factors[V];
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) factors[v] = load(x + c + v * kLanes);
#pragma GCC unroll 16
  for (int l = 0; l < kLanes; ++l) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sums[l] += factors[v] * load(rows[l] + c + v * kLanes);
  }
}

// The products of x with kLanes rows, all of `width` numbers.
static inline Vector products(const float* x, const float* const (&rows)[kLanes], int64_t width) {
  Vector sums[kLanes];
#pragma GCC unroll 16
  for (int l = 0; l < kLanes; ++l) sums[l] = Vector{};
  int64_t c = 0;
  for (; c + 4 * kLanes <= width; c += 4 * kLanes) add_products<4>(x, rows, c, sums);
  for (; c + kLanes <= width; c += kLanes) add_products<1>(x, rows, c, sums);
  Vector result = sums_of(sums);
  for (; c < width; ++c) {
    for (int l = 0; l < kLanes; ++l) result[l] += x[c] * rows[l][c];
  }
  return result;
}

// Row b of `count`, or the last one where b is behind it: a product with that is not read.
template <class Row>
static inline void gather_rows(const Row& row, int64_t first, int64_t count, const float* (&rows)[kLanes]) {
  for (int64_t l = 0; l < kLanes; ++l) rows[l] = row(least(first + l, count - 1));
}

// V vectors of out from column c on (+)= factor * sum over j < n of p[j] row(j), j ascending.
template <int V, class Row>
static inline void mix_columns(const float* p, int64_t n, const Row& row, int64_t c, float factor, float* out, bool accumulate) {
  Vector sums[V];
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) sums[v] = Vector{};
  for (int64_t j = 0; j < n; ++j) {
    const float* in = row(j) + c;
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sums[v] += p[j] * load(in + v * kLanes);
  }
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) store(factor * sums[v], out + c + v * kLanes, kLanes, accumulate);
}

// out [width] (+)= factor * sum over j < n of p[j] row(j).
template <class Row>
static inline void mix_rows(const float* p, int64_t n, const Row& row, int64_t width, float factor, float* out, bool accumulate = false) {
  int64_t c = 0;
  for (; c + 4 * kLanes <= width; c += 4 * kLanes) mix_columns<4>(p, n, row, c, factor, out, accumulate);
  for (; c + kLanes <= width; c += kLanes) mix_columns<1>(p, n, row, c, factor, out, accumulate);
  for (; c < width; ++c) {
    float sum = 0;
    for (int64_t j = 0; j < n; ++j) sum += p[j] * row(j)[c];
    out[c] = accumulate ? out[c] + factor * sum : factor * sum;
  }
}

}  // namespace primer::PRIMER_ISA
