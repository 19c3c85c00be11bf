// head_cross_entropy_backward_input: dh = dloss slope.   Overwrites. Saved: slope.
// head_cross_entropy_backward_weight, with g_t = dloss w_t and p made again from lse, a chunk at a time:
//   dW_v = sum_t g_t (p_tv - (1 - e) [v = label_t] - e / V) h_t, db_v the same without h_t.   Overwrite; each may be left out.
// Accumulation: float32, over d and over rows in ascending order. Rows with w = 0 are left out; threads share the vocabulary.
// Floor: 4 T V d FLOP for dW; W read and dW written once for each 128 rows.
#include "cpu/head_labels.h"

PRIMER_KERNELS {
namespace {

// operands dloss, slope, dh
void backward_input(const Step& step, const Instruction& i) {
  const Operand& slope = i.operands[1];
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, slope, lane);
    const Range mine = share(step, rows.end - rows.begin);
    const float dloss = *step.data<float>(i.operands[0], lane);
    const float* in = step.data<float>(slope);
    float* dh = step.data<float>(i.operands[2]);
#pragma omp simd
    for (int64_t e = (rows.begin + mine.begin) * slope.cols; e < (rows.begin + mine.end) * slope.cols; ++e) dh[e] = dloss * in[e];
  }
  barrier();
}

// operands dloss, h, W, b, label, w, lse, dW, db; reals e
enum { kDLoss, kBackH, kBackW, kBackB, kBackLabel, kBackRowWeight, kBackLse, kDW, kDB };

struct BackwardScratch {
  int32_t* kept;
  float *rows, *ht, *logits, *g, *lse;
  int64_t bytes;
  BackwardScratch(char* start, int64_t most_rows, int64_t d) {
    Pieces pieces(start);
    kept = pieces.take<int32_t>(most_rows);
    rows = pieces.take<float>(kHeadRows * d);
    ht = pieces.take<float>(kHeadRows * d);
    logits = pieces.take<float>(kHeadWords * kHeadRows);
    g = pieces.take<float>(kHeadRows);
    lse = pieces.take<float>(kHeadRows);
    bytes = pieces.bytes() - reinterpret_cast<int64_t>(start);
  }
};

int64_t scratch_backward(const Instruction& i, int) {
  return BackwardScratch(nullptr, i.operands[kBackH].rows, i.operands[kBackH].cols).bytes;
}

// logits become g_t (p_tv - (1 - e) [v = label_t] - e / V).
void coefficients(const LabelBlock& block, int64_t first, int64_t words, BackwardScratch& mine) {
  const int64_t ld = block.ld;
  const float even = static_cast<float>(block.smoothing / static_cast<double>(block.head.words));
  for (int64_t v = 0; v < words; ++v) {
    for_vectors(ld, [even, row = mine.logits + v * ld, g = mine.g, lse = mine.lse](int64_t t) {
      row[t] = g[t] * (exp_fast(row[t] - lse[t]) - even);
    });
  }
  for (int64_t t = 0; t < block.count; ++t) {
    const int64_t v = block.labels[block.rows[t]] - first;
    if (v >= 0 && v < words) mine.logits[v * ld + t] -= mine.g[t] * static_cast<float>(1 - block.smoothing);
  }
}

// dW (+)= coefficients^T h.
PRIMER_OUT_OF_LINE void add_weight_gradient(const LabelBlock& block, int64_t words, const BackwardScratch& mine, float* dw) {
  const int64_t d = block.head.d;
  tile_gemm({.m = words, .n = d, .k = block.count, .a = mine.logits, .a_row = block.ld, .a_col = 1, .b = mine.rows, .ldb = d, .c = dw,
             .ldc = d, .accumulate = !block.first});
}

void backward_chunk(const Step& step, const Instruction& i, const LabelBlock& block, int64_t lane, int64_t first, int64_t words, BackwardScratch& mine) {
  head_logits(block.head, first, words, mine.ht, block.ld, mine.logits);
  coefficients(block, first, words, mine);
  if (step.present(i.operands[kDW])) add_weight_gradient(block, words, mine, step.data<float>(i.operands[kDW], lane) + first * block.head.d);
  for (int64_t v = 0; v < words && step.present(i.operands[kDB]); ++v) {
    float* db = step.data<float>(i.operands[kDB], lane) + first + v;
    float sum = block.first ? 0 : *db;
    for (int64_t t = 0; t < block.count; ++t) sum += mine.logits[v * block.ld + t];
    *db = sum;
  }
}

// A block's factors g and lse, zeros behind them.
void take_factors(const Step& step, const Instruction& i, const LabelBlock& block, int64_t lane, BackwardScratch& mine) {
  const float dloss = *step.data<float>(i.operands[kDLoss], lane);
  for (int64_t t = 0; t < block.ld; ++t) {
    const bool there = t < block.count;
    mine.g[t] = there ? dloss * step.data<float>(i.operands[kBackRowWeight])[block.rows[t]] : 0;
    mine.lse[t] = there ? step.data<float>(i.operands[kBackLse])[block.rows[t]] : 0;
  }
}

// One block at least, if an empty one: it sets the gradients of a lane without rows to zero.
void backward_weight(const Step& step, const Instruction& i) {
  const Operand& h = i.operands[kBackH];
  BackwardScratch mine(step.scratch, h.rows, h.cols);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Head head = head_of(step, i.operands[kBackW], i.operands[kBackB], lane);
    const Range words = share(step, head.words, kHeadWords);
    const int64_t count = keep_rows(step.data<float>(i.operands[kBackRowWeight]), lane_rows(step, h, lane), mine.kept);
    for (int64_t first = 0; first == 0 || first < count; first += kHeadRows) {
      const int64_t size = least(kHeadRows, count - first);
      const LabelBlock block{head, mine.kept + first, step.data<int32_t>(i.operands[kBackLabel]), size, round_up(size, kLanes), i.reals[0], true,
                        first == 0};
      gather_block(step.data<float>(h), block.rows, size, head.d, mine.rows, mine.ht, block.ld);
      take_factors(step, i, block, lane, mine);
      for (int64_t v = words.begin; v < words.end; v += kHeadWords) {
        backward_chunk(step, i, block, lane, v, least(kHeadWords, words.end - v), mine);
      }
    }
  }
  barrier();
}

PRIMER_REGISTER("head_cross_entropy_backward_input", 3, backward_input, nullptr, nullptr, nullptr)
PRIMER_REGISTER("head_cross_entropy_backward_weight", 9, backward_weight, nullptr, nullptr, scratch_backward)

}  // namespace
}  // namespace primer::PRIMER_ISA
