// The products of a language-model head, a chunk of the vocabulary at a time; shared by head_cross_entropy and head_top_k.
// A chunk's logits [rows, words] stay in the second-level cache between the product that makes them and the kernels that use them; all
// logits of a batch are never in memory at once.
#pragma once

#include "device/gemm.cuh"
#include "device/loops.cuh"
#include "device/pieces.h"

namespace primer::cuda {

constexpr int64_t kChunkBytes = 8 << 20;   // of logits, of an H200's 50 MiB of cache
constexpr int64_t kLeastChunk = 1024;      // words: fewer leave a product too narrow
constexpr float kLowest = -3.0e38f;        // below every logit, and its differences are still numbers

// W [words, d] and b [words] or null, shared or one copy a lane.
struct Head {
  Laned<const float> weight, bias;
  int64_t words, d;
};

inline Head head_of(const Launch& launch, const Operand& weight, const Operand& bias) {
  return {launch.laned<const float>(weight), launch.laned<const float>(bias), weight.rows, weight.cols};
}

// Words [first, first + count); their rows of logits lie one behind another.
struct Chunk {
  int64_t first;
  int32_t count;
};

// Words of a chunk, a multiple of 1024, such that so many rows of logits lie in kChunkBytes.
inline int64_t chunk_words(int64_t words, int64_t rows) {
  const int64_t fitting = kChunkBytes / 4 / (rows < 1 ? 1 : rows) / kLeastChunk * kLeastChunk, all = ceil_div(words, kLeastChunk) * kLeastChunk;
  return fitting < kLeastChunk ? kLeastChunk : fitting < all ? fitting : all;
}

template <class F>
void for_chunks(int64_t words, int64_t of_chunk, F&& f) {
  for (int64_t first = 0; first < words; first += of_chunk) {
    f(Chunk{first, static_cast<int32_t>(words - first < of_chunk ? words - first : of_chunk)});
  }
}

// Rows that go through one head together: those of each lane, or all merged into one.
struct HeadRows {
  Rows rows;
  int64_t most;  // no fewer than there are
};

inline HeadRows head_rows(Rows rows, int64_t most, const Operand& weight, const Operand& bias) {
  const bool one = weight.lane_stride == 0 && (bias.space == Space::none || bias.lane_stride == 0);
  return {one ? rows.merged() : rows, most};
}

// f(row, word of the chunk) for every logit.
template <class F>
void for_logits(const Launch& launch, const HeadRows& rows, const Chunk& chunk, F f) {
  launch(numbers_kernel<F>, blocks_for_numbers(launch, rows.most * chunk.count), kThreads, 0, rows.rows, chunk.count, f);
}

inline Laned<const float> from_word(Laned<const float> w, const Chunk& chunk, int64_t d) { return {w.data + chunk.first * d, w.stride}; }

// logits [rows, words] (+)= x W^T + b of a chunk; b may be null.   Accumulation: float32, over d in ascending order.
inline void chunk_logits(const Launch& launch, const HeadRows& rows, const float* x, Laned<const float> w, Laned<const float> b, int64_t d,
                         const Chunk& chunk, float* logits, bool add = false) {
  gemm(launch, {rows_of(x, d), transposed(from_word(w, chunk, d), d), rows.rows, Along::rows, 0, chunk.count, static_cast<int32_t>(d)}, rows.most,
       [=] __device__(int32_t lane, int64_t r, int32_t v, float sum) {
         float& to = logits[r * chunk.count + v];
         const float value = b ? sum + b.of(lane)[chunk.first + v] : sum;
         to = add ? to + value : value;
       });
}

inline void head_logits(const Launch& launch, const HeadRows& rows, const float* x, const Head& head, const Chunk& chunk, float* logits) {
  chunk_logits(launch, rows, x, head.weight, head.bias, head.d, chunk, logits);
}

}  // namespace primer::cuda
