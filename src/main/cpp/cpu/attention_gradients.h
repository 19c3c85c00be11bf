// What attention_backward and its tangent share: where gradients go, and how several queries, sequences and lanes add to them.
#pragma once

#include "cpu/attention_task.h"

PRIMER_KERNELS {

// Gradients by attention's inputs, in the order of the output operands.
enum Gradients : size_t { kDq, kDk, kDv, kDBias, kDPrefixKeys, kDPrefixValues };

// An instruction's operands with the gradients from operand `outputs` on; each may be left out.
struct AttentionGradients : AttentionOperands {
  size_t outputs;

  bool asked(size_t gradient) const { return present(outputs + gradient); }
  bool scores_asked() const { return asked(kDq) || asked(kDk) || asked(kDBias) || asked(kDPrefixKeys); }
  bool shared_asked() const { return asked(kDBias) || asked(kDPrefixKeys) || asked(kDPrefixValues); }

  float* table(size_t gradient, int64_t lane) const { return step.data<float>(instruction.operands[outputs + gradient], lane); }
  // Where a gradient's rows of a task begin; null where it is not asked for.
  float* out(size_t gradient, int64_t first, const Task& t) const {
    return asked(gradient) ? table(gradient, t.lane) + first * s.d + t.head * s.width : nullptr;
  }

  // What a thread adds up over its sequences begins with zeros.
  void clear(const Task& t) const {
    for (const size_t gradient : {size_t{kDPrefixKeys}, size_t{kDPrefixValues}}) {
      float* rows = out(gradient, 0, t);
      for (int64_t j = 0; rows && j < s.prefix; ++j) std::memset(rows + j * s.d, 0, static_cast<size_t>(s.width) * 4);
    }
    if (!asked(kDBias)) return;
    for (int64_t b = 0; b < instruction.operands[outputs + kDBias].rows; ++b) table(kDBias, t.lane)[b * s.heads + t.head] = 0;
  }

  // Of keys or values: factor * weights^T x over the block's queries, x's rows d apart. The prefix's rows are added to; the
  // sequence's own only where there is `more` than this block.
  void key_gradients(const Task& t, const Block& block, const float* x, const float* weights, float factor, size_t own_rows,
                     size_t prefix_rows, bool more) const {
    TileGemm product{.m = s.prefix, .n = s.width, .k = block.rows, .a = weights, .a_row = 1, .a_col = block.ld, .b = x, .ldb = s.d,
                     .c = out(prefix_rows, 0, t), .ldc = s.d, .alpha = factor, .accumulate = true};
    if (product.c) tile_gemm(product);
    product.m = block.n - s.prefix;
    product.a = weights + s.prefix;
    product.c = out(own_rows, t.first_key, t);
    product.accumulate = more;
    if (product.c) tile_gemm(product);
  }

  // diagonal += a query's row of dS in its own keys' columns, by relative position.
  void add_to_diagonal(const Task& t, int64_t query, const float* row, float* diagonal) const {
    float* sums = diagonal + diagonal_of(t, query);
    const float* own = row + s.prefix;
    const int64_t n = visible(s, t, query) - s.prefix;
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) sums[j] += own[j];
  }

  void add_bias_gradient(const Task& t, const float* diagonal) const {
    if (!asked(kDBias)) return;
    float* column = table(kDBias, t.lane) + t.head;
    s.buckets.for_each(1 - t.keys, s.causal ? 0 : t.queries - 1, [&](int64_t relative, int64_t bucket) {
      column[bucket * s.heads] += diagonal[relative + t.keys - 1];
    });
  }
};

// work.run of every sequence and head; where sequences of a lane share a gradient, one thread takes them all, in order.
template <class Work>
inline void run_gradients(const Step& step, const Operand& query_offsets, const Operand& key_offsets, const Work& work) {
  if (!work.shared_asked()) return run_each(step, query_offsets, key_offsets, work);
  const int32_t* lanes = step.lane_offsets(query_offsets.axis);
  const int64_t heads = work.s.heads;
#pragma omp for schedule(dynamic, 1)
  for (int64_t n = 0; n < step.lanes * heads; ++n) {
    const int64_t lane = n / heads, head = n % heads;
    work.clear({.head = head, .lane = lane});
    for (int64_t q = lanes[lane]; q < lanes[lane + 1]; ++q) work.run(task_at(step, query_offsets, key_offsets, q, head, lane));
  }
}

}  // namespace primer::PRIMER_ISA
