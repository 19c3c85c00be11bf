// attention_backward: with P = exp(s q k^T + b - lse), dP = do v^T, dS = P * (dP - rowsum(P * dP)), columns as in attention.cpp:
//   dq = s dS k, dk = s dS^T q, dv = P^T do,   prefix: the same for its columns, summed over a lane's sequences,
//   dbias[bucket] = sum of dS over the lane's pairs in that bucket.
// All overwrite; each may be left out, and what only it needs is not computed. Saved: q, k, v, lse. Accumulation: float32,
// blocks of queries descending, as the last block sees all keys.
// rowsum(P * dP) is rowsum(do * o); taken from the block at hand it does not read o, which would come from memory.
// dS is summed by relative position (a diagonal) for one sequence, then by bucket: additions of whole rows instead of a scatter.
// One thread owns a (sequence, head) pair, or a (lane, head) pair where a prefix or bias is trained, its sequences in order: so
// results do not depend on the number of threads.
#include "cpu/attention_gradients.h"

PRIMER_KERNELS {
namespace {

enum Inputs : size_t { kDo, kQ, kK, kV, kQueryOffsets, kKeyOffsets, kBias, kPrefixKeys, kPrefixValues, kLse, kInputs };

struct Backward : AttentionGradients {
  float *k_t, *v_t, *keys, *p, *ds, *diagonal, *d_diagonal;

  static int64_t floats(const AttentionSizes& s) {
    return (3 * s.width + 2 * kQueries) * s.columns() + 2 * s.diagonals() + 2 * kLanes;
  }

  Backward(const Step& st, const Instruction& i)
      : AttentionGradients{{st, i, AttentionSizes(i, i.operands[kQ], i.operands[kPrefixKeys])}, kInputs} {
    const int64_t columns = s.columns();
    k_t = reinterpret_cast<float*>(st.scratch);
    v_t = k_t + s.width * columns;
    keys = v_t + s.width * columns;
    p = keys + s.width * columns;
    ds = p + kQueries * columns;
    diagonal = ds + kQueries * columns;
    d_diagonal = diagonal + s.diagonals();
  }

  void run(const Task& t) const {
    const Factor k = factor(key_rows(kK, kPrefixKeys, t), t, k_t, keys), v = factor(key_rows(kV, kPrefixValues, t), t, v_t, nullptr);
    if (!few(t)) {
      v.rows.transposed(s.width, keys, v_t, v.ld);
      k.rows.copy_both(s.width, keys, k_t, k.ld);
    }
    const float* bias = bias_of(kBias, t, diagonal);
    std::memset(d_diagonal, 0, static_cast<size_t>(s.diagonals()) * 4);
    const int64_t last = (t.queries - 1) / kQueries * kQueries;
    for (int64_t r = last; r >= 0; r -= kQueries) {
      const Block block = block_at(s, t, r);
      const float *q = query_rows(kQ, t, block), *d_o = query_rows(kDo, t, block);
      score(s, t, block, q, k, s.scale, p);
      if (scores_asked()) score(s, t, block, d_o, v, 1.0f, ds);
      for (int64_t i = 0; i < block.rows; ++i) differentiate_row(t, block, i, bias);
      if (asked(kDq)) mix_block(s, t, block, ds, k, s.scale, out(kDq, t.first_query + r, t));
      key_gradients(t, block, q, ds, s.scale, kDk, kDPrefixKeys, r < last);
      key_gradients(t, block, d_o, p, 1.0f, kDv, kDPrefixValues, r < last);
    }
    add_bias_gradient(t, d_diagonal);
  }

  // P and dS of a query. P is 0 behind what it sees, and so is dS, whatever dP is there.
  void differentiate_row(const Task& t, const Block& block, int64_t i, const float* bias) const {
    const int64_t query = block.first + i, ld = block.ld;
    float *p_row = p + i * ld, *ds_row = ds + i * ld;
    probabilities(s, t, query, bias, data(kLse)[(t.first_query + query) * s.heads + t.head], ld, p_row);
    if (!scores_asked()) return;
    const float mean = dot(p_row, ds_row, ld);
#pragma omp simd
    for (int64_t j = 0; j < ld; ++j) ds_row[j] = p_row[j] * (ds_row[j] - mean);
    if (asked(kDBias)) add_to_diagonal(t, query, ds_row, d_diagonal);
  }
};

int64_t scratch(const Instruction& i, int) { return 4 * Backward::floats(AttentionSizes(i, i.operands[kQ], i.operands[kPrefixKeys])); }

void attention_backward(const Step& step, const Instruction& i) {
  run_gradients(step, i.operands[kQueryOffsets], i.operands[kKeyOffsets], Backward(step, i));
}

PRIMER_REGISTER("attention_backward", 16, attention_backward, nullptr, nullptr, scratch)

}  // namespace
}  // namespace primer::PRIMER_ISA
