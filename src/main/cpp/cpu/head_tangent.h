// How a language-model head's logits change when h, W and b do; shared by the tangents of head_cross_entropy and of its backward pass.
#pragma once

#include "cpu/head_labels.h"
#include "cpu/tangent.h"

PRIMER_KERNELS {

// The tangents of h [T, d], W [words, d] and b [words], null where they do not move.
struct HeadTangent {
  const float *h, *weight, *bias;
};

// What a block of rows needs of them.
struct TangentScratch {
  float *rows, *ht, *logits, *shift;  // [rows, d] and [d, rows] of h's tangent, [words, rows], [rows]
  TangentScratch(Pieces& pieces, int64_t d) {
    rows = pieces.take<float>(kHeadRows * d);
    ht = pieces.take<float>(kHeadRows * d);
    logits = pieces.take<float>(kHeadWords * kHeadRows);
    shift = pieces.take<float>(kHeadRows);
  }
};

// operands from `at` on: the tangents of h, W and b
static inline HeadTangent head_tangent_of(const Step& step, const Instruction& i, size_t at, int64_t lane) {
  return {optional(step, i.operands[at]), optional(step, i.operands[at + 1], lane), optional(step, i.operands[at + 2], lane)};
}

static inline void gather_tangent(const HeadTangent& tangent, const LabelBlock& block, TangentScratch& mine) {
  if (tangent.h) gather_block(tangent.h, block.rows, block.count, block.head.d, mine.rows, mine.ht, block.ld);
}

// mine.logits [words, ld] = z'_tv - shift_t with z' = W h' + W' h + b', of the words from `first` on; ht is h's transpose.
// Accumulation: float32, over d in ascending order.
PRIMER_OUT_OF_LINE void tangent_logits(const HeadTangent& tangent, const LabelBlock& block, int64_t first, int64_t words, const float* ht,
                                       TangentScratch& mine) {
  const int64_t d = block.head.d, ld = block.ld;
  for (int64_t v = 0; v < words; ++v) {
    const float bias = tangent.bias ? tangent.bias[first + v] : 0;
    for_vectors(ld, [=, row = mine.logits + v * ld, shift = mine.shift](int64_t t) { row[t] = bias - shift[t]; });
  }
  const auto add = [&](const float* w, const float* x) {
    tile_gemm({.m = words, .n = ld, .k = d, .a = w + first * d, .a_row = d, .a_col = 1, .b = x, .ldb = ld, .c = mine.logits, .ldc = ld,
               .accumulate = true});
  };
  if (tangent.h) add(block.head.weight, mine.ht);
  if (tangent.weight) add(tangent.weight, ht);
}

}  // namespace primer::PRIMER_ISA
