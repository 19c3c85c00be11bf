// Attention's products over all (query i, key j) pairs of a sequence (pairs.cuh), float32 and float64. Their derivatives turn
// into each other:
//   pair_scores:         S[ij, h] = a[i, h] . b[j, h]         (a [Tq, d], b [Tk, d] -> S [P, H])
//   pair_mix:            y[i, h] = sum_j S[ij, h] b[j, h]     (S [P, H], b [Tk, d] -> y [Tq, d])
//   pair_mix_transposed: y[j, h] = sum_i S[ij, h] a[i, h]     (S [P, H], a [Tq, d] -> y [Tk, d])
// The slow reference of the fused attention, and what derivatives of any order are made of: a thread has a number of the result, and adds
// its terms in ascending order in the operands' type.
#include "device/kernel.h"
#include "pairs.cuh"

namespace primer::cuda {
namespace {

// operands a, b, query offsets, key offsets, S; integers heads, causal
template <class T>
void pair_scores(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Pairs all = pairs(launch, o[2], o[3], i.integers[1] != 0);
  const T *a = launch.data<const T>(o[0]), *b = launch.data<const T>(o[1]);
  T* scores = launch.data<T>(o[4]);
  const int64_t d = o[0].cols, heads = i.integers[0], width = d / heads;
  for_numbers(launch, o[4], [=] __device__(int64_t row, int32_t h) {
    const Pair p = all.pair(row);
    const PairSequence s = all(p.sequence);
    const T *x = a + (s.first_query + p.query) * d + h * width, *y = b + (s.first_key + p.key) * d + h * width;
    T sum = 0;
    for (int64_t c = 0; c < width; ++c) sum += x[c] * y[c];
    scores[row * heads + h] = sum;
  });
}

// operands S, b, query offsets, key offsets, y; integers heads, causal
template <class T>
void pair_mix(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Pairs all = pairs(launch, o[2], o[3], i.integers[1] != 0);
  const T *scores = launch.data<const T>(o[0]), *b = launch.data<const T>(o[1]);
  T* y = launch.data<T>(o[4]);
  const int64_t d = o[1].cols, heads = i.integers[0], width = d / heads;
  for_numbers(launch, o[4], [=] __device__(int64_t row, int32_t c) {
    const int32_t n = segment_of(all.queries, all.sequences.total(), row);
    const PairSequence s = all(n);
    const int64_t query = row - s.first_query;
    const T *weight = scores + (all.first[n] + s.before(query)) * heads + c / width, *in = b + s.first_key * d + c;
    T sum = 0;
    for (int64_t key = 0; key < s.visible(query); ++key) sum += weight[key * heads] * in[key * d];
    y[row * d + c] = sum;
  });
}

// operands S, a, query offsets, key offsets, y; integers heads, causal
template <class T>
void pair_mix_transposed(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Pairs all = pairs(launch, o[2], o[3], i.integers[1] != 0);
  const T *scores = launch.data<const T>(o[0]), *a = launch.data<const T>(o[1]);
  T* y = launch.data<T>(o[4]);
  const int64_t d = o[1].cols, heads = i.integers[0], width = d / heads;
  for_numbers(launch, o[4], [=] __device__(int64_t row, int32_t c) {
    const int32_t n = segment_of(all.keys, all.sequences.total(), row);
    const PairSequence s = all(n);
    const int64_t key = row - s.first_key;
    T sum = 0;
    for (int64_t query = 0; query < s.queries; ++query) {
      if (key < s.visible(query)) sum += scores[(all.first[n] + s.before(query) + key) * heads + c / width] * a[(s.first_query + query) * d + c];
    }
    y[row * d + c] = sum;
  });
}

PRIMER_REGISTER("pair_scores", 5, pair_scores<float>, pair_scores<double>, pairs_scratch<2>)
PRIMER_REGISTER("pair_mix", 5, pair_mix<float>, pair_mix<double>, pairs_scratch<2>)
PRIMER_REGISTER("pair_mix_transposed", 5, pair_mix_transposed<float>, pair_mix_transposed<double>, pairs_scratch<2>)

}  // namespace
}  // namespace primer::cuda
