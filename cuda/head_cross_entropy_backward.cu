// head_cross_entropy_backward_input: dh = dloss slope.   Overwrites. Saved: slope.   Floor: 8 bytes a number.
// head_cross_entropy_backward_weight, with g_t = dloss w_t and p made again from lse, a chunk of words at a time:
//   dW_v = sum_t g_t (p_tv - (1 - e) [v = label_t] - e / V) h_t, db_v the same without h_t.   Overwrite; each may be left out.
// One copy a lane where the weight has one, else one copy, summed over the rows of all lanes.
// Products: in the program's precision (head_products.cuh), in bf16 of W, h and dW's factors rounded; db is of factors that are not.
// Accumulation: float32, over d and over rows; db float64. Rows with w = 0 are left out.
// Floor: 4 T V d FLOP for dW, W read and dW written once. Expected (computed) on an H200 for BART-base and T = 256, 39.5 GFLOP: in bf16 50 us at
// 790 TFLOP/s; W 154 MB, rounded 77 MB written and read from the L2, dW 154 MB, 72 us of memory; logits and factors 154 MB of the L2, 28 us; 2
// chunks of 4 launches: some 0.18 ms. In TF32 100 us of products and 72 of memory, 0.2 ms. In float32 0.59 ms of FMA at its peak.
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

int64_t scratch_bytes(const Instruction& i, int64_t lanes, Precision precision) {
  Pieces pieces(nullptr);
  BackwardScratch(pieces, i, lanes, precision);
  return pieces.bytes();
}

void backward_weight(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  Pieces pieces(launch.scratch);
  const BackwardScratch scratch(pieces, i, launch.lanes, launch.precision);
  const HeadRows rows = begin_backward(launch, i, scratch);
  const Coefficients coefficients = coefficients_of(launch, i, scratch);
  for_chunks(o[kBackW].rows, chunk_words(o[kBackW].rows, o[kBackH].rows), [&](const Chunk& chunk) {
    chunk_logits(launch, rows, scratch.h, words_of(launch, o[kBackW], chunk, scratch.words), chunk, scratch.logits);
    const BiasedLogits logits{scratch.logits, launch.laned<const float>(o[kBackB]), chunk};
    const FactorsOut out{scratch.factors, scratch.logits, chunk.stride};
    const Rows labelled = rows.rows;
    for_parts(launch, rows, chunk, [=] __device__(int64_t r, Part<4> part) {
      if (r >= labelled.total()) return out.put(r, part, filled(0.0f, part));
      Vector<float, 4> v = logits.at(r, logits.lane_of(labelled, r), part, -INFINITY);
#pragma unroll
      for (int e = 0; e < 4; ++e) v.n[e] = coefficients.of(r, chunk.first + part.c + e, coefficients.probability(r, v.n[e]));
      out.put(r, part, v);
    });
    if (launch.present(o[kDW])) chunk_outer(launch, rows, scratch.factors, scratch.h, chunk, o[kDW]);
    if (launch.present(o[kDB])) chunk_sums(launch, rows.rows, scratch.logits, chunk, o[kDB]);
  });
}

PRIMER_REGISTER("head_cross_entropy_backward_input", 3, backward_input, nullptr, nullptr)
PRIMER_REGISTER("head_cross_entropy_backward_weight", 9, backward_weight, nullptr, scratch_bytes, kDense)

}  // namespace
}  // namespace primer::cuda
