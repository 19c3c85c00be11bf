// The derivatives of head_cross_entropy by W and b: what the op and its tangent share. Both begin with the same operands.
#pragma once

#include "device/column_sums.cuh"
#include "head_labels.cuh"

namespace primer::cuda {

// dloss, h, W, b, label, w, lse
enum { kBackDLoss, kBackH, kBackW, kBackB, kBackLabel, kBackRowWeight, kBackLse, kBackMore };

struct BackwardScratch {
  Labelled kept;
  float *logits, *g, *lse;  // [T, words], [T], [T]
  Matrix h, factors;        // [T, d], [T, words]
  Bf16* words;
  BackwardScratch(Pieces& pieces, const Instruction& i, int64_t lanes, Precision precision) : kept(pieces, i.operands[kBackH], lanes) {
    const Operand& of = i.operands[kBackH];
    const int64_t of_chunk = chunk_words(i.operands[kBackW].rows, of.rows);
    logits = pieces.take<float>(of.rows * of_chunk);
    g = pieces.take<float>(of.rows);
    lse = pieces.take<float>(of.rows);
    h = take_matrix(pieces, precision, of.rows, of.cols);
    factors = take_factors(pieces, precision, of.rows, of_chunk, logits);
    words = take_words(pieces, precision, i.operands[kBackW], of_chunk, lanes);
  }
};

// Finds and gathers the rows; g_t = dloss w_t with the dloss of the row's lane.
inline HeadRows begin_backward(const Launch& launch, const Instruction& i, const BackwardScratch& scratch) {
  const auto& o = i.operands;
  keep_rows(launch, o[kBackH], o[kBackRowWeight], scratch.kept);
  gather_kept(launch, o[kBackH], scratch.kept, scratch.h);
  const Rows rows = scratch.kept.of_lanes(launch);
  const Laned<const float> dloss = launch.laned<const float>(o[kBackDLoss]);
  const float *weight = launch.data<const float>(o[kBackRowWeight]), *saved = launch.data<const float>(o[kBackLse]);
  const int32_t* from = scratch.kept.rows;
  float *g = scratch.g, *lse = scratch.lse;
  const int64_t most = launch.most_rows(o[kBackH]);
  for_rows(launch, rows, most, [=] __device__(int64_t r, int32_t at) {
    if (at != 0) return;
    g[r] = *dloss.of(rows.lane_of(r)) * weight[from[r]];
    lse[r] = saved[from[r]];
  });
  return {rows, most};
}

// What each number of a chunk's logits needs of its row.
struct Coefficients {
  const float *g, *lse;
  const int32_t *kept, *labels;
  float even, label;  // e / V and 1 - e
  __device__ float probability(int64_t r, float logit) const { return ::expf(logit - lse[r]); }
  // g_t (p_tv - (1 - e) [v = label_t] - e / V)
  __device__ float of(int64_t r, int64_t v, float p) const { return g[r] * (p - even) - (v == labels[kept[r]] ? g[r] * label : 0.0f); }
};

inline Coefficients coefficients_of(const Launch& launch, const Instruction& i, const BackwardScratch& scratch) {
  const double smoothing = i.reals[0], words = static_cast<double>(i.operands[kBackW].rows);
  return {scratch.g, scratch.lse, scratch.kept.rows, launch.data<const int32_t>(i.operands[kBackLabel]), static_cast<float>(smoothing / words),
          static_cast<float>(1 - smoothing)};
}

// f(row, part of its words) for every part of a chunk's logits, of rows beyond the batch's too: their factors are 0, as they are terms of sums.
template <class F>
void for_parts(const Launch& launch, const HeadRows& rows, const Chunk& chunk, F f) {
  const auto part = [=] __device__(int64_t r, int32_t n) { f(r, Part<4>{n * 4}); };
  launch(numbers_kernel<decltype(part)>, blocks_for_numbers(launch, rows.most * chunk.stride / 4), kThreads, 0, Rows{nullptr, 1, static_cast<int32_t>(rows.most)},
         chunk.stride / 4, part);
}

// What becomes of factors: rounded for dW's product, and for db, whose sums are no product, as they are.
struct FactorsOut {
  Matrix of_product;
  float* plain;  // [rows, words] in the place of the logits
  int32_t stride;
  __device__ void put(int64_t r, Part<4> part, const Vector<float, 4>& v) const {
    of_product.put(r, part, v);
    if (of_product.bf16) store(plain + r * stride, part, v);
  }
};

// db of a chunk's words = the sums of the factors' columns, in float64.
inline void chunk_sums(const Launch& launch, Rows kept, const float* factors, const Chunk& chunk, const Operand& db) {
  const Laned<float> to = launch.laned<float>(db);
  const Rows rows = copies_of(launch, kept, db);
  const int64_t stride = chunk.stride;
  const auto factor = [=] __device__(int64_t r, Part<1> word, Vector<float, 1>* v) { v[0] = load(factors + r * stride, word); };
  const auto put = [=] __device__(int32_t lane, int32_t, int, int32_t v, double sum) { to.of(lane)[chunk.first + v] = static_cast<float>(sum); };
  launch_column_sums<1, 1, float>(launch, factor, LaneGroups{rows}, rows.lanes, 1, chunk.count, put);
}

}  // namespace primer::cuda
