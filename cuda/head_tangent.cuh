// How a language-model head's logits change when h, W and b do; shared by the tangents of head_cross_entropy and of its backward pass.
#pragma once

#include "head_labels.cuh"

namespace primer::cuda {

// The tangents of h [kept rows, d], W [words, d] and b [words], null where they do not move.
struct HeadTangent {
  const float* h;
  Laned<const float> weight, bias;
};

// operands from `at` on: the tangents of h, W and b; `gathered` takes h's kept rows
inline HeadTangent head_tangent_of(const Launch& launch, const Instruction& i, size_t at, const Labelled& kept, float* gathered) {
  const auto& o = i.operands;
  const bool moves = launch.present(o[at]);
  if (moves) gather_kept(launch, o[at], kept, gathered);
  return {moves ? gathered : nullptr, launch.laned<const float>(o[at + 1]), launch.laned<const float>(o[at + 2])};
}

// moved [rows, words] = z' = W h' + W' h + b' of a chunk; h is of kept rows.   Accumulation: as chunk_logits.
inline void chunk_tangent(const Launch& launch, const HeadRows& rows, const HeadTangent& tangent, const Head& head, const float* h, const Chunk& chunk,
                          float* moved) {
  const Laned<const float> bias = tangent.bias, none{nullptr, 0};
  if (tangent.h) chunk_logits(launch, rows, tangent.h, head.weight, bias, head.d, chunk, moved);
  if (tangent.weight.data) chunk_logits(launch, rows, h, tangent.weight, tangent.h ? none : bias, head.d, chunk, moved, tangent.h != nullptr);
  if (tangent.h || tangent.weight.data) return;
  const Rows heads = rows.rows;
  for_logits(launch, rows, chunk, [=] __device__(int64_t r, int32_t v) {
    moved[r * chunk.count + v] = bias ? bias.of(heads.lane_of(r))[chunk.first + v] : 0.0f;
  });
}

}  // namespace primer::cuda
