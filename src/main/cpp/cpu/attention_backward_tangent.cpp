// attention_backward_tangent: how attention_backward's outputs move with its inputs. With P, dP and dS as there, S' and P' as in
// attention_tangent.cpp, D = rowsum(P * dP):
//   dP' = do' v^T + do v'^T,   D' = rowsum(P' * dP + P * dP'),   dS' = P' * (dP - D) + P * (dP' - D'),
//   dq' = s (dS' k + dS k'), dk' = s (dS'^T q + dS^T q'), dv' = P'^T do + P^T do',   prefix: the same for its columns, summed over a
//   lane's sequences,   dbias'[bucket] = sum of dS' over the lane's pairs in that bucket.
// Inputs: the backward's, and the tangents of do, q, k, v, bias, prefix keys and values, of their primals' shapes, each left out
// where it is zero; one at least is there. All outputs overwrite; each may be left out, and what only it needs is not computed.
// Saved: q, k, v, lse. Accumulation: float32. Order of sums and division among threads: attention_backward's.
#include "cpu/attention_gradients.h"
#include "cpu/attention_moves.h"

PRIMER_KERNELS {
namespace {

enum Inputs : size_t {
  kDo, kQ, kK, kV, kQueryOffsets, kKeyOffsets, kBias, kPrefixKeys, kPrefixValues, kLse,
  kMovedDo, kMovedQ, kMovedK, kMovedV, kMovedBias, kMovedPrefixKeys, kMovedPrefixValues, kInputs
};

// Keys and values, or their tangents, and the memory that they are copied to.
struct Copies {
  float *k_t, *v_t, *keys;
};

struct BackwardTangent : AttentionGradients {
  Copies still, moved;
  float *p, *moved_p, *ds, *moved_ds, *diagonal, *moved_diagonal, *d_diagonal;

  static int64_t floats(const AttentionSizes& s) {
    return (6 * s.width + 4 * kQueries) * s.columns() + 3 * s.diagonals() + 2 * kLanes;
  }

  BackwardTangent(const Step& st, const Instruction& i)
      : AttentionGradients{{st, i, AttentionSizes(i, i.operands[kQ], i.operands[kPrefixKeys])}, kInputs} {
    const int64_t factor = s.width * s.columns(), block = kQueries * s.columns();
    float* at = reinterpret_cast<float*>(st.scratch);
    still = {at, at + factor, at + 2 * factor};
    moved = {at + 3 * factor, at + 4 * factor, at + 5 * factor};
    p = at + 6 * factor;
    moved_p = p + block;
    ds = moved_p + block;
    moved_ds = ds + block;
    diagonal = moved_ds + block;
    moved_diagonal = diagonal + s.diagonals();
    d_diagonal = moved_diagonal + s.diagonals();
  }

  bool scores_move() const { return present(kMovedQ) || present(kMovedK) || present(kMovedBias) || present(kMovedPrefixKeys); }

  void copy(const Factor& k, const Factor& v, const Copies& to) const {
    if (v.rows.count() > 0) v.rows.transposed(s.width, to.keys, to.v_t, v.ld);
    if (k.rows.count() > 0) k.rows.copy_both(s.width, to.keys, to.k_t, k.ld);
  }

  void run(const Task& t) const {
    const Factor k = factor(key_rows(kK, kPrefixKeys, t), t, still.k_t, still.keys);
    const Factor v = factor(key_rows(kV, kPrefixValues, t), t, still.v_t, nullptr);
    const Factor moved_k = factor(key_rows(kMovedK, kMovedPrefixKeys, t), t, moved.k_t, moved.keys);
    const Factor moved_v = factor(key_rows(kMovedV, kMovedPrefixValues, t), t, moved.v_t, nullptr);
    if (!few(t)) {
      copy(k, v, still);
      copy(moved_k, moved_v, moved);
    }
    const float *bias = bias_of(kBias, t, diagonal), *moved_bias = bias_of(kMovedBias, t, moved_diagonal);
    std::memset(d_diagonal, 0, static_cast<size_t>(s.diagonals()) * 4);
    const int64_t last = (t.queries - 1) / kQueries * kQueries;
    for (int64_t r = last; r >= 0; r -= kQueries) {
      const Block block = block_at(s, t, r);
      products(t, block, k, v, moved_k, moved_v);
      for (int64_t i = 0; i < block.rows; ++i) differentiate_row(t, block, i, bias, moved_bias);
      if (asked(kDq)) mix_tangent(s, t, block, ds, k, moved_ds, moved_k, s.scale, out(kDq, t.first_query + r, t));
      gradients_of_keys(t, block, r < last);
      gradients_of_values(t, block, r < last);
    }
    add_bias_gradient(t, d_diagonal);
  }

  // q k^T in p, S' in moved_p, dP in ds and dP' in moved_ds, each where it is read.
  void products(const Task& t, const Block& block, const Factor& k, const Factor& v, const Factor& moved_k, const Factor& moved_v) const {
    const float *q = query_rows(kQ, t, block), *d_o = query_rows(kDo, t, block);
    score(s, t, block, q, k, s.scale, p);
    if (scores_move()) score_tangent(s, t, block, q, k, query_rows(kMovedQ, t, block), moved_k, s.scale, moved_p);
    if (!scores_asked()) return;
    if (scores_move()) score(s, t, block, d_o, v, 1.0f, ds);
    score_tangent(s, t, block, d_o, v, query_rows(kMovedDo, t, block), moved_v, 1.0f, moved_ds);
  }

  // P, P', dS and dS' of a query; 0 behind what it sees.
  void differentiate_row(const Task& t, const Block& block, int64_t i, const float* bias, const float* moved_bias) const {
    const int64_t query = block.first + i, ld = block.ld;
    float* p_row = p + i * ld;
    probabilities(s, t, query, bias, data(kLse)[(t.first_query + query) * s.heads + t.head], ld, p_row);
    if (scores_move()) move_probabilities(s, t, query, moved_bias, p_row, ld, moved_p + i * ld);
    if (!scores_asked()) return;
    if (scores_move()) {
      differentiate_scores(p_row, moved_p + i * ld, ld, ds + i * ld, moved_ds + i * ld);
    } else {
      differentiate_still(p_row, ld, moved_ds + i * ld);
    }
    if (asked(kDBias)) add_to_diagonal(t, query, moved_ds + i * ld, d_diagonal);
  }

  // From dP and dP' to dS and dS'.
  static void differentiate_scores(const float* p_row, const float* moved_p_row, int64_t ld, float* ds_row, float* moved_ds_row) {
    const float mean = dot(p_row, ds_row, ld), moved_mean = dot(moved_p_row, ds_row, ld) + dot(p_row, moved_ds_row, ld);
#pragma omp simd
    for (int64_t j = 0; j < ld; ++j) {
      const float centered = ds_row[j] - mean;
      moved_ds_row[j] = moved_p_row[j] * centered + p_row[j] * (moved_ds_row[j] - moved_mean);
      ds_row[j] = p_row[j] * centered;
    }
  }

  // From dP' to dS' where P' is 0.
  static void differentiate_still(const float* p_row, int64_t ld, float* moved_ds_row) {
    const float moved_mean = dot(p_row, moved_ds_row, ld);
#pragma omp simd
    for (int64_t j = 0; j < ld; ++j) moved_ds_row[j] = p_row[j] * (moved_ds_row[j] - moved_mean);
  }

  void gradients_of_keys(const Task& t, const Block& block, bool more) const {
    const float* moved_q = query_rows(kMovedQ, t, block);
    key_gradients(t, block, query_rows(kQ, t, block), moved_ds, s.scale, kDk, kDPrefixKeys, more);
    if (moved_q) key_gradients(t, block, moved_q, ds, s.scale, kDk, kDPrefixKeys, true);
  }

  // One of P' and do' is there: values whose gradient does not move are not asked for.
  void gradients_of_values(const Task& t, const Block& block, bool more) const {
    const float* moved_do = query_rows(kMovedDo, t, block);
    if (scores_move()) key_gradients(t, block, query_rows(kDo, t, block), moved_p, 1.0f, kDv, kDPrefixValues, more);
    if (moved_do) key_gradients(t, block, moved_do, p, 1.0f, kDv, kDPrefixValues, more || scores_move());
  }
};

int64_t scratch(const Instruction& i, int) {
  return 4 * BackwardTangent::floats(AttentionSizes(i, i.operands[kQ], i.operands[kPrefixKeys]));
}

void attention_backward_tangent(const Step& step, const Instruction& i) {
  run_gradients(step, i.operands[kQueryOffsets], i.operands[kKeyOffsets], BackwardTangent(step, i));
}

PRIMER_REGISTER("attention_backward_tangent", kInputs + 6, attention_backward_tangent, nullptr, nullptr, scratch)

}  // namespace
}  // namespace primer::PRIMER_ISA
