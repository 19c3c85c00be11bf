// head_cross_entropy_tangent: how the loss, lse and slope of head_cross_entropy change with h, W and b. With z' = W h' + W' h + b',
// p = exp(z - lse), s_t = z'_t[label_t], u = z' - s and c_t = sum_v p_tv u_tv:
//   loss'[lane] = sum over the lane's rows of w_t (c_t - e mean_v u_tv), lse'_t = s_t + c_t,
//   slope'_t = w_t (sum_v p_tv (u_tv - c_t) W_v + sum_v p_tv W'_v - (1 - e) W'_label - e mean_v W'_v).
// The part with c needs no sum of its own: w_t sum_v p_tv W_v = slope_t + w_t ((1 - e) W_label + e mean_v W_v).
//   h [T, d], W [V, d], b [1, V] or none, label int32 [T], w [T, 1], lse [T, 1], slope [T, d], tangents of h, W, b, each or none
//   -> loss' [lanes][1, 1], lse' [T, 1] (of rows with w != 0), slope' [T, d] or none, then without slope.   Overwrites.
// Accumulation: as in head_cross_entropy.
//
// Softmax and slope' are the same for any shift of z'. That by the label's keeps a row exact whose p is nearly 1 at its label:
// there sum p z' W and c sum p W would cancel. p is divided by its sum: lse, saved as float32, is off by a rounding.
// Floor: 4 T V d FLOP for loss', 6 T V d with slope', 4 T V d more where W moves.
#include "cpu/head_tangent.h"

PRIMER_KERNELS {
namespace {

// operands h, W, b, label, w, lse, slope, h', W', b', loss', lse', slope'; reals e
enum { kH, kW, kB, kLabel, kRowWeight, kLse, kSlope, kTangents, kLossTangent = kTangents + 3, kLseTangent, kSlopeTangent };

// One thread's scratch. What a thread finds in its words is read by the others when they put the parts together.
struct Parts {
  int32_t* kept;     // [T] rows of weight != 0
  double* row_loss;  // [T] of the first thread: all threads write it
  float *rows, *ht, *logits, *lse;       // [rows, d], [d, rows], [words, rows], [rows]
  float *mix, *mean, *mean_tangent;      // [rows, d] sum_v p u W_v + p W'_v; [d] sums of W's and of W'' rows
  double *sum, *total, *even;            // [rows] sum_v p u, sum_v p, sum_v u
  TangentScratch tangent;
  Parts(Pieces pieces, const Operand& h) : tangent(pieces, h.cols) {
    kept = pieces.take<int32_t>(h.rows);
    row_loss = pieces.take<double>(h.rows);
    rows = pieces.take<float>(kHeadRows * h.cols);
    ht = pieces.take<float>(kHeadRows * h.cols);
    logits = pieces.take<float>(kHeadWords * kHeadRows);
    lse = pieces.take<float>(kHeadRows);
    mix = pieces.take<float>(kHeadRows * h.cols);
    mean = pieces.take<float>(h.cols);
    mean_tangent = pieces.take<float>(h.cols);
    sum = pieces.take<double>(kHeadRows);
    total = pieces.take<double>(kHeadRows);
    even = pieces.take<double>(kHeadRows);
    bytes = pieces.bytes();
  }
  int64_t bytes;
};

int64_t scratch_tangent(const Instruction& i, int) { return Parts(Pieces(nullptr), i.operands[kH]).bytes; }

Parts parts_of(const Step& step, const Instruction& i, int thread) { return Parts(Pieces(step.scratch_of(thread)), i.operands[kH]); }

double dot(const float* a, const float* b, int64_t d) {
  double sum = 0;
  for (int64_t c = 0; c < d; ++c) sum += static_cast<double>(a[c]) * static_cast<double>(b[c]);
  return sum;
}

// s_t = z'_t[label_t].
float label_tangent(const Step& step, const Instruction& i, const HeadTangent& tangent, const LabelBlock& block, int64_t t) {
  const int64_t d = block.head.d, r = block.rows[t], label = block.labels[r];
  double sum = tangent.bias ? static_cast<double>(tangent.bias[label]) : 0;
  if (tangent.h) sum += dot(tangent.h + r * d, block.head.weight + label * d, d);
  if (tangent.weight) sum += dot(step.data<float>(i.operands[kH]) + r * d, tangent.weight + label * d, d);
  return static_cast<float>(sum);
}

void begin_block(const Step& step, const Instruction& i, const HeadTangent& tangent, const LabelBlock& block, Parts& mine) {
  const size_t d = static_cast<size_t>(block.head.d);
  gather_block(step.data<float>(i.operands[kH]), block.rows, block.count, block.head.d, mine.rows, mine.ht, block.ld);
  gather_tangent(tangent, block, mine.tangent);
  for (int64_t t = 0; t < block.ld; ++t) {
    const bool there = t < block.count;
    mine.lse[t] = there ? step.data<float>(i.operands[kLse])[block.rows[t]] : 0;
    mine.tangent.shift[t] = there ? label_tangent(step, i, tangent, block, t) : 0;
    mine.sum[t] = mine.total[t] = mine.even[t] = 0;
  }
  if (block.training) std::memset(mine.mix, 0, static_cast<size_t>(block.count) * d * 4);
  if (!block.first) return;
  std::memset(mine.mean, 0, d * 4);
  std::memset(mine.mean_tangent, 0, d * 4);
}

// Turns a chunk's logits z and u into p and p u, and adds up u, p and p u.
void weigh(const LabelBlock& block, int64_t words, Parts& mine) {
  float even[kHeadRows] = {}, total[kHeadRows] = {}, sums[kHeadRows] = {};
  for (int64_t v = 0; v < words; ++v) {
    for_vectors(block.ld, [&, z = mine.logits + v * block.ld, u = mine.tangent.logits + v * block.ld](int64_t t) {
      even[t] += u[t];
      z[t] = exp_fast(z[t] - mine.lse[t]);
      u[t] *= z[t];
      total[t] += z[t];
      sums[t] += u[t];
    });
  }
  for (int64_t t = 0; t < block.count; ++t) {
    mine.even[t] += static_cast<double>(even[t]);
    mine.total[t] += static_cast<double>(total[t]);
    mine.sum[t] += static_cast<double>(sums[t]);
  }
}

// mix += factors^T w.
PRIMER_OUT_OF_LINE void add_mix(const LabelBlock& block, int64_t words, const float* factors, const float* w, float* mix) {
  const int64_t d = block.head.d;
  tile_gemm({.m = block.count, .n = d, .k = words, .a = factors, .a_row = 1, .a_col = block.ld, .b = w, .ldb = d, .c = mix, .ldc = d,
             .accumulate = true});
}

void chunk(const HeadTangent& tangent, const LabelBlock& block, int64_t first, int64_t words, Parts& mine) {
  const int64_t d = block.head.d;
  head_logits(block.head, first, words, mine.ht, block.ld, mine.logits);
  tangent_logits(tangent, block, first, words, mine.ht, mine.tangent);
  weigh(block, words, mine);
  if (!block.training) return;
  add_mix(block, words, mine.tangent.logits, block.head.weight + first * d, mine.mix);
  if (tangent.weight) add_mix(block, words, mine.logits, tangent.weight + first * d, mine.mix);
  if (block.smoothing == 0 || !block.first) return;
  add_rows(block.head.weight + first * d, words, d, mine.mean);
  if (tangent.weight) add_rows(tangent.weight + first * d, words, d, mine.mean_tangent);
}

// out += factor w, all [d].
void add_scaled(const float* w, double factor, int64_t d, float* out) {
  const float f = static_cast<float>(factor);
#pragma omp simd
  for (int64_t c = 0; c < d; ++c) out[c] += f * w[c];
}

// All threads' parts of one row put together, in the threads' order.
struct Row {
  double sum, total, even;
  double change() const { return sum / total; }  // c_t
};

Row merged(const Step& step, const Instruction& i, int64_t t) {
  Row row{0, 0, 0};
  for (int thread = 0; thread < step.threads; ++thread) {
    const Parts parts = parts_of(step, i, thread);
    row.sum += parts.sum[t];
    row.total += parts.total[t];
    row.even += parts.even[t];
  }
  return row;
}

void set_slope(const Step& step, const Instruction& i, const HeadTangent& tangent, const LabelBlock& block, int64_t t, const Row& row, float* out) {
  const int64_t d = block.head.d, r = block.rows[t], label = block.labels[r];
  const double weight = static_cast<double>(step.data<float>(i.operands[kRowWeight])[r]);
  const double change = row.change(), of_label = weight * (1 - block.smoothing);
  const double of_mean = weight * block.smoothing / static_cast<double>(block.head.words);
  std::memset(out, 0, static_cast<size_t>(d) * 4);
  for (int thread = 0; thread < step.threads; ++thread) {
    const Parts parts = parts_of(step, i, thread);
    add_scaled(parts.mix + t * d, weight / row.total, d, out);
    add_scaled(parts.mean, -change * of_mean, d, out);
    add_scaled(parts.mean_tangent, -of_mean, d, out);
  }
  add_scaled(step.data<float>(i.operands[kSlope]) + r * d, -change, d, out);
  add_scaled(block.head.weight + label * d, -change * of_label, d, out);
  if (tangent.weight) add_scaled(tangent.weight + label * d, -of_label, d, out);
}

void finish_rows(const Step& step, const Instruction& i, const HeadTangent& tangent, const LabelBlock& block) {
  const Range mine = share(step, block.count);
  const Parts first = parts_of(step, i, 0);
  for (int64_t t = mine.begin; t < mine.end; ++t) {
    const int64_t r = block.rows[t];
    const Row row = merged(step, i, t);
    step.data<float>(i.operands[kLseTangent])[r] = static_cast<float>(static_cast<double>(first.tangent.shift[t]) + row.change());
    first.row_loss[r] = static_cast<double>(step.data<float>(i.operands[kRowWeight])[r]) *
                        (row.change() - block.smoothing * row.even / static_cast<double>(block.head.words));
    if (block.training) set_slope(step, i, tangent, block, t, row, step.data<float>(i.operands[kSlopeTangent]) + r * block.head.d);
  }
}

void run_tangent(const Step& step, const Instruction& i, const Head& head, const HeadTangent& tangent, Range rows) {
  Parts mine = parts_of(step, i, step.thread);
  const int64_t count = keep_rows(step.data<float>(i.operands[kRowWeight]), rows, mine.kept);
  const Range words = share(step, head.words, kHeadWords);
  for (int64_t first = 0; first < count; first += kHeadRows) {
    const int64_t size = least(kHeadRows, count - first);
    const LabelBlock block{head, mine.kept + first, step.data<int32_t>(i.operands[kLabel]), size, round_up(size, kLanes), i.reals[0],
                           step.present(i.operands[kSlopeTangent]), first == 0};
    begin_block(step, i, tangent, block, mine);
    for (int64_t v = words.begin; v < words.end; v += kHeadWords) chunk(tangent, block, v, least(kHeadWords, words.end - v), mine);
    barrier();
    finish_rows(step, i, tangent, block);
    barrier();
  }
}

void head_cross_entropy_tangent(const Step& step, const Instruction& i) {
  const Operand& h = i.operands[kH];
  const float* weight = step.data<float>(i.operands[kRowWeight]);
  clear_ignored(step, weight, i.operands[kSlopeTangent]);
  for_heads(step, h, i.operands[kW], i.operands[kB], [&](const Head& head, Range rows, int64_t lane) {
    run_tangent(step, i, head, head_tangent_of(step, i, kTangents, lane), rows);
  });
  if (step.thread == 0) sum_by_lane(step, h, weight, parts_of(step, i, 0).row_loss, i.operands[kLossTangent]);
  barrier();
}

PRIMER_REGISTER("head_cross_entropy_tangent", 13, head_cross_entropy_tangent, nullptr, nullptr, scratch_tangent)

}  // namespace
}  // namespace primer::PRIMER_ISA
