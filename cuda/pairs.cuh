// The (query, key) pairs of a batch's sequences: the rows of a [P, heads] matrix, ordered by sequence, query, key. Causal: query i
// is paired with the keys j <= i + (keys - queries) only, of which Java has checked that there is at least one.
#pragma once

#include "device/loops.cuh"

namespace primer::cuda {

struct PairSequence {
  int64_t first_query, queries, first_key, keys;
  bool causal;

  // Keys that query i is paired with, and pairs of the queries before it.
  __device__ int64_t visible(int64_t i) const { return causal ? keys - queries + i + 1 : keys; }
  __device__ int64_t before(int64_t i) const { return causal ? i * (keys - queries + 1) + i * (i - 1) / 2 : i * keys; }
  // The query of the sequence's pair `place`.
  __device__ int64_t query_of(int64_t place) const {
    int64_t low = 0, high = queries;
    while (high - low > 1) {
      const int64_t middle = (low + high) / 2;
      if (before(middle) <= place) low = middle; else high = middle;
    }
    return low;
  }
};

// Query and key count from their sequence's first.
struct Pair {
  int32_t sequence;
  int64_t query, key;
};

struct Pairs {
  const int32_t *queries, *keys;  // offsets
  Rows sequences;
  bool causal;
  int64_t* first;  // each sequence's first pair

  __device__ PairSequence operator()(int32_t n) const { return {queries[n], queries[n + 1] - queries[n], keys[n], keys[n + 1] - keys[n], causal}; }
  __device__ Pair pair(int64_t row) const {
    const int32_t n = segment_of(first, sequences.total(), row);
    const PairSequence s = (*this)(n);
    const int64_t place = row - first[n], query = s.query_of(place);
    return {n, query, place - s.before(query)};
  }
};

// Scratch of an op whose operand kOffsets is the queries' offsets.
template <size_t kOffsets>
int64_t pairs_scratch(const Instruction& i, int64_t) { return 8 * i.operands[kOffsets].rows; }

// Launches what finds each sequence's first pair.
inline Pairs pairs(const Launch& launch, const Operand& query_offsets, const Operand& key_offsets, bool causal) {
  const Pairs all{launch.data<const int32_t>(query_offsets), launch.data<const int32_t>(key_offsets), launch.rows(query_offsets), causal,
                  reinterpret_cast<int64_t*>(launch.scratch)};
  for_warps(launch, 1, [=] __device__(int32_t, int32_t at) {
    int64_t before = 0;
    for (int32_t n = 0; n < all.sequences.total(); n += kWarp) {
      const bool inside = n + at < all.sequences.total();
      const PairSequence s = inside ? all(n + at) : PairSequence{};
      const int64_t mine = inside ? s.before(s.queries) : 0;
      const int64_t end = before + warp_prefix_sum(mine);
      if (inside) all.first[n + at] = end - mine;
      before = __shfl_sync(kWholeWarp, end, kWarp - 1);
    }
  });
  return all;
}

}  // namespace primer::cuda
