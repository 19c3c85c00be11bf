// head_cross_entropy_tangent: how the loss, lse and slope of head_cross_entropy change with h, W and b. With z' = W h' + W' h + b',
// p = exp(z - lse), s_t = z'_t[label_t], u = z' - s and c_t = sum_v p_tv u_tv:
//   loss'[lane] = sum over the lane's rows of w_t (c_t - e mean_v u_tv), lse'_t = s_t + c_t,
//   slope'_t = w_t (sum_v p_tv (u_tv - c_t) W_v + sum_v p_tv W'_v - (1 - e) W'_label - e mean_v W'_v).
// The part with c needs no sum of its own: w_t sum_v p_tv W_v = slope_t + w_t ((1 - e) W_label + e mean_v W_v). And as in slope nothing is to cancel:
// sum_v p_tv W'_v - (1 - e) W'_label = sum over all v but the label of p_tv W'_v - (q - e) W'_label, q the sum of those p.
//   h [T, d], W [V, d], b [1, V] or none, label int32 [T], w [T, 1], lse [T, 1], slope [T, d], tangents of h, W, b, each or none
//   -> loss' [lanes][1, 1], lse' [T, 1] (of rows with w != 0), slope' [T, d] or none, then without slope.   Overwrites.
// Products and accumulation: as in head_cross_entropy; in bf16 tangents are rounded as what they belong to.
//
// Softmax and slope' are the same for any shift of z'. That by the label's keeps a row exact whose p is nearly 1 at its label, where
// sum p z' W and c sum p W would cancel: there u is 0, whatever the product's rounding. p is divided by its sum: lse, saved as float32, is
// off by a rounding, and so are the logits made again by another product.
// Floor: 4 T V d FLOP for loss', 6 T V d with slope', 4 T V d more where W moves.
// Expected (computed) on an H200 for BART-base and T = 256 with slope' and W fixed, 59 GFLOP: in bf16 75 us at 790 TFLOP/s, beside 47 us of the
// L2's bytes and 18 us of W, some 0.16 ms with 2 chunks of 5 launches; in TF32 0.3 ms; in float32 0.89 ms of FMA, W 36 us.
#include "head_tangent.cuh"

namespace primer::cuda {
namespace {

// operands h, W, b, label, w, lse, slope, h', W', b', loss', lse', slope'; reals e
enum { kH, kW, kB, kLabel, kRowWeight, kLse, kSlope, kTangents, kLossTangent = kTangents + 3, kLseTangent, kSlopeTangent };

// Of kept rows: s, and sum_v p u, sum_v p, that without the label's, sum_v u.
struct RowState {
  float* shift;
  double *sum, *total, *others, *even;
  __device__ double change(int64_t r) const { return sum[r] / total[r]; }  // c_t
};

struct Scratch {
  Labelled kept;
  float *logits, *sums, *mix;  // [T, words], sums of parts, [T, d] sum_v p u W_v + p W'_v without the label's
  Matrix h, factors;           // [T, d], [T, words]
  Bf16* words;
  TangentScratch tangent;
  Matrix tangent_factors;      // [T, words]
  double* row_loss;
  RowState state;
  WordSums mean, mean_tangent;
  int64_t bytes;
  Scratch(Pieces pieces, const Instruction& i, int64_t lanes, Precision precision)
      : kept(pieces, i.operands[kH], lanes), tangent(pieces, i.operands[kH], i.operands[kTangents + 1], of_chunk(i), lanes, precision),
        mean(pieces, i.operands[kW], lanes), mean_tangent(pieces, i.operands[kW], lanes) {
    const int64_t rows = i.operands[kH].rows, d = i.operands[kH].cols;
    logits = pieces.take<float>(rows * of_chunk(i));
    sums = take_mix_parts(pieces, rows, d);
    mix = pieces.take<float>(rows * d);
    h = take_matrix(pieces, precision, rows, d);
    factors = take_factors(pieces, precision, rows, of_chunk(i), logits);
    tangent_factors = take_factors(pieces, precision, rows, of_chunk(i), tangent.logits);
    words = take_words(pieces, precision, i.operands[kW], of_chunk(i), lanes);
    row_loss = pieces.take<double>(rows);
    state = {pieces.take<float>(rows), pieces.take<double>(rows), pieces.take<double>(rows), pieces.take<double>(rows), pieces.take<double>(rows)};
    bytes = pieces.bytes();
  }
  static int64_t of_chunk(const Instruction& i) { return chunk_words(i.operands[kW].rows, i.operands[kH].rows); }
};

int64_t scratch_bytes(const Instruction& i, int64_t lanes, Precision precision) { return Scratch(Pieces(nullptr), i, lanes, precision).bytes; }

// s_t = z'_t[label_t], in float64 of the products' factors; a warp a row.
void label_tangents(const Launch& launch, const Instruction& i, const HeadRows& rows, const HeadTangent& tangent, const Scratch& scratch) {
  const int32_t *labels = launch.data<const int32_t>(i.operands[kLabel]), *kept = scratch.kept.rows;
  const WordReader w = reader_of(launch, i.operands[kW]), w_tangent = reader_of(launch, tangent.weight);
  const Matrix h = scratch.h, h_tangent = tangent.h;
  const bool h_moves = tangent.h_moves;
  const Laned<const float> bias = tangent.bias;
  float* shift = scratch.state.shift;
  const Rows heads = rows.rows;
  const int64_t d = i.operands[kH].cols;
  for_rows(launch, heads, rows.most, [=] __device__(int64_t r, int32_t at) {
    const int32_t lane = heads.lane_of(r), label = labels[kept[r]];
    double sum = 0;
    for (int64_t c = at; c < d; c += kWarp) {
      if (h_moves) sum += static_cast<double>(h_tangent.at(r, c)) * static_cast<double>(w.at(lane, label, c));
      if (w_tangent) sum += static_cast<double>(h.at(r, c)) * static_cast<double>(w_tangent.at(lane, label, c));
    }
    sum = warp_sum(sum);
    if (at == 0) shift[r] = static_cast<float>(sum + (bias ? static_cast<double>(bias.of(lane)[label]) : 0.0));
  });
}

// Turns a chunk's logits z and z' into p and p u, 0 at the label, and adds up u, p and p u; a block a row.
template <int kBlock>
__global__ void __launch_bounds__(kBlock) weigh_kernel(Rows rows, const int32_t* kept, const int32_t* labels, const float* lse, BiasedLogits logits,
                                                       BiasedLogits moved, Matrix factors, Matrix tangent_factors, RowState state) {
  __shared__ double parts[4][kBlock / kWarp];
  const int64_t r = blockIdx.x;
  if (r >= rows.total()) return;
  const Chunk chunk = logits.chunk;
  const int32_t lane = logits.lane_of(rows, r), lane_moved = moved.lane_of(rows, r);
  const float of_row = lse[kept[r]], shift = state.shift[r];
  const int label = static_cast<int>(labels[kept[r]] - chunk.first);
  float sum = 0, others = 0, of_label = 0, even = 0;
  for (int c = static_cast<int>(threadIdx.x) * 4; c < chunk.stride; c += kBlock * 4) {
    const Part<4> part{c};
    Vector<float, 4> z = logits.at(r, lane, part, -INFINITY), u = moved.at(r, lane_moved, part, shift);
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      const float p = ::expf(z.n[e] - of_row), change = c + e == label ? 0.0f : u.n[e] - shift;
      if (c + e == label) of_label = p;
      z.n[e] = c + e == label ? 0.0f : p;
      u.n[e] = p * change;
      even += change;
      others += z.n[e];
      sum += u.n[e];
    }
    factors.put(r, part, z);
    tangent_factors.put(r, part, u);
  }
  const double all[4] = {block_sum(static_cast<double>(sum), parts[0]), block_sum(static_cast<double>(others), parts[1]),
                         block_sum(static_cast<double>(of_label), parts[2]), block_sum(static_cast<double>(even), parts[3])};
  if (threadIdx.x != 0) return;
  const bool first = chunk.first == 0;
  state.sum[r] = first ? all[0] : state.sum[r] + all[0];
  state.others[r] = first ? all[1] : state.others[r] + all[1];
  state.total[r] = first ? all[1] + all[2] : state.total[r] + all[1] + all[2];
  state.even[r] = first ? all[3] : state.even[r] + all[3];
}

// mix (+)= factors W.
void add_mix(const Launch& launch, const HeadRows& rows, const Factors& factors, const Words& words, const Chunk& chunk, const Scratch& scratch, bool add) {
  float* mix = scratch.mix;
  const int64_t d = words.d;
  chunk_mix(launch, rows, factors, words, chunk, scratch.sums, [=] __device__(int64_t r, int32_t c, float sum) {
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
  const WordReader w = reader_of(launch, o[kW]), w_tangent = reader_of(launch, tangent.weight);
  const Laned<const float> mean = scratch.mean.laned(o[kW]), mean_tangent = scratch.mean_tangent.laned(o[kW]);
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
    const float of_label = static_cast<float>(weight * (1 - smoothing)), of_others = static_cast<float>(weight * (state.others[r] / state.total[r] - smoothing));
    const float of_mean = static_cast<float>(weight * smoothing / words);
    for (int64_t c = at; c < d; c += kWarp) {
      float of_weight = of_label * w.at(lane, label, c), of_tangent = w_tangent ? of_others * w_tangent.at(lane, label, c) : 0.0f;
      if (of_mean != 0) of_weight += of_mean * mean.of(lane)[c];
      if (of_mean != 0 && w_tangent) of_tangent += of_mean * mean_tangent.of(lane)[c];
      out[from * d + c] = scale * mix[r * d + c] - change * (slope[from * d + c] + of_weight) - of_tangent;
    }
  });
}

void run_chunk(const Launch& launch, const Instruction& i, const HeadRows& rows, const HeadTangent& tangent, const Chunk& chunk, const Scratch& scratch) {
  const auto& o = i.operands;
  const Words words = words_of(launch, o[kW], chunk, scratch.words);
  chunk_logits(launch, rows, scratch.h, words, chunk, scratch.logits);
  const Words tangent_words = chunk_tangent(launch, rows, tangent, words, scratch.h, chunk, scratch.tangent);
  launch(wide(chunk) ? weigh_kernel<kWideBlock> : weigh_kernel<kNarrowBlock>, u32(rows.most), wide(chunk) ? kWideBlock : kNarrowBlock, 0, rows.rows,
         scratch.kept.rows, launch.data<const int32_t>(o[kLabel]), launch.data<const float>(o[kLse]),
         BiasedLogits{scratch.logits, launch.laned<const float>(o[kB]), chunk}, BiasedLogits{scratch.tangent.logits, tangent.bias, chunk}, scratch.factors,
         scratch.tangent_factors, scratch.state);
  if (!launch.present(o[kSlopeTangent])) return;
  add_mix(launch, rows, scratch.tangent_factors, words, chunk, scratch, chunk.first != 0);
  if (tangent.weight_moves) add_mix(launch, rows, scratch.factors, tangent_words, chunk, scratch, true);
}

void head_cross_entropy_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Scratch scratch(Pieces(launch.scratch), i, launch.lanes, launch.precision);
  const HeadRows rows{scratch.kept.of_lanes(launch), launch.most_rows(o[kH])};
  keep_rows(launch, o[kH], o[kRowWeight], scratch.kept);
  gather_kept(launch, o[kH], scratch.kept, scratch.h);
  const HeadTangent tangent = head_tangent_of(launch, i, kTangents, scratch.kept, scratch.tangent);
  label_tangents(launch, i, rows, tangent, scratch);
  for_chunks(o[kW].rows, Scratch::of_chunk(i), [&](const Chunk& chunk) { run_chunk(launch, i, rows, tangent, chunk, scratch); });
  finish_rows(launch, i, rows, scratch);
  sum_by_lane(launch, scratch.kept, scratch.row_loss, o[kLossTangent]);
  if (!launch.present(o[kSlopeTangent])) return;
  clear_ignored(launch, o[kRowWeight], o[kSlopeTangent]);
  if (i.reals[0] != 0) sum_words(launch, o[kW], scratch.mean);
  if (i.reals[0] != 0 && tangent.weight_moves) sum_words(launch, o[kTangents + 1], scratch.mean_tangent);
  set_slopes(launch, i, rows, tangent, scratch);
}

PRIMER_REGISTER("head_cross_entropy_tangent", 13, head_cross_entropy_tangent, nullptr, scratch_bytes, kDense)

}  // namespace
}  // namespace primer::cuda
