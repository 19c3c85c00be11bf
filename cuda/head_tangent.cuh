// How a language-model head's logits change when h, W and b do; shared by the tangents of head_cross_entropy and of its backward pass.
#pragma once

#include "head_labels.cuh"

namespace primer::cuda {

// The tangents of h [kept rows, d], W and b, left out where they do not move.
struct HeadTangent {
  Matrix h;
  Operand weight;
  Laned<const float> bias;
  bool h_moves, weight_moves;
};

// Scratch of h's tangent, and of a chunk's rounded words of W's.
struct TangentScratch {
  Matrix h;
  float* logits;  // [T, words]
  Bf16* words;
  TangentScratch(Pieces& pieces, const Operand& h_of, const Operand& weight_of, int64_t words_of_chunk, int64_t lanes, Precision precision)
      : h(take_matrix(pieces, precision, h_of.rows, h_of.cols)), logits(pieces.take<float>(h_of.rows * words_of_chunk)),
        words(take_words(pieces, precision, weight_of, words_of_chunk, lanes)) {}
};

// operands from `at` on: the tangents of h, W and b; gathers h's kept rows
inline HeadTangent head_tangent_of(const Launch& launch, const Instruction& i, size_t at, const Labelled& kept, const TangentScratch& scratch) {
  const auto& o = i.operands;
  const bool moves = launch.present(o[at]);
  if (moves) gather_kept(launch, o[at], kept, scratch.h);
  return {scratch.h, o[at + 1], launch.laned<const float>(o[at + 2]), moves, launch.present(o[at + 1])};
}

// scratch.logits [rows, words] = W h' + W' h of a chunk, without b'. Returns the words of W', none where it does not move.
inline Words chunk_tangent(const Launch& launch, const HeadRows& rows, const HeadTangent& tangent, const Words& words, const Factors& h, const Chunk& chunk,
                           const TangentScratch& scratch) {
  float* moved = scratch.logits;
  const Words tangent_words = tangent.weight_moves ? words_of(launch, tangent.weight, chunk, scratch.words) : Words{};
  if (tangent.h_moves) chunk_logits(launch, rows, tangent.h, words, chunk, moved);
  if (tangent.weight_moves) chunk_logits(launch, rows, h, tangent_words, chunk, moved, tangent.h_moves);
  if (tangent.h_moves || tangent.weight_moves) return tangent_words;
  const int32_t stride = chunk.stride;
  const auto clear = [=] __device__(int64_t r, int32_t v) { moved[r * stride + v] = 0; };
  launch(numbers_kernel<decltype(clear)>, blocks_for_numbers(launch, rows.most * stride), kThreads, 0, rows.rows, stride, clear);
  return tangent_words;
}

}  // namespace primer::cuda
