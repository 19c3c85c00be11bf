// head_cross_entropy_tangent: how the loss, lse and slope of head_cross_entropy change with h, W and b. With z' = W h' + W' h + b',
// p = exp(z - lse), s_t = z'_t[label_t], u = z' - s and c_t = sum_v p_tv u_tv:
//   loss'[lane] = sum over the lane's rows of w_t (c_t - e mean_v u_tv), lse'_t = s_t + c_t,
//   slope'_t = w_t (sum_v p_tv (u_tv - c_t) W_v + sum_v p_tv W'_v - (1 - e) W'_label - e mean_v W'_v).
// The part with c needs no sum of its own: w_t sum_v p_tv W_v = slope_t + w_t ((1 - e) W_label + e mean_v W_v).
//   h [T, d], W [V, d], b [1, V] or none, label int32 [T], w [T, 1], lse [T, 1], slope [T, d], tangents of h, W, b, each or none
//   -> loss' [lanes][1, 1], lse' [T, 1] (of rows with w != 0), slope' [T, d] or none, then without slope.   Overwrites.
// Accumulation: as in head_cross_entropy.
//
// Softmax and slope' are the same for any shift of z'. That by the label's keeps a row exact whose p is nearly 1 at its label, where
// sum p z' W and c sum p W would cancel: there u is 0, whatever the product's rounding. p is divided by its sum: lse, saved as float32, is
// off by a rounding, and so are the logits made again by another product.
// Floor: 4 T V d FLOP for loss', 6 T V d with slope', 4 T V d more where W moves.
// Expected on an H200 for BART-base and T = 256 with slope' and W fixed: 59 GFLOP, 0.89 ms in float32, the one precision here; W 36 us.
#include "head_tangent.cuh"

namespace primer::cuda {
namespace {

// operands h, W, b, label, w, lse, slope, h', W', b', loss', lse', slope'; reals e
enum { kH, kW, kB, kLabel, kRowWeight, kLse, kSlope, kTangents, kLossTangent = kTangents + 3, kLseTangent, kSlopeTangent };

// Of kept rows: s, and sum_v p u, sum_v p, sum_v u.
struct RowState {
  float* shift;
  double *sum, *total, *even;
  __device__ double change(int64_t r) const { return sum[r] / total[r]; }  // c_t
};

struct Scratch {
  Labelled kept;
  float *h, *logits, *h_tangent, *moved, *mix;  // [T, d], [T, words], [T, d], [T, words], [T, d] sum_v p u W_v + p W'_v
  double* row_loss;
  RowState state;
  WordSums mean, mean_tangent;
  int64_t bytes;
  Scratch(Pieces pieces, const Instruction& i, int64_t lanes)
      : kept(pieces, i.operands[kH], lanes), mean(pieces, i.operands[kW], lanes), mean_tangent(pieces, i.operands[kW], lanes) {
    const int64_t rows = i.operands[kH].rows, d = i.operands[kH].cols, words = held_words(i.operands[kW], i.operands[kH]);
    h = pieces.take<float>(rows * d);
    logits = pieces.take<float>(rows * words);
    h_tangent = pieces.take<float>(rows * d);
    moved = pieces.take<float>(rows * words);
    mix = pieces.take<float>(rows * d);
    row_loss = pieces.take<double>(rows);
    state = {pieces.take<float>(rows), pieces.take<double>(rows), pieces.take<double>(rows), pieces.take<double>(rows)};
    bytes = pieces.bytes();
  }
};

int64_t scratch_bytes(const Instruction& i, int64_t lanes) { return Scratch(Pieces(nullptr), i, lanes).bytes; }

// s_t = z'_t[label_t], in float64; a warp a row.
void label_tangents(const Launch& launch, const Instruction& i, const HeadRows& rows, const Head& head, const HeadTangent& tangent, const Scratch& scratch) {
  const int32_t *labels = launch.data<const int32_t>(i.operands[kLabel]), *kept = scratch.kept.rows;
  const float* h = scratch.h;
  float* shift = scratch.state.shift;
  const Rows heads = rows.rows;
  for_rows(launch, heads, rows.most, [=] __device__(int64_t r, int32_t at) {
    const int64_t label = labels[kept[r]], lane = heads.lane_of(r), d = head.d;
    double sum = 0;
    for (int64_t c = at; c < d; c += kWarp) {
      if (tangent.h) sum += static_cast<double>(tangent.h[r * d + c]) * static_cast<double>(head.weight.of(lane)[label * d + c]);
      if (tangent.weight.data) sum += static_cast<double>(h[r * d + c]) * static_cast<double>(tangent.weight.of(lane)[label * d + c]);
    }
    sum = warp_sum(sum);
    if (at == 0) shift[r] = static_cast<float>(sum + (tangent.bias ? static_cast<double>(tangent.bias.of(lane)[label]) : 0.0));
  });
}

// Turns a chunk's logits z and z' into p and p u, and adds up u, p and p u; a block a row.
__global__ void __launch_bounds__(kThreads) weigh_kernel(Rows rows, const int32_t* kept, const int32_t* labels, const float* lse, Chunk chunk, float* logits,
                                                         float* moved, RowState state) {
  __shared__ double parts[3][kThreads / kWarp];
  const int64_t r = blockIdx.x;
  if (r >= rows.total()) return;
  const float of_row = lse[kept[r]], shift = state.shift[r];
  const int label = static_cast<int>(labels[kept[r]] - chunk.first);
  float sum = 0, total = 0, even = 0;
  for (int v = static_cast<int>(threadIdx.x); v < chunk.count; v += kThreads) {
    float &z = logits[r * chunk.count + v], &u = moved[r * chunk.count + v];
    const float p = ::expf(z - of_row), change = v == label ? 0.0f : u - shift;
    z = p;
    u = p * change;
    even += change;
    total += p;
    sum += p * change;
  }
  const double all[3] = {block_sum(static_cast<double>(sum), parts[0]), block_sum(static_cast<double>(total), parts[1]), block_sum(static_cast<double>(even), parts[2])};
  if (threadIdx.x != 0) return;
  const bool first = chunk.first == 0;
  state.sum[r] = first ? all[0] : state.sum[r] + all[0];
  state.total[r] = first ? all[1] : state.total[r] + all[1];
  state.even[r] = first ? all[2] : state.even[r] + all[2];
}

// mix += factors w.
void add_mix(const Launch& launch, const HeadRows& rows, const float* factors, Laned<const float> w, int64_t d, const Chunk& chunk, float* mix, bool add) {
  chunk_mix(launch, rows, factors, w, d, chunk, [=] __device__(int32_t, int64_t r, int32_t c, float sum) {
    mix[r * d + c] = add ? mix[r * d + c] + sum : sum;
  });
}

void finish_rows(const Launch& launch, const Instruction& i, const HeadRows& rows, const Scratch& scratch) {
  const auto& o = i.operands;
  const int32_t* kept = scratch.kept.rows;
  const RowState state = scratch.state;
  const float* weights = launch.data<const float>(o[kRowWeight]);
  float* lse = launch.data<float>(o[kLseTangent]);
  double* row_loss = scratch.row_loss;
  const double smoothing = i.reals[0], words = static_cast<double>(o[kW].rows);
  for_rows(launch, rows.rows, rows.most, [=] __device__(int64_t r, int32_t at) {
    if (at != 0) return;
    lse[kept[r]] = static_cast<float>(static_cast<double>(state.shift[r]) + state.change(r));
    row_loss[r] = static_cast<double>(weights[kept[r]]) * (state.change(r) - smoothing * state.even[r] / words);
  });
}

void set_slopes(const Launch& launch, const Instruction& i, const HeadRows& rows, const HeadTangent& tangent, const Scratch& scratch) {
  const auto& o = i.operands;
  const int32_t *labels = launch.data<const int32_t>(o[kLabel]), *kept = scratch.kept.rows;
  const RowState state = scratch.state;
  const Laned<const float> w = launch.laned<const float>(o[kW]), w_tangent = tangent.weight, mean = scratch.mean.laned(o[kW]);
  const Laned<const float> mean_tangent = scratch.mean_tangent.laned(o[kW]);
  const float *weights = launch.data<const float>(o[kRowWeight]), *slope = launch.data<const float>(o[kSlope]), *mix = scratch.mix;
  float* out = launch.data<float>(o[kSlopeTangent]);
  const Rows heads = rows.rows;
  const int64_t d = o[kH].cols;
  const double smoothing = i.reals[0], words = static_cast<double>(o[kW].rows);
  for_rows(launch, heads, rows.most, [=] __device__(int64_t r, int32_t at) {
    const int64_t from = kept[r], label = labels[from];
    const int32_t lane = heads.lane_of(r);
    const double weight = static_cast<double>(weights[from]);
    const float change = static_cast<float>(state.change(r)), scale = static_cast<float>(weight / state.total[r]);
    const float of_label = static_cast<float>(weight * (1 - smoothing)), of_mean = static_cast<float>(weight * smoothing / words);
    for (int64_t c = at; c < d; c += kWarp) {
      float of_weight = of_label * w.of(lane)[label * d + c], of_tangent = w_tangent ? of_label * w_tangent.of(lane)[label * d + c] : 0.0f;
      if (of_mean != 0) of_weight += of_mean * mean.of(lane)[c];
      if (of_mean != 0 && w_tangent) of_tangent += of_mean * mean_tangent.of(lane)[c];
      out[from * d + c] = scale * mix[r * d + c] - change * (slope[from * d + c] + of_weight) - of_tangent;
    }
  });
}

void run_chunk(const Launch& launch, const Instruction& i, const HeadRows& rows, const Head& head, const HeadTangent& tangent, const Chunk& chunk,
               const Scratch& scratch) {
  const auto& o = i.operands;
  head_logits(launch, rows, scratch.h, head, chunk, scratch.logits);
  chunk_tangent(launch, rows, tangent, head, scratch.h, chunk, scratch.moved);
  launch(weigh_kernel, u32(rows.most), kThreads, 0, rows.rows, scratch.kept.rows, launch.data<const int32_t>(o[kLabel]), launch.data<const float>(o[kLse]), chunk,
         scratch.logits, scratch.moved, scratch.state);
  if (!launch.present(o[kSlopeTangent])) return;
  add_mix(launch, rows, scratch.moved, head.weight, head.d, chunk, scratch.mix, chunk.first != 0);
  if (tangent.weight.data) add_mix(launch, rows, scratch.logits, tangent.weight, head.d, chunk, scratch.mix, true);
}

void head_cross_entropy_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Scratch scratch(Pieces(launch.scratch), i, launch.lanes);
  const Head head = head_of(launch, o[kW], o[kB]);
  keep_rows(launch, o[kH], o[kRowWeight], scratch.kept);
  gather_kept(launch, o[kH], scratch.kept, scratch.h);
  const HeadRows rows = head_rows(scratch.kept.of_lanes(launch), launch.most_rows(o[kH]), o[kW], o[kB]);
  const HeadTangent tangent = head_tangent_of(launch, i, kTangents, scratch.kept, scratch.h_tangent);
  label_tangents(launch, i, rows, head, tangent, scratch);
  for_chunks(head.words, held_words(o[kW], o[kH]), [&](const Chunk& chunk) { run_chunk(launch, i, rows, head, tangent, chunk, scratch); });
  finish_rows(launch, i, rows, scratch);
  sum_by_lane(launch, scratch.kept, scratch.row_loss, o[kLossTangent]);
  if (!launch.present(o[kSlopeTangent])) return;
  clear_ignored(launch, o[kRowWeight], o[kSlopeTangent]);
  if (i.reals[0] != 0) sum_words(launch, o[kW], scratch.mean);
  if (i.reals[0] != 0 && tangent.weight.data) sum_words(launch, o[kTangents + 1], scratch.mean_tangent);
  set_slopes(launch, i, rows, tangent, scratch);
}

PRIMER_REGISTER("head_cross_entropy_tangent", 13, head_cross_entropy_tangent, nullptr, scratch_bytes)

}  // namespace
}  // namespace primer::cuda
