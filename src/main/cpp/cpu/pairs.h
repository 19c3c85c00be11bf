// The (query, key) pairs of a batch's sequences: the rows of a [P, heads] matrix, ordered by sequence, query, key. Causal: query i
// is paired with the keys j <= i + (keys - queries) only, of which Java has checked that there is at least one.
#pragma once

#include "cpu/isa.h"

PRIMER_KERNELS {

struct PairSequence {
  int64_t first_query, queries, first_key, keys, first_pair, lane;
  bool causal;

  // Keys that query i is paired with.
  int64_t visible(int64_t i) const { return causal ? keys - queries + i + 1 : keys; }
  int64_t pairs() const { return causal ? queries * keys - queries * (queries - 1) / 2 : queries * keys; }
};

// Calls f(sequence) for every sequence in order.
template <class F>
void for_each_sequence(const Step& step, const Operand& query_offsets, const Operand& key_offsets, bool causal, F&& f) {
  const int32_t *queries = step.data<int32_t>(query_offsets), *keys = step.data<int32_t>(key_offsets);
  int64_t pairs = 0;
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range range = lane_rows(step, query_offsets, lane);
    for (int64_t n = range.begin; n < range.end; ++n) {
      const PairSequence s{queries[n], queries[n + 1] - queries[n], keys[n], keys[n + 1] - keys[n], pairs, lane, causal};
      f(s);
      pairs += s.pairs();
    }
  }
}

// Calls f(sequence) for every sequence; threads share them round robin.
template <class F>
void for_my_sequences(const Step& step, const Operand& query_offsets, const Operand& key_offsets, bool causal, F&& f) {
  int64_t n = 0;
  for_each_sequence(step, query_offsets, key_offsets, causal, [&](const PairSequence& s) {
    if (n++ % step.threads == step.thread) f(s);
  });
  barrier();
}

}  // namespace primer::PRIMER_ISA
