// head_cross_entropy_backward_input: dh = dloss slope.   Overwrites. Saved: slope.   Floor: 8 bytes a number.
// head_cross_entropy_backward_weight, with g_t = dloss w_t and p made again from lse, a chunk of words at a time:
//   dW_v = sum_t g_t (p_tv - (1 - e) [v = label_t] - e / V) h_t, db_v the same without h_t.   Overwrite; each may be left out.
// One copy a lane where the weight has one, else one copy, summed over the rows of all lanes.
// Accumulation: float32, over d and over rows in ascending order; db float64. Rows with w = 0 are left out.
// Floor: 4 T V d FLOP for dW, W read and dW written once. Expected on an H200 for BART-base and T = 256: 39.5 GFLOP, 0.59 ms in float32,
// which is what is computed in every precision; 309 MB, 72 us.
#include "head_backward.cuh"

namespace primer::cuda {
namespace {

// operands dloss, slope, dh
void backward_input(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Laned<const float> dloss = launch.laned<const float>(o[0]);
  const float* slope = launch.data<const float>(o[1]);
  float* dh = launch.data<float>(o[2]);
  const Rows rows = launch.rows(o[1]);
  const int64_t d = o[1].cols;
  for_numbers(launch, o[1], [=] __device__(int64_t r, int32_t c) { dh[r * d + c] = *dloss.of(rows.lane_of(r)) * slope[r * d + c]; });
}

// operands dloss, h, W, b, label, w, lse, dW, db; reals e
enum { kDW = kBackMore, kDB };

int64_t scratch_bytes(const Instruction& i, int64_t lanes) {
  Pieces pieces(nullptr);
  BackwardScratch(pieces, i, lanes);
  return pieces.bytes();
}

void backward_weight(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  Pieces pieces(launch.scratch);
  const BackwardScratch scratch(pieces, i, launch.lanes);
  const Head head = head_of(launch, o[kBackW], o[kBackB]);
  const HeadRows rows = begin_backward(launch, i, scratch);
  const Rows kept = scratch.kept.of_lanes(launch);
  const Coefficients coefficients = coefficients_of(launch, i, scratch);
  float* logits = scratch.logits;
  for_chunks(head.words, held_words(o[kBackW], o[kBackH]), [&](const Chunk& chunk) {
    head_logits(launch, rows, scratch.h, head, chunk, logits);
    for_logits(launch, rows, chunk, [=] __device__(int64_t r, int32_t v) {
      float& logit = logits[r * chunk.count + v];
      logit = coefficients.of(r, chunk.first + v, coefficients.probability(r, logit));
    });
    if (launch.present(o[kDW])) chunk_outer(launch, kept, logits, scratch.h, chunk, o[kDW]);
    if (launch.present(o[kDB])) chunk_sums(launch, kept, logits, chunk, o[kDB]);
  });
}

PRIMER_REGISTER("head_cross_entropy_backward_input", 3, backward_input, nullptr, nullptr)
PRIMER_REGISTER("head_cross_entropy_backward_weight", 9, backward_weight, nullptr, scratch_bytes)

}  // namespace
}  // namespace primer::cuda
