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

// Operands q, k, v, query offsets, key offsets, bias, prefix keys, prefix values, o, lse.
struct Forward {
  const Step& step;
  const Instruction& instruction;
  AttentionSizes s;
  float *k_t, *values, *copied, *scores, *diagonal;

  // Room for a copy of the keys only where a prefix comes before them.
  static int64_t copied_floats(const AttentionSizes& s) { return s.prefix > 0 ? s.width * s.columns() : 0; }
  static int64_t floats(const AttentionSizes& s) {
    return (2 * s.width + kQueries) * s.columns() + copied_floats(s) + s.diagonals() + 2 * kLanes;
  }

  Forward(const Step& st, const Instruction& i) : step(st), instruction(i), s(i, i.operands[0], i.operands[6]) {
    k_t = reinterpret_cast<float*>(st.scratch);
    values = k_t + s.width * s.columns();
    copied = values + s.width * s.columns();
    scores = copied + copied_floats(s);
    diagonal = scores + kQueries * s.columns();
  }

  const float* data(size_t operand, int64_t lane = 0) const { return step.data<const float>(instruction.operands[operand], lane); }

  KeyRows rows_of(size_t own, size_t prefix, const Task& t) const {
    const int64_t column = t.head * s.width;
    return {s.prefix ? data(prefix, t.lane) + column : nullptr, data(own) + t.first_key * s.d + column, s.prefix, t.keys, s.d};
  }

  void run(const Task& t) const {
    const KeyRows key_rows = rows_of(1, 6, t), value_rows = rows_of(2, 7, t);
    const int64_t ld = round_up(s.prefix + t.keys, kLanes), first = t.first_query * s.d + t.head * s.width;
    if (!few(t)) {
      key_rows.transposed(s.width, copied, k_t, ld);
      value_rows.copy(s.width, values);
    }
    const float* bias = fill_bias(s, t, s.buckets.count ? data(5, t.lane) : nullptr, diagonal);
    float* lse = step.data<float>(instruction.operands[9]) + t.first_query * s.heads + t.head;
    for (int64_t r = 0; r < t.queries; r += kQueries) {
      const Block block = block_at(s, t, r);
      score(s, t, block, data(0) + first + r * s.d, key_rows, k_t, ld, s.scale, scores);
      mix(t, block, bias, value_rows, step.data<float>(instruction.operands[8]) + first + r * s.d, lse + r * s.heads);
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

int64_t scratch(const Instruction& i, int) { return 4 * Forward::floats(AttentionSizes(i, i.operands[0], i.operands[6])); }

void attention(const Step& step, const Instruction& i) {
  const Forward work(step, i);
  const int32_t *queries = step.data<int32_t>(i.operands[3]), *keys = step.data<int32_t>(i.operands[4]);
  const int32_t* lanes = step.lane_offsets(i.operands[3].axis);
  const int64_t tasks = step.rows(i.operands[3]) * work.s.heads;
#pragma omp for schedule(dynamic, 1)
  for (int64_t n = 0; n < tasks; ++n) {
    const int64_t sequence = n / work.s.heads;
    int64_t lane = 0;
    while (lanes[lane + 1] <= sequence) ++lane;
    work.run({queries[sequence], queries[sequence + 1] - queries[sequence], keys[sequence], keys[sequence + 1] - keys[sequence],
              n % work.s.heads, lane});
  }
}

PRIMER_REGISTER("attention", 10, attention, nullptr, nullptr, scratch)

}  // namespace
}  // namespace primer::PRIMER_ISA
