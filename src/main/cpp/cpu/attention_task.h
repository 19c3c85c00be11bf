// What attention's forward and backward kernel share: the work of one sequence and head, its rows, and its scores.
#pragma once

#include "cpu/attention_rows.h"
#include "cpu/relative_bias.h"
#include "cpu/tile_gemm.h"

PRIMER_KERNELS {

// Queries whose scores are in scratch at a time.
constexpr int64_t kQueries = 48;
// Up to so many queries of a sequence read the keys in place.
constexpr int64_t kFewQueries = 8;

// Sizes of an instruction: integers heads, causal, longest queries, longest keys, bidirectional, smallest distances.
struct AttentionSizes {
  int64_t heads, longest_queries, prefix, d, width;
  bool causal;
  float scale;
  Buckets buckets;

  AttentionSizes(const Instruction& i, const Operand& q, const Operand& prefix_keys)
      : heads(i.integers[0]), longest_queries(i.integers[2]), prefix(prefix_keys.space == Space::none ? 0 : prefix_keys.rows),
        d(q.cols), width(q.cols / i.integers[0]), causal(i.integers[1] != 0), scale(static_cast<float>(i.reals[0])),
        buckets(Buckets::of(i, 4)), longest_keys_(i.integers[3]) {}

  // Columns of the widest block of scores, whole vectors.
  int64_t columns() const { return round_up(longest_keys_ + prefix, kLanes); }
  // Numbers in a bias or its gradient by relative position, with room for a vector read behind the end.
  int64_t diagonals() const { return buckets.count == 0 ? 0 : round_up(longest_queries + longest_keys_, kLanes) + kLanes; }

 private:
  int64_t longest_keys_;
};

// One sequence and head: its rows, and where the head's columns begin.
struct Task {
  int64_t first_query, queries, first_key, keys, head, lane;
};

// The rows of a factor that scores are made with: the prefix's, then the sequence's own; they lie d apart.
struct KeyRows {
  const float *prefix, *own;
  int64_t prefix_rows, rows, d;

  const float* operator()(int64_t j) const { return j < prefix_rows ? prefix + j * d : own + (j - prefix_rows) * d; }

  // out [prefix_rows + rows, width], contiguous: rows that lie d apart would fall on a few sets of the cache.
  void copy(int64_t width, float* out) const {
    for (int64_t j = 0; j < prefix_rows + rows; ++j) std::memcpy(out + j * width, (*this)(j), static_cast<size_t>(width) * 4);
  }

  // out [width, ld]; through `copied`, which may be out of use, where a prefix comes first.
  void transposed(int64_t width, float* copied, float* out, int64_t ld) const {
    if (prefix_rows > 0) copy(width, copied);
    transpose(prefix_rows > 0 ? copied : own, prefix_rows + rows, width, prefix_rows > 0 ? width : d, out, ld);
  }
};

// A block of a task's queries and the columns that at least one of them sees.
struct Block {
  int64_t first, rows, n, ld;
};

inline bool few(const Task& t) { return t.queries <= kFewQueries; }

// Columns that query i sees.
inline int64_t visible(const AttentionSizes& s, const Task& t, int64_t i) {
  return s.prefix + (s.causal ? t.keys - t.queries + i + 1 : t.keys);
}

inline Block block_at(const AttentionSizes& s, const Task& t, int64_t first) {
  const int64_t rows = least(kQueries, t.queries - first), n = visible(s, t, first + rows - 1);
  return {first, rows, n, round_up(n, kLanes)};
}

// out [block.rows, block.ld] = scale * x key^T, x's rows d apart: by the keys in place, or by their transpose [width, ld].
inline void score(const AttentionSizes& s, const Task& t, const Block& block, const float* x, const KeyRows& keys,
                  const float* transposed, int64_t ld, float scale, float* out) {
  if (!few(t)) {
    tile_gemm({.m = block.rows, .n = block.ld, .k = s.width, .a = x, .a_row = s.d, .a_col = 1, .b = transposed, .ldb = ld,
               .c = out, .ldc = block.ld, .alpha = scale});
    return;
  }
  for (int64_t j = 0; j < block.n; j += kLanes) {
    const float* rows[kLanes];
    gather_rows(keys, j, block.n, rows);
    for (int64_t i = 0; i < block.rows; ++i) {
      *reinterpret_cast<Vector*>(out + i * block.ld + j) = scale * products(x + i * s.d, rows, s.width);
    }
  }
}

// diagonal[e] = bias of relative position e - (keys - 1); null without a bias.
inline const float* fill_bias(const AttentionSizes& s, const Task& t, const float* table, float* diagonal) {
  if (s.buckets.count == 0) return nullptr;
  s.buckets.for_each(1 - t.keys, t.queries - 1, [&](int64_t relative, int64_t bucket) {
    diagonal[relative + t.keys - 1] = table[bucket * s.heads + t.head];
  });
  return diagonal;
}

// Where query i's part of a diagonal begins: that of its first own key.
inline int64_t diagonal_of(const Task& t, int64_t i) { return t.queries - 1 - i; }

// row [prefix + own] += bias of query i.
inline void add_bias(const AttentionSizes& s, const Task& t, int64_t i, const float* diagonal, float* row) {
  if (!diagonal) return;
  const float* bias = diagonal + diagonal_of(t, i);
  float* own = row + s.prefix;
  const int64_t n = visible(s, t, i) - s.prefix;
#pragma omp simd
  for (int64_t j = 0; j < n; ++j) own[j] += bias[j];
}

}  // namespace primer::PRIMER_ISA
