// A language-model head, a chunk of the vocabulary at a time; shared by head_cross_entropy and head_top_k. A chunk's logits [rows, words] stay
// in the second-level cache between the product that makes them and the kernels that use them; all logits of a batch are never in memory at once.
#pragma once

#include "device/loops.cuh"
#include "device/pieces.h"

namespace primer::cuda {

constexpr int64_t kChunkBytes = 32 << 20;   // of logits, of an H200's 50 MiB of cache
constexpr int64_t kLeastChunk = 1024;       // words: fewer leave a product too narrow
constexpr int64_t kMostChunk = 32 * 1024;   // words: a block keeps a row of them in registers
constexpr int64_t kGrain = 32;              // of a row's logits: products take as many terms at a time, vectors fewer
constexpr float kLowest = -3.0e38f;         // below every logit, and its differences are still numbers

// Words [first, first + count); their rows of logits are `stride` apart.
struct Chunk {
  int64_t first;
  int32_t count, stride;
};

// Words of a chunk: all of them, or a multiple of 1024 in as few chunks of one size as there may be, so many rows of whose logits lie in kChunkBytes.
inline int64_t chunk_words(int64_t words, int64_t rows) {
  const int64_t fitting = kChunkBytes / 4 / (rows < 1 ? 1 : rows), most = fitting < kLeastChunk ? kLeastChunk : fitting < kMostChunk ? fitting : kMostChunk;
  const int64_t chunks = ceil_div(words, most / kLeastChunk * kLeastChunk), grain = chunks == 1 ? kGrain : kLeastChunk;
  return ceil_div(ceil_div(words, chunks), grain) * grain;
}

template <class F>
void for_chunks(int64_t words, int64_t of_chunk, F&& f) {
  for (int64_t first = 0; first < words; first += of_chunk) {
    f(Chunk{first, static_cast<int32_t>(words - first < of_chunk ? words - first : of_chunk), static_cast<int32_t>(of_chunk)});
  }
}

// Rows on their way through heads, and no fewer than there are.
struct HeadRows {
  Rows rows;
  int64_t most;
};

}  // namespace primer::cuda
