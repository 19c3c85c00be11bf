// attention_backward: with P = exp(s q k^T + b - lse), dP = do v^T, dS = P * (dP - rowsum(P * dP)), columns as in attention.cpp:
//   dq = s dS k, dk = s dS^T q, dv = P^T do,   prefix: the same for its columns, summed over a lane's sequences,
//   dbias[bucket] = sum of dS over the lane's pairs in that bucket.
// All overwrite; each may be left out, and what only it needs is not computed. Saved: q, k, v, lse. Accumulation: float32,
// blocks of queries descending, as the last block sees all keys.
// rowsum(P * dP) is rowsum(do * o); taken from the block at hand it does not read o, which would come from memory.
// dS is summed by relative position (a diagonal) for one sequence, then by bucket: additions of whole rows instead of a scatter.
// One thread owns a (sequence, head) pair, or a (lane, head) pair where a prefix or bias is trained, its sequences in order: so
// results do not depend on the number of threads.
#include "cpu/attention_task.h"

PRIMER_KERNELS {
namespace {

enum Input : size_t { kDo, kQ, kK, kV, kQueryOffsets, kKeyOffsets, kBias, kPrefixKeys, kPrefixValues, kLse };
enum Output : size_t { kDq = 10, kDk, kDv, kDBias, kDPrefixKeys, kDPrefixValues };

struct Backward {
  const Step& step;
  const Instruction& instruction;
  AttentionSizes s;
  float *k_t, *v_t, *keys, *p, *ds, *diagonal, *d_diagonal;

  static int64_t floats(const AttentionSizes& s) {
    return (3 * s.width + 2 * kQueries) * s.columns() + 2 * s.diagonals() + 2 * kLanes;
  }

  Backward(const Step& st, const Instruction& i) : step(st), instruction(i), s(i, i.operands[kQ], i.operands[kPrefixKeys]) {
    const int64_t columns = s.columns();
    k_t = reinterpret_cast<float*>(st.scratch);
    v_t = k_t + s.width * columns;
    keys = v_t + s.width * columns;
    p = keys + s.width * columns;
    ds = p + kQueries * columns;
    diagonal = ds + kQueries * columns;
    d_diagonal = diagonal + s.diagonals();
  }

  bool asked(size_t output) const { return step.present(instruction.operands[output]); }
  bool scores_asked() const { return asked(kDq) || asked(kDk) || asked(kDBias) || asked(kDPrefixKeys); }
  bool shared_asked() const { return asked(kDBias) || asked(kDPrefixKeys) || asked(kDPrefixValues); }

  const float* data(size_t operand, int64_t lane = 0) const { return step.data<const float>(instruction.operands[operand], lane); }
  // Where an output's rows of a task begin; null where it is not asked for.
  float* out(size_t operand, int64_t first, const Task& t) const {
    return asked(operand) ? step.data<float>(instruction.operands[operand], t.lane) + first * s.d + t.head * s.width : nullptr;
  }

  KeyRows rows_of(size_t own, size_t prefix, const Task& t) const {
    const int64_t column = t.head * s.width;
    return {s.prefix ? data(prefix, t.lane) + column : nullptr, data(own) + t.first_key * s.d + column, s.prefix, t.keys, s.d};
  }

  // What a thread adds up over its sequences begins with zeros.
  void clear(const Task& t) const {
    for (const size_t output : {size_t{kDPrefixKeys}, size_t{kDPrefixValues}}) {
      float* rows = out(output, 0, t);
      for (int64_t j = 0; rows && j < s.prefix; ++j) std::memset(rows + j * s.d, 0, static_cast<size_t>(s.width) * 4);
    }
    if (!asked(kDBias)) return;
    const Operand& table = instruction.operands[kDBias];
    for (int64_t b = 0; b < table.rows; ++b) step.data<float>(table, t.lane)[b * s.heads + t.head] = 0;
  }

  void run(const Task& t) const {
    const KeyRows key_rows = rows_of(kK, kPrefixKeys, t), value_rows = rows_of(kV, kPrefixValues, t);
    const int64_t ld = round_up(s.prefix + t.keys, kLanes);
    if (!few(t)) {
      value_rows.transposed(s.width, keys, v_t, ld);
      key_rows.copy(s.width, keys);
      transpose(keys, s.prefix + t.keys, s.width, s.width, k_t, ld);
    }
    const float* bias = fill_bias(s, t, s.buckets.count ? data(kBias, t.lane) : nullptr, diagonal);
    std::memset(d_diagonal, 0, static_cast<size_t>(s.diagonals()) * 4);
    const int64_t last = (t.queries - 1) / kQueries * kQueries;
    for (int64_t r = last; r >= 0; r -= kQueries) {
      const Block block = block_at(s, t, r);
      const int64_t at = (t.first_query + r) * s.d + t.head * s.width;
      score(s, t, block, data(kQ) + at, key_rows, k_t, ld, s.scale, p);
      if (scores_asked()) score(s, t, block, data(kDo) + at, value_rows, v_t, ld, 1.0f, ds);
      for (int64_t i = 0; i < block.rows; ++i) differentiate_row(t, block, i, bias);
      query_gradient(t, block, key_rows);
      key_gradients(t, block, data(kQ) + at, ds, s.scale, kDk, kDPrefixKeys, r < last);
      key_gradients(t, block, data(kDo) + at, p, 1.0f, kDv, kDPrefixValues, r < last);
    }
    add_bias_gradient(t);
  }

  // P and dS of a query. P is 0 behind what it sees, and so is dS, whatever dP is there.
  void differentiate_row(const Task& t, const Block& block, int64_t i, const float* bias) const {
    const int64_t query = block.first + i, n = visible(s, t, query), ld = block.ld;
    const float row_lse = data(kLse)[(t.first_query + query) * s.heads + t.head];
    float *p_row = p + i * ld, *ds_row = ds + i * ld;
    add_bias(s, t, query, bias, p_row);
#pragma omp simd
    for (int64_t j = 0; j < ld; ++j) p_row[j] = exp_fast(p_row[j] - row_lse);
    fill_behind(p_row, n, ld, 0.0f);
    if (!scores_asked()) return;
    const float mean = dot(p_row, ds_row, ld);
#pragma omp simd
    for (int64_t j = 0; j < ld; ++j) ds_row[j] = p_row[j] * (ds_row[j] - mean);
    if (!asked(kDBias)) return;
    float* sums = d_diagonal + diagonal_of(t, query);
    const float* own = ds_row + s.prefix;
#pragma omp simd
    for (int64_t j = 0; j < n - s.prefix; ++j) sums[j] += own[j];
  }

  void query_gradient(const Task& t, const Block& block, const KeyRows& key_rows) const {
    float* dq = out(kDq, t.first_query + block.first, t);
    if (!dq) return;
    if (few(t)) {
      for (int64_t i = 0; i < block.rows; ++i) mix_rows(ds + i * block.ld, block.n, key_rows, s.width, s.scale, dq + i * s.d);
      return;
    }
    tile_gemm({.m = block.rows, .n = s.width, .k = block.n, .a = ds, .a_row = block.ld, .a_col = 1, .b = keys, .ldb = s.width,
               .c = dq, .ldc = s.d, .alpha = s.scale});
  }

  // Of keys or values: factor * weights^T x over the block's queries, x's rows d apart.
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

  void add_bias_gradient(const Task& t) const {
    if (!asked(kDBias)) return;
    float* table = step.data<float>(instruction.operands[kDBias], t.lane) + t.head;
    s.buckets.for_each(1 - t.keys, s.causal ? 0 : t.queries - 1, [&](int64_t relative, int64_t bucket) {
      table[bucket * s.heads] += d_diagonal[relative + t.keys - 1];
    });
  }
};

int64_t scratch(const Instruction& i, int) { return 4 * Backward::floats(AttentionSizes(i, i.operands[kQ], i.operands[kPrefixKeys])); }

Task task(const Step& step, const Instruction& i, int64_t sequence, int64_t head, int64_t lane) {
  const int32_t *queries = step.data<int32_t>(i.operands[kQueryOffsets]) + sequence, *keys = step.data<int32_t>(i.operands[kKeyOffsets]) + sequence;
  return {queries[0], queries[1] - queries[0], keys[0], keys[1] - keys[0], head, lane};
}

void attention_backward(const Step& step, const Instruction& i) {
  const Backward work(step, i);
  const int64_t heads = work.s.heads;
  const int32_t* lanes = step.lane_offsets(i.operands[kQueryOffsets].axis);
  if (work.shared_asked()) {
#pragma omp for schedule(dynamic, 1)
    for (int64_t n = 0; n < step.lanes * heads; ++n) {
      const int64_t lane = n / heads, head = n % heads;
      work.clear({.head = head, .lane = lane});
      for (int64_t sequence = lanes[lane]; sequence < lanes[lane + 1]; ++sequence) work.run(task(step, i, sequence, head, lane));
    }
    return;
  }
#pragma omp for schedule(dynamic, 1)
  for (int64_t n = 0; n < step.rows(i.operands[kQueryOffsets]) * heads; ++n) {
    int64_t lane = 0;
    while (lanes[lane + 1] <= n / heads) ++lane;
    work.run(task(step, i, n / heads, n % heads, lane));
  }
}

PRIMER_REGISTER("attention_backward", 16, attention_backward, nullptr, nullptr, scratch)

}  // namespace
}  // namespace primer::PRIMER_ISA
