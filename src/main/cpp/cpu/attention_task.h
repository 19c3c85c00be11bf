// What attention's kernels share: the work of one sequence and head, its rows, its scores and its probabilities.
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

// Keys or values: the prefix's rows, then the sequence's own; they lie d apart.
struct KeyRows {
  const float *prefix, *own;
  int64_t prefix_rows, rows, d;

  int64_t count() const { return prefix_rows + rows; }
  const float* operator()(int64_t j) const { return j < prefix_rows ? prefix + j * d : own + (j - prefix_rows) * d; }

  // out [prefix_rows + rows, width], contiguous: rows that lie d apart would fall on a few sets of the cache.
  void copy(int64_t width, float* out) const {
    for (int64_t j = 0; j < count(); ++j) std::memcpy(out + j * width, (*this)(j), static_cast<size_t>(width) * 4);
  }

  // A copy, and its transpose [width, ld].
  void copy_both(int64_t width, float* copied, float* transposed, int64_t ld) const {
    copy(width, copied);
    transpose(copied, count(), width, width, transposed, ld);
  }

  // out [width, ld]; through `copied`, which may be out of use, where a prefix comes first.
  void transposed(int64_t width, float* copied, float* out, int64_t ld) const {
    if (prefix_rows > 0) copy(width, copied);
    transpose(prefix_rows > 0 ? copied : own, count(), width, prefix_rows > 0 ? width : d, out, ld);
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

// Keys or values, or tangents of them, as products read them: in place for a few queries, else a copy or its transpose.
struct Factor {
  KeyRows rows;
  int64_t first;            // the scores' column that its first row belongs to
  const float* transposed;  // [width, ld]
  const float* copied;      // [rows, width]
  int64_t ld;

  // How many of its rows a block sees.
  int64_t seen(const Block& block) const { return least(block.n - first, rows.count()); }
};

// out [block.rows, block.ld] (+)= scale * x factor^T in the factor's columns, x's rows d apart.
inline void score(const AttentionSizes& s, const Task& t, const Block& block, const float* x, const Factor& factor, float scale,
                  float* out, bool accumulate = false) {
  const int64_t n = factor.seen(block), columns = factor.first + n == block.n ? block.ld - factor.first : n;
  float* at = out + factor.first;
  if (!few(t)) {
    tile_gemm({.m = block.rows, .n = columns, .k = s.width, .a = x, .a_row = s.d, .a_col = 1, .b = factor.transposed, .ldb = factor.ld,
               .c = at, .ldc = block.ld, .alpha = scale, .accumulate = accumulate});
    return;
  }
  for (int64_t j = 0; j < n; j += kLanes) {
    const float* rows[kLanes];
    gather_rows(factor.rows, j, n, rows);
    for (int64_t i = 0; i < block.rows; ++i) {
      store(scale * products(x + i * s.d, rows, s.width), at + i * block.ld + j, columns - j, accumulate);
    }
  }
}

// out [block.rows, width] (+)= scale * weights factor over the factor's columns, out's rows d apart.
inline void mix_block(const AttentionSizes& s, const Task& t, const Block& block, const float* weights, const Factor& factor, float scale,
                      float* out, bool accumulate = false) {
  const int64_t n = factor.seen(block);
  const float* at = weights + factor.first;
  if (!few(t)) {
    tile_gemm({.m = block.rows, .n = s.width, .k = n, .a = at, .a_row = block.ld, .a_col = 1, .b = factor.copied, .ldb = s.width,
               .c = out, .ldc = s.d, .alpha = scale, .accumulate = accumulate});
    return;
  }
  for (int64_t i = 0; i < block.rows; ++i) mix_rows(at + i * block.ld, n, factor.rows, s.width, scale, out + i * s.d, accumulate);
}

// diagonal[e] = bias of relative position e - (keys - 1); null without a table.
inline const float* fill_bias(const AttentionSizes& s, const Task& t, const float* table, float* diagonal) {
  if (!table) return nullptr;
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

// row [ld] = the probabilities of query i, from its products: 0 behind what it sees.
inline void probabilities(const AttentionSizes& s, const Task& t, int64_t i, const float* diagonal, float lse, int64_t ld, float* row) {
  add_bias(s, t, i, diagonal, row);
#pragma omp simd
  for (int64_t j = 0; j < ld; ++j) row[j] = exp_fast(row[j] - lse);
  fill_behind(row, visible(s, t, i), ld, 0.0f);
}

// An instruction's operands, by place.
struct AttentionOperands {
  const Step& step;
  const Instruction& instruction;
  AttentionSizes s;

  bool present(size_t operand) const { return step.present(instruction.operands[operand]); }
  const float* data(size_t operand, int64_t lane = 0) const { return step.data<const float>(instruction.operands[operand], lane); }

  // A head's columns of rows along the queries' axis, the block's first query on; null where they are left out.
  const float* query_rows(size_t operand, const Task& t, const Block& block) const {
    return present(operand) ? data(operand) + (t.first_query + block.first) * s.d + t.head * s.width : nullptr;
  }

  // The rows of a task, or those of its prefix, may be left out.
  KeyRows key_rows(size_t own, size_t prefix, const Task& t) const {
    const int64_t column = t.head * s.width;
    const bool owned = present(own), prefixed = present(prefix);
    return {prefixed ? data(prefix, t.lane) + column : nullptr, owned ? data(own) + t.first_key * s.d + column : nullptr,
            prefixed ? s.prefix : 0, owned ? t.keys : 0, s.d};
  }

  // Keys or values as products read them, of the memory given for copies.
  Factor factor(const KeyRows& rows, const Task& t, const float* transposed, const float* copied) const {
    return {rows, rows.prefix_rows > 0 ? 0 : s.prefix, transposed, copied, round_up(s.prefix + t.keys, kLanes)};
  }

  const float* bias_of(size_t table, const Task& t, float* diagonal) const {
    return fill_bias(s, t, present(table) ? data(table, t.lane) : nullptr, diagonal);
  }
};

inline Task task_at(const Step& step, const Operand& query_offsets, const Operand& key_offsets, int64_t sequence, int64_t head, int64_t lane) {
  const int32_t *queries = step.data<int32_t>(query_offsets) + sequence, *keys = step.data<int32_t>(key_offsets) + sequence;
  return {queries[0], queries[1] - queries[0], keys[0], keys[1] - keys[0], head, lane};
}

// work.run of every sequence and head, each by one of the threads.
template <class Work>
inline void run_each(const Step& step, const Operand& query_offsets, const Operand& key_offsets, const Work& work) {
  const int32_t* lanes = step.lane_offsets(query_offsets.axis);
  const int64_t heads = work.s.heads;
#pragma omp for schedule(dynamic, 1)
  for (int64_t n = 0; n < step.rows(query_offsets) * heads; ++n) {
    int64_t lane = 0;
    while (lanes[lane + 1] <= n / heads) ++lane;
    work.run(task_at(step, query_offsets, key_offsets, n / heads, n % heads, lane));
  }
}

}  // namespace primer::PRIMER_ISA
