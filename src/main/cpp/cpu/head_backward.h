// The derivatives of head_cross_entropy by W and b: what the kernel and its tangent share. Both begin with the same operands.
#pragma once

#include "cpu/head_labels.h"

PRIMER_KERNELS {

// dloss, h, W, b, label, w, lse
enum { kBackDLoss, kBackH, kBackW, kBackB, kBackLabel, kBackRowWeight, kBackLse, kBackMore };

// One thread's scratch for a block of rows.
struct BackwardScratch {
  int32_t* kept;                          // [T] rows of weight != 0
  float *rows, *ht, *logits, *g, *lse;    // [rows, d], [d, rows], [words, rows], [rows], [rows]
  BackwardScratch(Pieces& pieces, const Operand& h) {
    kept = pieces.take<int32_t>(h.rows);
    rows = pieces.take<float>(kHeadRows * h.cols);
    ht = pieces.take<float>(kHeadRows * h.cols);
    logits = pieces.take<float>(kHeadWords * kHeadRows);
    g = pieces.take<float>(kHeadRows);
    lse = pieces.take<float>(kHeadRows);
  }
};

// Sets g_t = dloss w_t with the dloss of the row's lane, and lse_t; zeros behind them. Rows ascend, those of a block from `lane` on.
static inline void take_factors(const Step& step, const Instruction& i, const LabelBlock& block, int64_t lane, BackwardScratch& mine) {
  const Operand& h = i.operands[kBackH];
  for (int64_t t = 0; t < block.ld; ++t) {
    mine.g[t] = mine.lse[t] = 0;
    if (t >= block.count) continue;
    const int64_t r = block.rows[t];
    while (r >= lane_rows(step, h, lane).end) ++lane;
    mine.g[t] = *step.data<float>(i.operands[kBackDLoss], lane) * step.data<float>(i.operands[kBackRowWeight])[r];
    mine.lse[t] = step.data<float>(i.operands[kBackLse])[r];
  }
}

// Calls f(block, lane) for each block of rows of each head, with its rows, transpose, factors and lse in place. Each head has one
// block at least, if an empty one, which sets the gradients of a lane without rows.
template <class F>
static inline void for_blocks(const Step& step, const Instruction& i, BackwardScratch& mine, F&& f) {
  const Operand& h = i.operands[kBackH];
  for_heads(step, h, i.operands[kBackW], i.operands[kBackB], [&](const Head& head, Range rows, int64_t lane) {
    const int64_t count = keep_rows(step.data<float>(i.operands[kBackRowWeight]), rows, mine.kept);
    for (int64_t first = 0; first == 0 || first < count; first += kHeadRows) {
      const int64_t size = least(kHeadRows, count - first);
      const LabelBlock block{head, mine.kept + first, step.data<int32_t>(i.operands[kBackLabel]), size, round_up(size, kLanes), i.reals[0],
                             true, first == 0};
      gather_block(step.data<float>(h), block.rows, size, head.d, mine.rows, mine.ht, block.ld);
      take_factors(step, i, block, lane, mine);
      f(block, lane);
    }
  });
}

// Whether this block is the first that writes its copy of `out`: later ones, and later lanes where all share a copy, add to it.
static inline bool overwrites(const LabelBlock& block, const Operand& out, int64_t lane) {
  return block.first && (lane == 0 || out.lane_stride != 0);
}

// coefficients [words, ld] of the words from `first` on -= g_t (1 - e) [v = label_t].
static inline void subtract_labels(const LabelBlock& block, int64_t first, int64_t words, const float* g, float* coefficients) {
  for (int64_t t = 0; t < block.count; ++t) {
    const int64_t v = block.labels[block.rows[t]] - first;
    if (v >= 0 && v < words) coefficients[v * block.ld + t] -= g[t] * static_cast<float>(1 - block.smoothing);
  }
}

// out [words, d] (+)= coefficients [words, ld] rows [count, d].
PRIMER_OUT_OF_LINE void add_outer(const LabelBlock& block, int64_t words, const float* coefficients, const float* rows, float* out,
                                  bool accumulate) {
  const int64_t d = block.head.d;
  tile_gemm({.m = words, .n = d, .k = block.count, .a = coefficients, .a_row = block.ld, .a_col = 1, .b = rows, .ldb = d, .c = out,
             .ldc = d, .accumulate = accumulate});
}

// out [words] (+)= the sums of the coefficients' rows.
static inline void add_sums(const LabelBlock& block, int64_t words, const float* coefficients, float* out, bool accumulate) {
  for (int64_t v = 0; v < words; ++v) {
    float sum = accumulate ? out[v] : 0;
    for (int64_t t = 0; t < block.count; ++t) sum += coefficients[v * block.ld + t];
    out[v] = sum;
  }
}

}  // namespace primer::PRIMER_ISA
