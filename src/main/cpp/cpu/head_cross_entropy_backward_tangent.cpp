// head_cross_entropy_backward_weight_tangent: how dW and db of head_cross_entropy change with h, W and b. With g_t = dloss w_t,
// z' = W h' + W' h + b' and p'_tv = p_tv (z'_tv - lse'_t):
//   dW'_v = sum_t g_t (p'_tv h_t + (p_tv - (1 - e) [v = label_t] - e / V) h'_t), db'_v = sum_t g_t p'_tv.
// Overwrite; each may be left out; copies as in head_cross_entropy_backward_weight. Saved: lse, and lse' of head_cross_entropy_tangent.
// Accumulation: float32, over d and over rows in ascending order. Rows with w = 0 are left out; threads share the vocabulary.
// Floor: 8 T V d FLOP for dW' where h moves and W does not, 6 T V d where W alone moves.
#include "cpu/head_backward.h"
#include "cpu/head_tangent.h"

PRIMER_KERNELS {
namespace {

// operands dloss, h, W, b, label, w, lse, h', W', b', lse', dW', db'; reals e
enum { kTangents = kBackMore, kLseTangent = kTangents + 3, kDWTangent, kDBTangent };

struct Scratch {
  BackwardScratch block;
  TangentScratch tangent;
  Scratch(Pieces pieces, const Operand& h) : block(pieces, h), tangent(pieces, h.cols), bytes(pieces.bytes()) {}
  int64_t bytes;
};

int64_t scratch_backward(const Instruction& i, int) { return Scratch(Pieces(nullptr), i.operands[kBackH]).bytes; }

// The logits z become g_t (p_tv - (1 - e) [v = label_t] - e / V), those of the tangent g_t p'_tv.
void coefficients(const LabelBlock& block, int64_t first, int64_t words, Scratch& mine) {
  const float even = static_cast<float>(block.smoothing / static_cast<double>(block.head.words));
  for (int64_t v = 0; v < words; ++v) {
    for_vectors(block.ld, [&, z = mine.block.logits + v * block.ld, u = mine.tangent.logits + v * block.ld](int64_t t) {
      const float p = exp_fast(z[t] - mine.block.lse[t]);
      u[t] *= mine.block.g[t] * p;
      z[t] = mine.block.g[t] * (p - even);
    });
  }
  subtract_labels(block, first, words, mine.block.g, mine.block.logits);
}

void chunk(const Step& step, const Instruction& i, const LabelBlock& block, int64_t lane, int64_t first, int64_t words, Scratch& mine) {
  const Operand &dw = i.operands[kDWTangent], &db = i.operands[kDBTangent];
  const HeadTangent tangent = head_tangent_of(step, i, kTangents, lane);
  head_logits(block.head, first, words, mine.block.ht, block.ld, mine.block.logits);
  tangent_logits(tangent, block, first, words, mine.block.ht, mine.tangent);
  coefficients(block, first, words, mine);
  if (step.present(dw)) {
    float* out = step.data<float>(dw, lane) + first * block.head.d;
    add_outer(block, words, mine.tangent.logits, mine.block.rows, out, !overwrites(block, dw, lane));
    if (tangent.h) add_outer(block, words, mine.block.logits, mine.tangent.rows, out, true);
  }
  if (step.present(db)) add_sums(block, words, mine.tangent.logits, step.data<float>(db, lane) + first, !overwrites(block, db, lane));
}

void begin_block(const Step& step, const Instruction& i, const LabelBlock& block, int64_t lane, Scratch& mine) {
  gather_tangent(head_tangent_of(step, i, kTangents, lane), block, mine.tangent);
  const float* lse = step.data<float>(i.operands[kLseTangent]);
  for (int64_t t = 0; t < block.ld; ++t) mine.tangent.shift[t] = t < block.count ? lse[block.rows[t]] : 0;
}

void backward_weight_tangent(const Step& step, const Instruction& i) {
  Scratch mine(Pieces(step.scratch), i.operands[kBackH]);
  for_blocks(step, i, mine.block, [&](const LabelBlock& block, int64_t lane) {
    begin_block(step, i, block, lane, mine);
    const Range words = share(step, block.head.words, kHeadWords);
    for (int64_t v = words.begin; v < words.end; v += kHeadWords) {
      chunk(step, i, block, lane, v, least(kHeadWords, words.end - v), mine);
    }
  });
  barrier();
}

PRIMER_REGISTER("head_cross_entropy_backward_weight_tangent", 13, backward_weight_tangent, nullptr, nullptr, scratch_backward)

}  // namespace
}  // namespace primer::PRIMER_ISA
