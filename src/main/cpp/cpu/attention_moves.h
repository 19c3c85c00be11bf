// What the tangents of attention's two kernels share. A tangent that is left out costs nothing: a product with zeros is not made.
#pragma once

#include "cpu/attention_task.h"

PRIMER_KERNELS {

// out = the tangent of scale * x y^T: scale * (x' y^T + x y'^T); x' may be null, and y' have no rows.
inline void score_tangent(const AttentionSizes& s, const Task& t, const Block& block, const float* x, const Factor& y, const float* x_moved,
                          const Factor& y_moved, float scale, float* out) {
  if (x_moved) {
    score(s, t, block, x_moved, y, scale, out);
  } else {
    std::memset(out, 0, static_cast<size_t>(block.rows * block.ld) * 4);
  }
  if (y_moved.rows.count() > 0) score(s, t, block, x, y_moved, scale, out, true);
}

// out = the tangent of scale * weights y: scale * (weights' y + weights y'); weights' may be null where y' has rows, y' may have none.
inline void mix_tangent(const AttentionSizes& s, const Task& t, const Block& block, const float* weights, const Factor& y,
                        const float* weights_moved, const Factor& y_moved, float scale, float* out) {
  if (weights_moved) mix_block(s, t, block, weights_moved, y, scale, out);
  if (y_moved.rows.count() > 0) mix_block(s, t, block, weights, y_moved, scale, out, weights_moved != nullptr);
}

// row [ld], a query's S' without the bias's part, becomes P' = P (S' - rowsum(P S')).
inline void move_probabilities(const AttentionSizes& s, const Task& t, int64_t i, const float* diagonal, const float* p, int64_t ld, float* row) {
  add_bias(s, t, i, diagonal, row);
  const float mean = dot(p, row, ld);
#pragma omp simd
  for (int64_t j = 0; j < ld; ++j) row[j] = p[j] * (row[j] - mean);
}

}  // namespace primer::PRIMER_ISA
