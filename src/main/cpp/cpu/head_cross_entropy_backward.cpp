// head_cross_entropy_backward_input: dh = dloss slope.   Overwrites. Saved: slope.
// head_cross_entropy_backward_weight, with g_t = dloss w_t and p made again from lse, a chunk at a time:
//   dW_v = sum_t g_t (p_tv - (1 - e) [v = label_t] - e / V) h_t, db_v the same without h_t.   Overwrite; each may be left out.
// One copy a lane where the weight has one, else one copy, summed over the rows of all lanes.
// Accumulation: float32, over d and over rows in ascending order. Rows with w = 0 are left out; threads share the vocabulary.
// Floor: 4 T V d FLOP for dW; W read and dW written once for each 128 rows.
#include "cpu/head_backward.h"

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
enum { kDW = kBackMore, kDB };

int64_t scratch_backward(const Instruction& i, int) {
  Pieces pieces(nullptr);
  BackwardScratch(pieces, i.operands[kBackH]);
  return pieces.bytes();
}

// logits become g_t (p_tv - (1 - e) [v = label_t] - e / V).
void coefficients(const LabelBlock& block, int64_t first, int64_t words, BackwardScratch& mine) {
  const float even = static_cast<float>(block.smoothing / static_cast<double>(block.head.words));
  for (int64_t v = 0; v < words; ++v) {
    for_vectors(block.ld, [even, row = mine.logits + v * block.ld, g = mine.g, lse = mine.lse](int64_t t) {
      row[t] = g[t] * (exp_fast(row[t] - lse[t]) - even);
    });
  }
  subtract_labels(block, first, words, mine.g, mine.logits);
}

void backward_chunk(const Step& step, const Instruction& i, const LabelBlock& block, int64_t lane, int64_t first, int64_t words,
                    BackwardScratch& mine) {
  const Operand &dw = i.operands[kDW], &db = i.operands[kDB];
  head_logits(block.head, first, words, mine.ht, block.ld, mine.logits);
  coefficients(block, first, words, mine);
  if (step.present(dw)) {
    float* out = step.data<float>(dw, lane) + first * block.head.d;
    add_outer(block, words, mine.logits, mine.rows, out, !overwrites(block, dw, lane));
  }
  if (step.present(db)) add_sums(block, words, mine.logits, step.data<float>(db, lane) + first, !overwrites(block, db, lane));
}

void backward_weight(const Step& step, const Instruction& i) {
  Pieces pieces(step.scratch);
  BackwardScratch mine(pieces, i.operands[kBackH]);
  for_blocks(step, i, mine, [&](const LabelBlock& block, int64_t lane) {
    const Range words = share(step, block.head.words, kHeadWords);
    for (int64_t v = words.begin; v < words.end; v += kHeadWords) {
      backward_chunk(step, i, block, lane, v, least(kHeadWords, words.end - v), mine);
    }
  });
  barrier();
}

PRIMER_REGISTER("head_cross_entropy_backward_input", 3, backward_input, nullptr, nullptr, nullptr)
PRIMER_REGISTER("head_cross_entropy_backward_weight", 9, backward_weight, nullptr, nullptr, scratch_backward)

}  // namespace
}  // namespace primer::PRIMER_ISA
