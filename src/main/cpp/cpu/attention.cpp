// attention (Vaswani et al. 2017, eq. 1) on packed sequences of any lengths, each query attending to its own sequence's keys:
//   o = softmax(s q k^T + b) v per sequence and head; s a given scale, b a bias by relative position (cpu/relative_bias.h) or 0.
//   q [Tq, d], k, v [Tk, d], query and key offsets int32 [N + 1] (first row of each sequence), bias [buckets, H], prefix keys and
//   values [P, d] a lane -> o [Tq, d], lse [Tq, H] (log of each row's sum). Bias and prefix may be left out.
// The columns of a sequence's scores are the prefix, then its keys. Every query sees the prefix, which has no bias. Causal: query
// i sees the keys j <= i + (keys - queries); columns that no query of a block sees are not computed.
// No [Tq, Tk] matrix is kept: blocks of kQueries rows go through scratch (as in Dao et al. 2022; the keys of one sequence
// and head fit the cache, so they are not tiled). Keys and values are copied there first: their rows lie d apart, which
// would fall on a few sets of the cache. Blocks are as wide as the sequence, rounded up to whole vectors; the columns
// behind its end are not read. A sequence of a few queries (cross-attention in training on short labels, or in generation)
// reads keys and values once, where they lie: then their traffic is the floor, 8 bytes a key and column.
// One thread owns a (sequence, head) pair, so results do not depend on the number of threads.
#include "cpu/attention_task.h"

PRIMER_KERNELS {
namespace {

enum Operands : size_t { kQ, kK, kV, kQueryOffsets, kKeyOffsets, kBias, kPrefixKeys, kPrefixValues, kO, kLse };

struct Forward : AttentionOperands {
  float *k_t, *values, *copied, *scores, *diagonal;

  // Room for a copy of the keys only where a prefix comes before them.
  static int64_t copied_floats(const AttentionSizes& s) { return s.prefix > 0 ? s.width * s.columns() : 0; }
  static int64_t floats(const AttentionSizes& s) {
    return (2 * s.width + kQueries) * s.columns() + copied_floats(s) + s.diagonals() + 2 * kLanes;
  }

  Forward(const Step& st, const Instruction& i) : AttentionOperands{st, i, AttentionSizes(i, i.operands[kQ], i.operands[kPrefixKeys])} {
    k_t = reinterpret_cast<float*>(st.scratch);
    values = k_t + s.width * s.columns();
    copied = values + s.width * s.columns();
    scores = copied + copied_floats(s);
    diagonal = scores + kQueries * s.columns();
  }

  void run(const Task& t) const {
    const Factor k = factor(key_rows(kK, kPrefixKeys, t), t, k_t, nullptr), v = factor(key_rows(kV, kPrefixValues, t), t, nullptr, values);
    if (!few(t)) {
      k.rows.transposed(s.width, copied, k_t, k.ld);
      v.rows.copy(s.width, values);
    }
    const float* bias = bias_of(kBias, t, diagonal);
    for (int64_t r = 0; r < t.queries; r += kQueries) {
      const Block block = block_at(s, t, r);
      const int64_t query = t.first_query + r;
      score(s, t, block, query_rows(kQ, t, block), k, s.scale, scores);
      mix(t, block, bias, v.rows, step.data<float>(instruction.operands[kO]) + query * s.d + t.head * s.width,
          step.data<float>(instruction.operands[kLse]) + query * s.heads + t.head);
    }
  }

  // out = softmax(scores + bias) values.
  void mix(const Task& t, const Block& block, const float* bias, const KeyRows& value_rows, float* out, float* lse) const {
    float inverse[kQueries];
    for (int64_t i = 0; i < block.rows; ++i) {
      float sum, *row = scores + i * block.ld;
      add_bias(s, t, block.first + i, bias, row);
      lse[i * s.heads] = exponentials(row, visible(s, t, block.first + i), block.ld, sum);
      inverse[i] = 1.0f / sum;
    }
    if (few(t)) {
      for (int64_t i = 0; i < block.rows; ++i) mix_rows(scores + i * block.ld, block.n, value_rows, s.width, inverse[i], out + i * s.d);
      return;
    }
    tile_gemm({.m = block.rows, .n = s.width, .k = block.n, .a = scores, .a_row = block.ld, .a_col = 1, .b = values, .ldb = s.width,
               .c = out, .ldc = s.d});
    for (int64_t i = 0; i < block.rows; ++i) {
      for (int64_t c = 0; c < s.width; ++c) out[i * s.d + c] *= inverse[i];
    }
  }
};

int64_t scratch(const Instruction& i, int) { return 4 * Forward::floats(AttentionSizes(i, i.operands[kQ], i.operands[kPrefixKeys])); }

void attention(const Step& step, const Instruction& i) {
  run_each(step, i.operands[kQueryOffsets], i.operands[kKeyOffsets], Forward(step, i));
}

PRIMER_REGISTER("attention", 10, attention, nullptr, nullptr, scratch)

}  // namespace
}  // namespace primer::PRIMER_ISA
