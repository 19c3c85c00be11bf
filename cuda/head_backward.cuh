// The derivatives of head_cross_entropy by W and b: what the op and its tangent share. Both begin with the same operands.
#pragma once

#include "device/column_sums.cuh"
#include "head_labels.cuh"

namespace primer::cuda {

// dloss, h, W, b, label, w, lse
enum { kBackDLoss, kBackH, kBackW, kBackB, kBackLabel, kBackRowWeight, kBackLse, kBackMore };

struct BackwardScratch {
  Labelled kept;
  float *h, *logits, *g, *lse;  // [T, d], [T, words], [T], [T]
  BackwardScratch(Pieces& pieces, const Instruction& i, int64_t lanes) : kept(pieces, i.operands[kBackH], lanes) {
    const Operand& of = i.operands[kBackH];
    h = pieces.take<float>(of.rows * of.cols);
    logits = pieces.take<float>(of.rows * held_words(i.operands[kBackW], of));
    g = pieces.take<float>(of.rows);
    lse = pieces.take<float>(of.rows);
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
  return head_rows(rows, most, o[kBackW], o[kBackB]);
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

// Copies of a gradient: the rows of each lane, or of all lanes for one that they share.
inline Rows copies_of(Rows kept, const Operand& gradient) { return gradient.lane_stride == 0 ? kept.merged() : kept; }

// dW of a chunk's words (+)= factors [rows, words]^T x [rows, d].   Accumulation: float32, over rows in ascending order.
inline void chunk_outer(const Launch& launch, Rows kept, const float* factors, const float* x, const Chunk& chunk, const Operand& dw, bool add = false) {
  const Laned<float> to = launch.laned<float>(dw);
  const int64_t d = dw.cols;
  gemm(launch, {columns_of(factors, chunk.count), columns_of(x, d), copies_of(kept, dw), Along::terms, chunk.count, static_cast<int32_t>(d), 0}, 0,
       [=] __device__(int32_t lane, int64_t v, int32_t c, float sum) {
         float& out = to.of(lane)[(chunk.first + v) * d + c];
         out = add ? out + sum : sum;
       });
}

// db of a chunk's words = the sums of the factors' columns, in float64.
inline void chunk_sums(const Launch& launch, Rows kept, const float* factors, const Chunk& chunk, const Operand& db) {
  const Laned<float> to = launch.laned<float>(db);
  const Rows rows = copies_of(kept, db);
  const auto factor = [=] __device__(int64_t r, Part<1> word, Vector<float, 1>* v) { v[0] = load(factors + r * chunk.count, word); };
  const auto put = [=] __device__(int32_t lane, int32_t, int, int32_t v, double sum) { to.of(lane)[chunk.first + v] = static_cast<float>(sum); };
  launch_column_sums<1, 1, float>(launch, factor, LaneGroups{rows}, rows.lanes, 1, chunk.count, put);
}

}  // namespace primer::cuda
