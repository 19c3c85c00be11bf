// head_cross_entropy: a language-model head fused with cross-entropy and label smoothing e. With z_t = h_t W^T + b,
//   lse_t = log sum_v exp(z_tv), loss[lane] = sum over the lane's rows of w_t (lse_t - (1 - e) z_t[label_t] - e mean_v z_tv).
//   h [T, d], W [V, d], b [1, V] or none, shared or one copy a lane; label int32 [T], w [T, 1] -> loss [lanes][1, 1], lse [T, 1] (of
//   rows with w != 0) and, for training, slope [T, d] = w_t (sum_v p_tv W_v - (1 - e) W_label - e mean_v W_v).   Overwrites.
// Products: in the program's precision (head_products.cuh); in bf16 what is said of W and h is of their rounded numbers, and the factors of
// W's rows are rounded in the second product, those of labels apart from it. Accumulation: float32 in products, over parts of words and over a
// thread's words of a row; float64 over threads, chunks and rows.
//
// Rows with w = 0 are left out from the start: the others are gathered, how many there are the device finds. For each chunk of words a product
// makes the logits, a block a row turns them into exp(z - running maximum), and a second product adds them up over W's rows, the
// sum so far brought to the new maximum (as in flash attention, Dao et al. 2022): two products instead of three. The label's word is left out of
// that sum: with q = sum of p_tv over all v but the label, slope_t = w_t (sum over those of p_tv W_v - (q - e) W_label - e mean_v W_v), in which
// nothing cancels where p is nearly 1 at the label, whatever factors were rounded to.
// Floor: 2 T V d FLOP for the loss, 4 T V d with slope, and W read once, as a chunk of it stays in cache between its products.
// Expected (computed) on an H200 for BART-base (V 50,265, d 768) and T = 256 labels of a batch of 8, with slope 39.5 GFLOP: in bf16 50 us at 790
// TFLOP/s, beside 28 us of the L2's bytes and 18 us of W (77 MB); 2 chunks of 25,600 words with 4 launches each and 7 around them at 2.5 us are 38 us:
// some 0.1 ms. In TF32 twice the products' time and W's, 0.2 ms. In float32 0.59 ms of FMA at its peak, W 36 us.
#include "head_labels.cuh"

namespace primer::cuda {
namespace {

// operands h, W, b, label, w, loss, lse, slope; reals e
enum { kH, kW, kB, kLabel, kRowWeight, kLoss, kLse, kSlope };

// Of kept rows; kept from one chunk to the next.
struct RowState {
  float *top, *factor, *gold;
  double *sum, *logit_sum;
};

struct Scratch {
  Labelled kept;
  float *logits, *sums, *mix;  // [T, words], sums of parts, [T, d]
  Matrix h, factors;           // [T, d], [T, words]
  Bf16* words;
  double* row_loss;
  RowState state;
  WordSums mean;
  int64_t bytes;
  Scratch(Pieces pieces, const Instruction& i, int64_t lanes, Precision precision) : kept(pieces, i.operands[kH], lanes), mean(pieces, i.operands[kW], lanes) {
    const int64_t rows = i.operands[kH].rows, d = i.operands[kH].cols, of_chunk = chunk_words(i.operands[kW].rows, rows);
    logits = pieces.take<float>(rows * of_chunk);
    sums = take_mix_parts(pieces, rows, d);
    mix = pieces.take<float>(rows * d);
    h = take_matrix(pieces, precision, rows, d);
    factors = take_factors(pieces, precision, rows, of_chunk, logits);
    words = take_words(pieces, precision, i.operands[kW], of_chunk, lanes);
    row_loss = pieces.take<double>(rows);
    state = {pieces.take<float>(rows), pieces.take<float>(rows), pieces.take<float>(rows), pieces.take<double>(rows), pieces.take<double>(rows)};
    bytes = pieces.bytes();
  }
};

int64_t scratch_bytes(const Instruction& i, int64_t lanes, Precision precision) { return Scratch(Pieces(nullptr), i, lanes, precision).bytes; }

// Turns a chunk's logits into exp(z - top) with the new maxima, 0 at the label, and adds them up; a block a row.
template <int kBlock>
__global__ void __launch_bounds__(kBlock) exponentials_kernel(Rows rows, const int32_t* kept, const int32_t* labels, BiasedLogits logits, Matrix factors,
                                                              RowState state) {
  __shared__ float tops[kBlock / kWarp];
  __shared__ double sums[kBlock / kWarp], logit_sums[kBlock / kWarp];
  const int64_t r = blockIdx.x;
  if (r >= rows.total()) return;
  const Chunk chunk = logits.chunk;
  const bool first = chunk.first == 0;
  const int32_t lane = logits.lane_of(rows, r);
  const float before = first ? kLowest : state.top[r];
  Vector<float, 4> held[kHeldParts];
  float top = before, sum = 0, logit_sum = 0;
#pragma unroll
  for (int n = 0; n < kHeldParts; ++n) {
    const Part<4> part{(n * kBlock + static_cast<int>(threadIdx.x)) * 4};
    held[n] = part.c < chunk.stride ? logits.at(r, lane, part, -INFINITY) : filled(-INFINITY, part);
    const float highest = greatest(held[n]);
    top = highest > top ? highest : top;
  }
  const int label = static_cast<int>(labels[kept[r]] - chunk.first);
  top = block_max(top, tops);
#pragma unroll
  for (int n = 0; n < kHeldParts; ++n) {
    const Part<4> part{(n * kBlock + static_cast<int>(threadIdx.x)) * 4};
    if (part.c >= chunk.stride) break;
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      float& z = held[n].n[e];
      const int v = part.c + e;
      if (v < chunk.count) logit_sum += z;
      if (v == label) state.gold[r] = z;
      z = v == label ? 0.0f : ::expf(z - top);
      sum += z;
    }
    factors.put(r, part, held[n]);
  }
  const double total = block_sum(static_cast<double>(sum), sums), logit_total = block_sum(static_cast<double>(logit_sum), logit_sums);
  if (threadIdx.x != 0) return;
  const float factor = first ? 0.0f : ::expf(before - top);
  state.top[r] = top;
  state.factor[r] = factor;
  state.sum[r] = first ? total : state.sum[r] * static_cast<double>(factor) + total;
  state.logit_sum[r] = first ? logit_total : state.logit_sum[r] + logit_total;
}

// mix = factor mix + exp(z - top) W.
void add_mix(const Launch& launch, const HeadRows& rows, const Words& words, const Chunk& chunk, const Scratch& scratch) {
  float* mix = scratch.mix;
  const float* factor = chunk.first == 0 ? nullptr : scratch.state.factor;
  const int64_t d = words.d;
  chunk_mix(launch, rows, scratch.factors, words, chunk, scratch.sums, [=] __device__(int64_t r, int32_t c, float sum) {
    mix[r * d + c] = factor ? factor[r] * mix[r * d + c] + sum : sum;
  });
}

// What a row's state comes to: loss, lse and slope; a warp a row.
void finish_rows(const Launch& launch, const Instruction& i, const HeadRows& rows, const Scratch& scratch) {
  const auto& o = i.operands;
  const Labelled kept = scratch.kept;
  const RowState state = scratch.state;
  const WordReader w = reader_of(launch, o[kW]);
  const Laned<const float> word_sums = scratch.mean.laned(o[kW]);
  const float *weights = launch.data<const float>(o[kRowWeight]), *mix = scratch.mix;
  const int32_t* labels = launch.data<const int32_t>(o[kLabel]);
  float *lse = launch.data<float>(o[kLse]), *slope = launch.data<float>(o[kSlope]);
  double* row_loss = scratch.row_loss;
  const Rows heads = rows.rows;
  const int64_t d = o[kH].cols;
  const double smoothing = i.reals[0], words = static_cast<double>(o[kW].rows);
  for_rows(launch, heads, rows.most, [=] __device__(int64_t r, int32_t at) {
    const int32_t from = kept.rows[r];
    const double weight = static_cast<double>(weights[from]);
    const double total = state.sum[r] + ::exp(static_cast<double>(state.gold[r]) - static_cast<double>(state.top[r]));
    if (at == 0) {
      const double of_row = static_cast<double>(state.top[r]) + ::log(total);
      lse[from] = static_cast<float>(of_row);
      row_loss[r] = weight * (of_row - (1 - smoothing) * static_cast<double>(state.gold[r]) - smoothing * state.logit_sum[r] / words);
    }
    if (!slope) return;
    const int32_t lane = heads.lane_of(r);
    const float label = static_cast<float>(weight * (state.sum[r] / total - smoothing)), even = static_cast<float>(weight * smoothing / words);
    const float scale = static_cast<float>(weight / total);
    const float* of_all = word_sums.of(lane);
    for (int64_t c = at; c < d; c += kWarp) {
      slope[from * d + c] = scale * mix[r * d + c] - label * w.at(lane, labels[from], c) - (even != 0 ? even * of_all[c] : 0.0f);
    }
  });
}

void run_chunk(const Launch& launch, const Instruction& i, const HeadRows& rows, const Chunk& chunk, const Scratch& scratch) {
  const auto& o = i.operands;
  const Words words = words_of(launch, o[kW], chunk, scratch.words);
  chunk_logits(launch, rows, scratch.h, words, chunk, scratch.logits);
  launch(wide(chunk) ? exponentials_kernel<kWideBlock> : exponentials_kernel<kNarrowBlock>, u32(rows.most), wide(chunk) ? kWideBlock : kNarrowBlock, 0, rows.rows,
         scratch.kept.rows, launch.data<const int32_t>(o[kLabel]), BiasedLogits{scratch.logits, launch.laned<const float>(o[kB]), chunk}, scratch.factors,
         scratch.state);
  if (launch.present(o[kSlope])) add_mix(launch, rows, words, chunk, scratch);
}

void head_cross_entropy(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Scratch scratch(Pieces(launch.scratch), i, launch.lanes, launch.precision);
  const HeadRows rows{scratch.kept.of_lanes(launch), launch.most_rows(o[kH])};
  const bool training = launch.present(o[kSlope]);
  keep_rows(launch, o[kH], o[kRowWeight], scratch.kept);
  gather_kept(launch, o[kH], scratch.kept, scratch.h);
  if (training) clear_ignored(launch, o[kRowWeight], o[kSlope]);
  if (training && i.reals[0] != 0) sum_words(launch, o[kW], scratch.mean);
  for_chunks(o[kW].rows, chunk_words(o[kW].rows, o[kH].rows), [&](const Chunk& chunk) { run_chunk(launch, i, rows, chunk, scratch); });
  finish_rows(launch, i, rows, scratch);
  sum_by_lane(launch, scratch.kept, scratch.row_loss, o[kLoss]);
}

PRIMER_REGISTER("head_cross_entropy", 8, head_cross_entropy, nullptr, scratch_bytes, kDense)

}  // namespace
}  // namespace primer::cuda
