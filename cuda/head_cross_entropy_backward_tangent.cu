// head_cross_entropy_backward_weight_tangent: how dW and db of head_cross_entropy change with h, W and b. With g_t = dloss w_t,
// z' = W h' + W' h + b' and p'_tv = p_tv (z'_tv - lse'_t):
//   dW'_v = sum_t g_t (p'_tv h_t + (p_tv - (1 - e) [v = label_t] - e / V) h'_t), db'_v = sum_t g_t p'_tv.
// Overwrite; each may be left out; copies as in head_cross_entropy_backward_weight. Saved: lse, and lse' of head_cross_entropy_tangent.
// Accumulation: float32, over d and over rows in ascending order; db' float64. Rows with w = 0 are left out.
// Floor: 8 T V d FLOP for dW' where h moves and W does not, 6 T V d where W alone moves.
// Expected on an H200 for BART-base and T = 256 where h moves: 79 GFLOP, 1.2 ms in float32, the one precision here.
#include "head_backward.cuh"
#include "head_tangent.cuh"

namespace primer::cuda {
namespace {

// operands dloss, h, W, b, label, w, lse, h', W', b', lse', dW', db'; reals e
enum { kTangents = kBackMore, kLseTangent = kTangents + 3, kDWTangent, kDBTangent };

struct Scratch {
  BackwardScratch block;
  float *h, *logits;  // of the tangents
  int64_t bytes;
  Scratch(Pieces pieces, const Instruction& i, int64_t lanes) : block(pieces, i, lanes) {
    const Operand& of = i.operands[kBackH];
    h = pieces.take<float>(of.rows * of.cols);
    logits = pieces.take<float>(of.rows * held_words(i.operands[kBackW], of));
    bytes = pieces.bytes();
  }
};

int64_t scratch_bytes(const Instruction& i, int64_t lanes) { return Scratch(Pieces(nullptr), i, lanes).bytes; }

void backward_weight_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Scratch scratch(Pieces(launch.scratch), i, launch.lanes);
  const Head head = head_of(launch, o[kBackW], o[kBackB]);
  const HeadRows rows = begin_backward(launch, i, scratch.block);
  const HeadTangent tangent = head_tangent_of(launch, i, kTangents, scratch.block.kept, scratch.h);
  const Rows kept = scratch.block.kept.of_lanes(launch);
  const Coefficients coefficients = coefficients_of(launch, i, scratch.block);
  const float* lse = launch.data<const float>(o[kLseTangent]);
  float *logits = scratch.block.logits, *moved = scratch.logits;
  for_chunks(head.words, held_words(o[kBackW], o[kBackH]), [&](const Chunk& chunk) {
    head_logits(launch, rows, scratch.block.h, head, chunk, logits);
    chunk_tangent(launch, rows, tangent, head, scratch.block.h, chunk, moved);
    for_logits(launch, rows, chunk, [=] __device__(int64_t r, int32_t v) {
      float &logit = logits[r * chunk.count + v], &change = moved[r * chunk.count + v];
      const float p = coefficients.probability(r, logit);
      change = coefficients.g[r] * p * (change - lse[coefficients.kept[r]]);
      logit = coefficients.of(r, chunk.first + v, p);
    });
    if (launch.present(o[kDWTangent])) {
      chunk_outer(launch, kept, moved, scratch.block.h, chunk, o[kDWTangent]);
      if (tangent.h) chunk_outer(launch, kept, logits, tangent.h, chunk, o[kDWTangent], true);
    }
    if (launch.present(o[kDBTangent])) chunk_sums(launch, kept, moved, chunk, o[kDBTangent]);
  });
}

PRIMER_REGISTER("head_cross_entropy_backward_weight_tangent", 13, backward_weight_tangent, nullptr, scratch_bytes)

}  // namespace
}  // namespace primer::cuda
