// The relative bias of attention's pairs (pairs.cuh), float32 and float64; the first `prefix` keys of a sequence have none:
//   pair_bias:     S[ij, h] = table[bucket(ij), h]            (table [buckets, H], shared or one copy a lane -> S [P, H])
//   pair_bias_sum: table[b, h] = sum of S[ij, h], bucket(ij) = b   (S [P, H] -> table [buckets, H] a lane)
// bucket(ij) is that of the relative position j - (i + keys - queries). The sum overwrites: a warp has a number of the table and knows
// which keys of a query are in its bucket; its lanes take every 32nd query, and add in float64 what may cancel. Floor: S's bytes once.
#include "device/kernel.h"
#include "pairs.cuh"
#include "relative_bias.cuh"

namespace primer::cuda {
namespace {

// integers heads, causal, prefix, bidirectional, smallest distances
constexpr size_t kHeads = 0, kCausal = 1, kPrefix = 2, kBuckets = 3;

// operands table, query offsets, key offsets, S
template <class T>
void pair_bias(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Pairs all = pairs(launch, o[1], o[2], i.integers[kCausal] != 0);
  const Laned<const T> table = launch.laned<const T>(o[0]);
  const Buckets buckets = buckets_of(launch, i, kBuckets);
  T* scores = launch.data<T>(o[3]);
  const int64_t heads = i.integers[kHeads], prefix = i.integers[kPrefix];
  for_numbers(launch, o[3], [=] __device__(int64_t row, int32_t h) {
    const Pair p = all.pair(row);
    const PairSequence s = all(p.sequence);
    const int32_t bucket = buckets.of(static_cast<int32_t>(p.key - (p.query + s.keys - s.queries)));
    scores[row * heads + h] = p.key < prefix ? T(0) : table.of(all.sequences.lane_of(p.sequence))[bucket * heads + h];
  });
}

// operands S, query offsets, key offsets, table
template <class T>
void pair_bias_sum(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Pairs all = pairs(launch, o[1], o[2], i.integers[kCausal] != 0);
  const T* scores = launch.data<const T>(o[0]);
  const Laned<T> table = launch.laned<T>(o[3]);
  const Buckets buckets = buckets_of(launch, i, kBuckets);
  const int64_t heads = i.integers[kHeads], prefix = i.integers[kPrefix], numbers = o[3].rows * heads;
  for_warps(launch, launch.lanes * numbers, [=] __device__(int32_t at, int32_t thread) {
    const int64_t lane = at / numbers, number = at % numbers, h = number % heads;
    const Buckets::Reach reach = buckets.reach(static_cast<int32_t>(number / heads));
    double sum = 0;
    for (int32_t n = all.sequences.begin(lane); n < all.sequences.end(lane); ++n) {
      const PairSequence s = all(n);
      for (int64_t query = thread; query < s.queries; query += kWarp) {
        const int64_t still = query + s.keys - s.queries, row = all.first[n] + s.before(query);
        const int64_t begin = still + reach.lowest, end = still + reach.highest + 1, seen = s.visible(query);
        for (int64_t key = begin > prefix ? begin : prefix; key < (end < seen ? end : seen); ++key) sum += static_cast<double>(scores[(row + key) * heads + h]);
      }
    }
    sum = warp_sum(sum);
    if (thread == 0) table.of(lane)[number] = static_cast<T>(sum);
  });
}

PRIMER_REGISTER("pair_bias", 4, pair_bias<float>, pair_bias<double>, pairs_scratch<1>)
PRIMER_REGISTER("pair_bias_sum", 4, pair_bias_sum<float>, pair_bias_sum<double>, pairs_scratch<1>)

}  // namespace
}  // namespace primer::cuda
