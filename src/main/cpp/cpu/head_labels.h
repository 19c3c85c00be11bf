// Rows with labels under a language-model head: what head_cross_entropy, its backward pass and the tangents of both share.
#pragma once

#include "cpu/head.h"

PRIMER_KERNELS {

// The rows of [rows.begin, rows.end) whose weight is not 0, in ascending order; how many there are.
static inline int64_t keep_rows(const float* weight, Range rows, int32_t* kept) {
  int64_t count = 0;
  for (int64_t r = rows.begin; r < rows.end; ++r) {
    if (weight[r] != 0) kept[count++] = static_cast<int32_t>(r);
  }
  return count;
}

// A block of kept rows on its way through a thread's words.
struct LabelBlock {
  const Head& head;
  const int32_t *rows, *labels;
  int64_t count, ld;
  double smoothing;
  bool training, first;  // first: of its head
};

// Calls f(head, rows, lane) for each head with the rows that go through it: all of them at once where all lanes share one.
template <class F>
static inline void for_heads(const Step& step, const Operand& h, const Operand& w, const Operand& b, F&& f) {
  const bool one = one_head(step, w, b);
  for (int64_t lane = 0; lane < (one ? 1 : step.lanes); ++lane) {
    f(head_of(step, w, b, lane), one ? Range{0, step.rows(h)} : lane_rows(step, h, lane), lane);
  }
}

// sum [d] += the rows of w [count, d].
static inline void add_rows(const float* w, int64_t count, int64_t d, float* sum) {
  for (int64_t v = 0; v < count; ++v) {
#pragma omp simd
    for (int64_t c = 0; c < d; ++c) sum[c] += w[v * d + c];
  }
}

// Zeros in the calling thread's share of the rows of `out` whose weight is 0.
static inline void clear_ignored(const Step& step, const float* weight, const Operand& out) {
  if (!step.present(out)) return;
  const Range mine = share(step, step.rows(out));
  for (int64_t r = mine.begin; r < mine.end; ++r) {
    if (weight[r] == 0) std::memset(step.data<float>(out) + r * out.cols, 0, static_cast<size_t>(out.cols) * 4);
  }
}

// total[lane] = the sum of `terms` over the lane's rows, of axis `rows`, whose weight is not 0.
static inline void sum_by_lane(const Step& step, const Operand& rows, const float* weight, const double* terms, const Operand& total) {
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range of_lane = lane_rows(step, rows, lane);
    double sum = 0;
    for (int64_t r = of_lane.begin; r < of_lane.end; ++r) sum += weight[r] != 0 ? terms[r] : 0;
    *step.data<float>(total, lane) = static_cast<float>(sum);
  }
}

}  // namespace primer::PRIMER_ISA
