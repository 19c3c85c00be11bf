// head_cross_entropy: a language-model head fused with cross-entropy and label smoothing e. With z_t = h_t W^T + b,
//   lse_t = log sum_v exp(z_tv), loss[lane] = sum over the lane's rows of w_t (lse_t - (1 - e) z_t[label_t] - e mean_v z_tv).
//   h [T, d], W [V, d], b [1, V] or none, shared or one copy a lane; label int32 [T], w [T, 1] -> loss [lanes][1, 1], lse [T, 1] (of
//   rows with w != 0) and, for training, slope [T, d] = w_t (sum_v p_tv W_v - (1 - e) W_label - e mean_v W_v).   Overwrites.
// Accumulation: float32 in products, and over a thread's words of a row; float64 over threads, chunks and rows.
//
// Rows with w = 0 are left out from the start: the others are gathered, how many there are the device finds. For each chunk of words a product
// makes the logits, a block a row turns them into exp(z - running maximum), and a second product adds them up over W's rows, the
// sum so far brought to the new maximum where it is stored (as in flash attention, Dao et al. 2022): two products instead of three.
// Floor: 2 T V d FLOP for the loss, 4 T V d with slope, and W read once, as a chunk of it stays in cache between its products.
// Expected on an H200 for BART-base (V 50,265, d 768) and T = 256 labels of a batch of 8: W as float32 154 MB, 36 us; with slope
// 39.5 GFLOP, 0.59 ms in float32, which is what is computed in every precision; 7 chunks of 8,192 words, whose exponentials move 16 MB of cache each, about 4 us.
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
  float *h, *logits, *mix;  // [T, d], [T, words], [T, d]
  double* row_loss;
  RowState state;
  WordSums mean;
  int64_t bytes;
  Scratch(Pieces pieces, const Instruction& i, int64_t lanes) : kept(pieces, i.operands[kH], lanes), mean(pieces, i.operands[kW], lanes) {
    const int64_t rows = i.operands[kH].rows, d = i.operands[kH].cols;
    h = pieces.take<float>(rows * d);
    logits = pieces.take<float>(rows * held_words(i.operands[kW], i.operands[kH]));
    mix = pieces.take<float>(rows * d);
    row_loss = pieces.take<double>(rows);
    state = {pieces.take<float>(rows), pieces.take<float>(rows), pieces.take<float>(rows), pieces.take<double>(rows), pieces.take<double>(rows)};
    bytes = pieces.bytes();
  }
};

int64_t scratch_bytes(const Instruction& i, int64_t lanes) { return Scratch(Pieces(nullptr), i, lanes).bytes; }

// Turns a chunk's logits into exp(z - top) with the new maxima, and adds them up; a block a row.
__global__ void __launch_bounds__(kThreads) exponentials_kernel(Rows rows, const int32_t* kept, const int32_t* labels, Chunk chunk, float* logits, RowState state) {
  __shared__ float tops[kThreads / kWarp];
  __shared__ double sums[kThreads / kWarp], logit_sums[kThreads / kWarp];
  const int64_t r = blockIdx.x;
  if (r >= rows.total()) return;
  const bool first = chunk.first == 0;
  float* row = logits + r * chunk.count;
  const float before = first ? kLowest : state.top[r];
  float held[kHeld], top = before, sum = 0, logit_sum = 0;
#pragma unroll
  for (int n = 0; n < kHeld; ++n) {
    const int v = n * kThreads + static_cast<int>(threadIdx.x);
    held[n] = v < chunk.count ? row[v] : -INFINITY;
    top = held[n] > top ? held[n] : top;
  }
  const int label = static_cast<int>(labels[kept[r]] - chunk.first);
  top = block_max(top, tops);
#pragma unroll
  for (int n = 0; n < kHeld; ++n) {
    const int v = n * kThreads + static_cast<int>(threadIdx.x);
    if (v >= chunk.count) break;
    if (v == label) state.gold[r] = held[n];
    logit_sum += held[n];
    row[v] = held[n] = ::expf(held[n] - top);
    sum += held[n];
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
void add_mix(const Launch& launch, const HeadRows& rows, const Head& head, const Chunk& chunk, const Scratch& scratch) {
  float* mix = scratch.mix;
  const float* factor = chunk.first == 0 ? nullptr : scratch.state.factor;
  const int64_t d = head.d;
  chunk_mix(launch, rows, scratch.logits, head.weight, d, chunk, [=] __device__(int32_t, int64_t r, int32_t c, float sum) {
    mix[r * d + c] = factor ? factor[r] * mix[r * d + c] + sum : sum;
  });
}

// What a row's state comes to: loss, lse and slope; a warp a row.
void finish_rows(const Launch& launch, const Instruction& i, const HeadRows& rows, const Scratch& scratch) {
  const auto& o = i.operands;
  const Labelled kept = scratch.kept;
  const RowState state = scratch.state;
  const Laned<const float> w = launch.laned<const float>(o[kW]), word_sums = scratch.mean.laned(o[kW]);
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
    if (at == 0) {
      const double of_row = static_cast<double>(state.top[r]) + ::log(state.sum[r]);
      lse[from] = static_cast<float>(of_row);
      row_loss[r] = weight * (of_row - (1 - smoothing) * static_cast<double>(state.gold[r]) - smoothing * state.logit_sum[r] / words);
    }
    if (!slope) return;
    const int32_t lane = heads.lane_of(r);
    const float label = static_cast<float>(weight * (1 - smoothing)), even = static_cast<float>(weight * smoothing / words);
    const float scale = static_cast<float>(weight / state.sum[r]);
    const float *of_label = w.of(lane) + labels[from] * d, *of_all = word_sums.of(lane);
    for (int64_t c = at; c < d; c += kWarp) {
      slope[from * d + c] = scale * mix[r * d + c] - label * of_label[c] - (even != 0 ? even * of_all[c] : 0.0f);
    }
  });
}

void head_cross_entropy(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Scratch scratch(Pieces(launch.scratch), i, launch.lanes);
  const Head head = head_of(launch, o[kW], o[kB]);
  const bool training = launch.present(o[kSlope]);
  keep_rows(launch, o[kH], o[kRowWeight], scratch.kept);
  gather_kept(launch, o[kH], scratch.kept, scratch.h);
  const HeadRows rows = head_rows(scratch.kept.of_lanes(launch), launch.most_rows(o[kH]), o[kW], o[kB]);
  if (training) clear_ignored(launch, o[kRowWeight], o[kSlope]);
  if (training && i.reals[0] != 0) sum_words(launch, o[kW], scratch.mean);
  for_chunks(head.words, held_words(o[kW], o[kH]), [&](const Chunk& chunk) {
    head_logits(launch, rows, scratch.h, head, chunk, scratch.logits);
    launch(exponentials_kernel, u32(rows.most), kThreads, 0, rows.rows, scratch.kept.rows, launch.data<const int32_t>(o[kLabel]), chunk, scratch.logits, scratch.state);
    if (training) add_mix(launch, rows, head, chunk, scratch);
  });
  finish_rows(launch, i, rows, scratch);
  sum_by_lane(launch, scratch.kept, scratch.row_loss, o[kLoss]);
}

PRIMER_REGISTER("head_cross_entropy", 8, head_cross_entropy, nullptr, scratch_bytes)

}  // namespace
}  // namespace primer::cuda
