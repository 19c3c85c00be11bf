// head_cross_entropy: a language-model head fused with cross-entropy and label smoothing e. With z_t = h_t W^T + b,
//   lse_t = log sum_v exp(z_tv), loss[lane] = sum over the lane's rows of w_t (lse_t - (1 - e) z_t[label_t] - e mean_v z_tv).
//   h [T, d], W [V, d], b [1, V] or none, shared or one copy a lane; label int32 [T], w [T, 1] -> loss [lanes][1, 1], lse [T, 1] (of
//   rows with w != 0) and, for training, slope [T, d] = w_t (sum_v p_tv W_v - (1 - e) W_label - e mean_v W_v).
// Accumulation: float32 within a chunk of words and over chunks, float64 over threads and rows.
//
// Rows with w = 0 are left out from the start. Threads share the vocabulary; each keeps its own running maximum, sum and, for
// training, mix = sum_v exp(z_tv - maximum) W_v [rows, d], as flash attention does (Dao et al. 2022), so that the gradient needs no
// second pass over the vocabulary: two products instead of three, and never more than [256, 128] logits a thread in memory.
// Floor: 2 T V d FLOP for the loss, 4 T V d with slope; W read once for each 128 rows.
#include "cpu/head_labels.h"

PRIMER_KERNELS {
namespace {

// operands h, W, b, label, w, loss, lse, slope; reals e
enum { kH, kW, kB, kLabel, kRowWeight, kLoss, kLse, kSlope };

// One thread's scratch. What a thread finds in its words is read by the others when they put the parts together.
struct Parts {
  int32_t* kept;     // [T] rows of weight != 0
  double* row_loss;  // [T] of the first thread: all threads write it
  float *mix, *ht, *logits, *mean;                        // [rows, d], [d, rows], [words, rows], [d]
  float *top, *sum, *gold, *factor;                       // [rows]
  double* logit_sum;                                      // [rows]
  int64_t bytes;
  Parts(char* start, int64_t rows, int64_t d) {
    Pieces pieces(start);
    kept = pieces.take<int32_t>(rows);
    row_loss = pieces.take<double>(rows);
    mix = pieces.take<float>(kHeadRows * d);
    ht = pieces.take<float>(kHeadRows * d);
    logits = pieces.take<float>(kHeadWords * kHeadRows);
    mean = pieces.take<float>(d);
    top = pieces.take<float>(kHeadRows);
    sum = pieces.take<float>(kHeadRows);
    gold = pieces.take<float>(kHeadRows);
    factor = pieces.take<float>(kHeadRows);
    logit_sum = pieces.take<double>(kHeadRows);
    bytes = pieces.bytes() - reinterpret_cast<int64_t>(start);
  }
};

int64_t scratch_forward(const Instruction& i, int) { return Parts(nullptr, i.operands[kH].rows, i.operands[kH].cols).bytes; }

void begin_block(const Step& step, const Instruction& i, const LabelBlock& block, Parts& mine) {
  const int64_t d = block.head.d;
  gather_block(step.data<float>(i.operands[kH]), block.rows, block.count, d, mine.mix, mine.ht, block.ld);
  for (int64_t t = 0; t < block.ld; ++t) {
    mine.top[t] = kLowest;
    mine.sum[t] = mine.gold[t] = 0;
    mine.logit_sum[t] = 0;
  }
  if (block.training) std::memset(mine.mix, 0, static_cast<size_t>(block.count * d) * 4);
  if (block.first) std::memset(mine.mean, 0, static_cast<size_t>(d) * 4);
}

void take_labels(const LabelBlock& block, int64_t first, int64_t words, Parts& mine) {
  for (int64_t t = 0; t < block.count; ++t) {
    const int64_t v = block.labels[block.rows[t]] - first;
    if (v >= 0 && v < words) mine.gold[t] = mine.logits[v * block.ld + t];
  }
}

// What label smoothing needs: sums of the logits, and of W's rows.
void add_means(const LabelBlock& block, int64_t first, int64_t words, Parts& mine) {
  float sums[kHeadRows] = {};
  for (int64_t v = 0; v < words; ++v) {
    for_vectors(block.ld, [&sums, row = mine.logits + v * block.ld](int64_t t) { sums[t] += row[t]; });
  }
  for (int64_t t = 0; t < block.ld; ++t) mine.logit_sum[t] += static_cast<double>(sums[t]);
  const int64_t d = block.head.d;
  if (block.training && block.first) add_rows(block.head.weight + first * d, words, d, mine.mean);
}

// Turns a chunk's logits into exp(z - top) with the new maxima, and brings sum and mix to them.
void exponentials(const LabelBlock& block, int64_t words, Parts& mine) {
  const int64_t ld = block.ld, d = block.head.d;
  float sums[kHeadRows] = {};
  std::memcpy(mine.factor, mine.top, static_cast<size_t>(ld) * 4);
  raise_top(mine.logits, words, ld, mine.top);
#pragma omp simd
  for (int64_t t = 0; t < ld; ++t) mine.factor[t] = exp_fast(mine.factor[t] - mine.top[t]);
  for (int64_t v = 0; v < words; ++v) {
    for_vectors(ld, [&sums, row = mine.logits + v * ld, top = mine.top](int64_t t) {
      row[t] = exp_fast(row[t] - top[t]);
      sums[t] += row[t];
    });
  }
#pragma omp simd
  for (int64_t t = 0; t < ld; ++t) mine.sum[t] = mine.sum[t] * mine.factor[t] + sums[t];
  for (int64_t t = 0; t < block.count && block.training; ++t) {
    if (mine.factor[t] == 1.0f) continue;
#pragma omp simd
    for (int64_t c = 0; c < d; ++c) mine.mix[t * d + c] *= mine.factor[t];
  }
}

// mix += exp(z - top) W.
PRIMER_OUT_OF_LINE void add_mix(const LabelBlock& block, int64_t first, int64_t words, const Parts& mine) {
  const int64_t d = block.head.d;
  tile_gemm({.m = block.count, .n = d, .k = words, .a = mine.logits, .a_row = 1, .a_col = block.ld, .b = block.head.weight + first * d,
             .ldb = d, .c = mine.mix, .ldc = d, .accumulate = true});
}

void chunk(const LabelBlock& block, int64_t first, int64_t words, Parts& mine) {
  head_logits(block.head, first, words, mine.ht, block.ld, mine.logits);
  take_labels(block, first, words, mine);
  if (block.smoothing > 0) add_means(block, first, words, mine);
  exponentials(block, words, mine);
  if (block.training) add_mix(block, first, words, mine);
}

// All threads' parts of one row put together, in the threads' order.
struct Row {
  double top, sum, gold, logit_sum;
  double lse() const { return top + std::log(sum); }
};

Parts parts_of(const Step& step, const Instruction& i, int thread) {
  return Parts(step.scratch_of(thread), i.operands[kH].rows, i.operands[kH].cols);
}

Row merged(const Step& step, const Instruction& i, int64_t t) {
  Row row{static_cast<double>(kLowest), 0, 0, 0};
  for (int thread = 0; thread < step.threads; ++thread) {
    const double top = static_cast<double>(parts_of(step, i, thread).top[t]);
    row.top = top > row.top ? top : row.top;
  }
  for (int thread = 0; thread < step.threads; ++thread) {
    const Parts parts = parts_of(step, i, thread);
    row.sum += static_cast<double>(parts.sum[t]) * std::exp(static_cast<double>(parts.top[t]) - row.top);
    row.gold += static_cast<double>(parts.gold[t]);
    row.logit_sum += parts.logit_sum[t];
  }
  return row;
}

void set_slope(const Step& step, const Instruction& i, const LabelBlock& block, int64_t t, const Row& row, float* slope) {
  const int64_t d = block.head.d, r = block.rows[t];
  const double weight = static_cast<double>(step.data<float>(i.operands[kRowWeight])[r]);
  const float label = static_cast<float>(weight * (1 - block.smoothing));
  const float mean = static_cast<float>(weight * block.smoothing / static_cast<double>(block.head.words));
  const float* w = block.head.weight + block.labels[r] * d;
#pragma omp simd
  for (int64_t c = 0; c < d; ++c) slope[c] = -label * w[c];
  for (int thread = 0; thread < step.threads; ++thread) {
    const Parts parts = parts_of(step, i, thread);
    const float factor = static_cast<float>(weight * std::exp(static_cast<double>(parts.top[t]) - row.top) / row.sum);
    const float* mix = parts.mix + t * d;
#pragma omp simd
    for (int64_t c = 0; c < d; ++c) slope[c] += factor * mix[c] - mean * parts.mean[c];
  }
}

void finish_rows(const Step& step, const Instruction& i, const LabelBlock& block) {
  const Range mine = share(step, block.count);
  double* row_loss = parts_of(step, i, 0).row_loss;
  for (int64_t t = mine.begin; t < mine.end; ++t) {
    const int64_t r = block.rows[t];
    const Row row = merged(step, i, t);
    const double mean = row.logit_sum / static_cast<double>(block.head.words);
    step.data<float>(i.operands[kLse])[r] = static_cast<float>(row.lse());
    row_loss[r] = static_cast<double>(step.data<float>(i.operands[kRowWeight])[r]) *
                  (row.lse() - (1 - block.smoothing) * row.gold - block.smoothing * mean);
    if (block.training) set_slope(step, i, block, t, row, step.data<float>(i.operands[kSlope]) + r * block.head.d);
  }
}

void run_head(const Step& step, const Instruction& i, const Head& head, Range rows) {
  Parts mine = parts_of(step, i, step.thread);
  const int64_t count = keep_rows(step.data<float>(i.operands[kRowWeight]), rows, mine.kept);
  const Range words = share(step, head.words, kHeadWords);
  for (int64_t first = 0; first < count; first += kHeadRows) {
    const int64_t size = least(kHeadRows, count - first);
    const LabelBlock block{head, mine.kept + first, step.data<int32_t>(i.operands[kLabel]), size, round_up(size, kLanes), i.reals[0],
                      step.present(i.operands[kSlope]), first == 0};
    begin_block(step, i, block, mine);
    for (int64_t v = words.begin; v < words.end; v += kHeadWords) chunk(block, v, least(kHeadWords, words.end - v), mine);
    barrier();
    finish_rows(step, i, block);
    barrier();
  }
}

void head_cross_entropy(const Step& step, const Instruction& i) {
  const Operand& h = i.operands[kH];
  const float* weight = step.data<float>(i.operands[kRowWeight]);
  clear_ignored(step, weight, i.operands[kSlope]);
  for_heads(step, h, i.operands[kW], i.operands[kB], [&](const Head& head, Range rows, int64_t) { run_head(step, i, head, rows); });
  if (step.thread == 0) sum_by_lane(step, h, weight, parts_of(step, i, 0).row_loss, i.operands[kLoss]);
  barrier();
}

PRIMER_REGISTER("head_cross_entropy", 8, head_cross_entropy, nullptr, nullptr, scratch_forward)

}  // namespace
}  // namespace primer::PRIMER_ISA
