// Rows with labels under a language-model head: what head_cross_entropy and its backward pass share.
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

}  // namespace primer::PRIMER_ISA
