// The relative bias of attention's pairs (cpu/pairs.h), float32 and float64; the first `prefix` keys of a sequence have none:
//   pair_bias:     S[ij, h] = table[bucket(ij), h]            (table [buckets, H], shared or one copy a lane -> S [P, H])
//   pair_bias_sum: table[b, h] = sum of S[ij, h], bucket(ij) = b   (S [P, H] -> table [buckets, H] a lane)
// bucket(ij) is that of the relative position j - (i + keys - queries). The sum overwrites; a thread owns a band of heads and adds
// the pairs in their order.
#include "cpu/pairs.h"
#include "cpu/relative_bias.h"

PRIMER_KERNELS {
namespace {

// integers heads, causal, prefix, bidirectional, smallest distances
int64_t bucket_of(const Instruction& i, const PairSequence& s, int64_t query, int64_t key) {
  const Buckets buckets = Buckets::of(i, 3);
  const int64_t relative = key - (query + s.keys - s.queries);
  int64_t found = 0;
  buckets.for_each(relative < 0 ? relative : 0, relative, [&](int64_t at, int64_t bucket) {
    if (at == relative) found = bucket;
  });
  return found;
}

// f(pair's row, bucket) for every pair of a sequence that has a bias, g(row) for every other.
template <class F, class G>
void for_each_pair(const Instruction& i, const PairSequence& s, F&& f, G&& g) {
  int64_t row = s.first_pair;
  for (int64_t query = 0; query < s.queries; ++query) {
    for (int64_t key = 0; key < s.visible(query); ++key, ++row) {
      if (key < i.integers[2]) {
        g(row);
      } else {
        f(row, bucket_of(i, s, query, key));
      }
    }
  }
}

// operands table, query offsets, key offsets, S
template <class T>
void pair_bias(const Step& step, const Instruction& i) {
  const int64_t heads = i.integers[0];
  T* scores = step.data<T>(i.operands[3]);
  for_my_sequences(step, i.operands[1], i.operands[2], i.integers[1] != 0, [&](const PairSequence& s) {
    const T* table = step.data<T>(i.operands[0], s.lane);
    const auto copy = [&](int64_t row, int64_t bucket) { std::memcpy(scores + row * heads, table + bucket * heads, heads * sizeof(T)); };
    for_each_pair(i, s, copy, [&](int64_t row) { std::memset(scores + row * heads, 0, heads * sizeof(T)); });
  });
}

// operands S, query offsets, key offsets, table
template <class T>
void pair_bias_sum(const Step& step, const Instruction& i) {
  const int64_t heads = i.integers[0];
  const Operand& table = i.operands[3];
  const T* scores = step.data<T>(i.operands[0]);
  const Range band = share(step, heads);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    for (int64_t b = 0; b < table.rows; ++b) {
      for (int64_t h = band.begin; h < band.end; ++h) step.data<T>(table, lane)[b * heads + h] = 0;
    }
  }
  for_each_sequence(step, i.operands[1], i.operands[2], i.integers[1] != 0, [&](const PairSequence& s) {
    T* out = step.data<T>(table, s.lane);
    const auto add = [&](int64_t row, int64_t bucket) {
      for (int64_t h = band.begin; h < band.end; ++h) out[bucket * heads + h] += scores[row * heads + h];
    };
    for_each_pair(i, s, add, [](int64_t) {});
  });
  barrier();
}

PRIMER_REGISTER("pair_bias", 4, pair_bias<float>, pair_bias<double>, nullptr, nullptr)
PRIMER_REGISTER("pair_bias_sum", 4, pair_bias_sum<float>, pair_bias_sum<double>, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
