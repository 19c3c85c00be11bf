// head_cross_entropy_backward_weight_tangent: how dW and db of head_cross_entropy change with h, W and b. With g_t = dloss w_t,
// z' = W h' + W' h + b' and p'_tv = p_tv (z'_tv - lse'_t):
//   dW'_v = sum_t g_t (p'_tv h_t + (p_tv - (1 - e) [v = label_t] - e / V) h'_t), db'_v = sum_t g_t p'_tv.
// Overwrite; each may be left out; copies as in head_cross_entropy_backward_weight. Saved: lse, and lse' of head_cross_entropy_tangent.
// Products: in the program's precision (head_products.cuh), in bf16 of W, h, their tangents and the factors of dW' rounded; db' is of factors
// that are not. Accumulation: float32, over d and over rows; db' float64. Rows with w = 0 are left out.
// Floor: 8 T V d FLOP for dW' where h moves and W does not, 6 T V d where W alone moves.
// Expected (computed) on an H200 for BART-base and T = 256 where h moves, 79 GFLOP: in bf16 0.1 ms of products at 790 TFLOP/s, 72 us of memory,
// 56 us of the L2's bytes, some 0.27 ms with 2 chunks of 6 launches; in float32 1.2 ms.
#include "head_backward.cuh"
#include "head_tangent.cuh"

namespace primer::cuda {
namespace {

// operands dloss, h, W, b, label, w, lse, h', W', b', lse', dW', db'; reals e
enum { kTangents = kBackMore, kLseTangent = kTangents + 3, kDWTangent, kDBTangent };

struct Scratch {
  BackwardScratch block;
  TangentScratch tangent;
  Matrix factors;  // of h', [T, words]
  int64_t bytes;
  Scratch(Pieces pieces, const Instruction& i, int64_t lanes, Precision precision)
      : block(pieces, i, lanes, precision), tangent(pieces, i.operands[kBackH], i.operands[kTangents + 1], of_chunk(i), lanes, precision),
        factors(take_factors(pieces, precision, i.operands[kBackH].rows, of_chunk(i), tangent.logits)), bytes(pieces.bytes()) {}
  static int64_t of_chunk(const Instruction& i) { return chunk_words(i.operands[kBackW].rows, i.operands[kBackH].rows); }
};

int64_t scratch_bytes(const Instruction& i, int64_t lanes, Precision precision) { return Scratch(Pieces(nullptr), i, lanes, precision).bytes; }

// A chunk's logits z and z' become the factors of h' and of h.
void weigh(const Launch& launch, const Instruction& i, const HeadRows& rows, const HeadTangent& tangent, const Chunk& chunk, const Scratch& scratch) {
  const auto& o = i.operands;
  const Coefficients coefficients = coefficients_of(launch, i, scratch.block);
  const BiasedLogits logits{scratch.block.logits, launch.laned<const float>(o[kBackB]), chunk}, moved{scratch.tangent.logits, tangent.bias, chunk};
  const Matrix of_tangent = scratch.block.factors;
  const FactorsOut out{scratch.factors, scratch.tangent.logits, chunk.stride};
  const float* lse = launch.data<const float>(o[kLseTangent]);
  const Rows labelled = rows.rows;
  for_parts(launch, rows, chunk, [=] __device__(int64_t r, Part<4> part) {
    if (r >= labelled.total()) {
      out.put(r, part, filled(0.0f, part));
      return of_tangent.put(r, part, filled(0.0f, part));
    }
    Vector<float, 4> z = logits.at(r, logits.lane_of(labelled, r), part, -INFINITY), change = moved.at(r, moved.lane_of(labelled, r), part, 0.0f);
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      const float p = coefficients.probability(r, z.n[e]);
      change.n[e] = coefficients.g[r] * p * (change.n[e] - lse[coefficients.kept[r]]);
      z.n[e] = coefficients.of(r, chunk.first + part.c + e, p);
    }
    out.put(r, part, change);
    of_tangent.put(r, part, z);
  });
}

void backward_weight_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Scratch scratch(Pieces(launch.scratch), i, launch.lanes, launch.precision);
  const BackwardScratch& block = scratch.block;
  const HeadRows rows = begin_backward(launch, i, block);
  const HeadTangent tangent = head_tangent_of(launch, i, kTangents, block.kept, scratch.tangent);
  for_chunks(o[kBackW].rows, Scratch::of_chunk(i), [&](const Chunk& chunk) {
    const Words words = words_of(launch, o[kBackW], chunk, block.words);
    chunk_logits(launch, rows, block.h, words, chunk, block.logits);
    chunk_tangent(launch, rows, tangent, words, block.h, chunk, scratch.tangent);
    weigh(launch, i, rows, tangent, chunk, scratch);
    if (launch.present(o[kDWTangent])) {
      chunk_outer(launch, rows, scratch.factors, block.h, chunk, o[kDWTangent]);
      if (tangent.h_moves) chunk_outer(launch, rows, block.factors, tangent.h, chunk, o[kDWTangent], true);
    }
    if (launch.present(o[kDBTangent])) chunk_sums(launch, rows.rows, scratch.tangent.logits, chunk, o[kDBTangent]);
  });
}

PRIMER_REGISTER("head_cross_entropy_backward_weight_tangent", 13, backward_weight_tangent, nullptr, scratch_bytes, kDense)

}  // namespace
}  // namespace primer::cuda
