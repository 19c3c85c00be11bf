// attention_tangent: how attention's output moves with its inputs. Per sequence and head, with S and P as in attention_backward.cpp:
//   S' = s (q' k^T + q k'^T) + b',   P' = P * (S' - rowsum(P * S')),   o' = P' v + P v';   prefix keys and values likewise.
// Inputs: the forward's, its lse, and the tangents of q, k, v, bias, prefix keys and values, of their primals' shapes, each
// left out where it is zero; one at least is there. Overwrites o'. Saved: q, k, v, lse. Accumulation: float32.
// rowsum(P * S') is the tangent of lse, which therefore has no operand. One thread owns a (sequence, head) pair.
#include "cpu/attention_moves.h"

PRIMER_KERNELS {
namespace {

enum Operands : size_t {
  kQ, kK, kV, kQueryOffsets, kKeyOffsets, kBias, kPrefixKeys, kPrefixValues, kLse,
  kMovedQ, kMovedK, kMovedV, kMovedBias, kMovedPrefixKeys, kMovedPrefixValues, kMovedO, kOperands
};

struct Tangent : AttentionOperands {
  float *k_t, *moved_k_t, *values, *moved_values, *p, *moved_p, *diagonal, *moved_diagonal;

  static int64_t floats(const AttentionSizes& s) {
    return (4 * s.width + 2 * kQueries) * s.columns() + 2 * s.diagonals() + 2 * kLanes;
  }

  Tangent(const Step& st, const Instruction& i) : AttentionOperands{st, i, AttentionSizes(i, i.operands[kQ], i.operands[kPrefixKeys])} {
    const int64_t factor = s.width * s.columns(), block = kQueries * s.columns();
    k_t = reinterpret_cast<float*>(st.scratch);
    moved_k_t = k_t + factor;
    values = moved_k_t + factor;
    moved_values = values + factor;
    p = moved_values + factor;
    moved_p = p + block;
    diagonal = moved_p + block;
    moved_diagonal = diagonal + s.diagonals();
  }

  bool scores_move() const { return present(kMovedQ) || present(kMovedK) || present(kMovedBias) || present(kMovedPrefixKeys); }

  void run(const Task& t) const {
    const Factor k = factor(key_rows(kK, kPrefixKeys, t), t, k_t, nullptr), v = factor(key_rows(kV, kPrefixValues, t), t, nullptr, values);
    const Factor moved_k = factor(key_rows(kMovedK, kMovedPrefixKeys, t), t, moved_k_t, nullptr);
    const Factor moved_v = factor(key_rows(kMovedV, kMovedPrefixValues, t), t, nullptr, moved_values);
    if (!few(t)) {
      // The values' memory is free until the keys are transposed.
      k.rows.transposed(s.width, values, k_t, k.ld);
      if (moved_k.rows.count() > 0) moved_k.rows.transposed(s.width, values, moved_k_t, moved_k.ld);
      if (scores_move()) v.rows.copy(s.width, values);
      moved_v.rows.copy(s.width, moved_values);
    }
    const float *bias = bias_of(kBias, t, diagonal), *moved_bias = bias_of(kMovedBias, t, moved_diagonal);
    for (int64_t r = 0; r < t.queries; r += kQueries) {
      const Block block = block_at(s, t, r);
      const float* q = query_rows(kQ, t, block);
      score(s, t, block, q, k, s.scale, p);
      if (scores_move()) score_tangent(s, t, block, q, k, query_rows(kMovedQ, t, block), moved_k, s.scale, moved_p);
      for (int64_t i = 0; i < block.rows; ++i) move_row(t, block, i, bias, moved_bias);
      mix_tangent(s, t, block, p, v, scores_move() ? moved_p : nullptr, moved_v, 1.0f,
                  step.data<float>(instruction.operands[kMovedO]) + (t.first_query + r) * s.d + t.head * s.width);
    }
  }

  // P and P' of a query.
  void move_row(const Task& t, const Block& block, int64_t i, const float* bias, const float* moved_bias) const {
    const int64_t query = block.first + i;
    float* p_row = p + i * block.ld;
    probabilities(s, t, query, bias, data(kLse)[(t.first_query + query) * s.heads + t.head], block.ld, p_row);
    if (scores_move()) move_probabilities(s, t, query, moved_bias, p_row, block.ld, moved_p + i * block.ld);
  }
};

int64_t scratch(const Instruction& i, int) { return 4 * Tangent::floats(AttentionSizes(i, i.operands[kQ], i.operands[kPrefixKeys])); }

void attention_tangent(const Step& step, const Instruction& i) {
  run_each(step, i.operands[kQueryOffsets], i.operands[kKeyOffsets], Tangent(step, i));
}

PRIMER_REGISTER("attention_tangent", kOperands, attention_tangent, nullptr, nullptr, scratch)

}  // namespace
}  // namespace primer::PRIMER_ISA
