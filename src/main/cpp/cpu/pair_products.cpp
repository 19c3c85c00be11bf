// Attention's products over all pairs (query i, key j) of the same sequence, float32 and float64. The pairs of a batch
// are the rows of a [P, heads] matrix, ordered by sequence, query, key. Their derivatives turn into each other:
//   pair_scores:         S[ij, h] = a[i, h] . b[j, h]         (a, b [T, d] -> S [P, H])
//   pair_mix:            y[i, h] = sum_j S[ij, h] b[j, h]     (S [P, H], b [T, d] -> y [T, d])
//   pair_mix_transposed: y[j, h] = sum_i S[ij, h] a[i, h]     (S [P, H], a [T, d] -> y [T, d])
// The slow reference of the fused attention, and what derivatives of any order are made of.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

struct Sequence {
  int64_t begin, length, pairs;  // first row, rows, first pair
};

// Calls f(sequence) for every sequence; threads share them round robin.
template <class F>
void for_my_sequences(const Step& step, const Operand& offsets, F&& f) {
  const int32_t* first = step.data<int32_t>(offsets);
  const int64_t sequences = step.rows(offsets);
  for (int64_t n = 0, pairs = 0; n < sequences; ++n) {
    const int64_t length = first[n + 1] - first[n];
    if (n % step.threads == step.thread) f(Sequence{first[n], length, pairs});
    pairs += length * length;
  }
  barrier();
}

// operands a, b, offsets, S; integers heads
template <class T>
void pair_scores(const Step& step, const Instruction& i) {
  const int64_t d = i.operands[0].cols, heads = i.integers[0], width = d / heads;
  for_my_sequences(step, i.operands[2], [&](Sequence s) {
    T* out = step.data<T>(i.operands[3]) + s.pairs * heads;
    for (int64_t q = 0; q < s.length; ++q) {
      for (int64_t k = 0; k < s.length; ++k) {
        const T *a = step.data<T>(i.operands[0]) + (s.begin + q) * d, *b = step.data<T>(i.operands[1]) + (s.begin + k) * d;
        for (int64_t h = 0; h < heads; ++h) {
          T sum = 0;
          for (int64_t c = 0; c < width; ++c) sum += a[h * width + c] * b[h * width + c];
          *out++ = sum;
        }
      }
    }
  });
}

// y[to] += S[from, to or to, from] x[from]; operands S, x, offsets, y; integers heads
template <class T, bool kTransposed>
void mix(const Step& step, const Instruction& i) {
  const int64_t d = i.operands[1].cols, heads = i.integers[0], width = d / heads;
  for_my_sequences(step, i.operands[2], [&](Sequence s) {
    const T* scores = step.data<T>(i.operands[0]) + s.pairs * heads;
    const T* x = step.data<T>(i.operands[1]) + s.begin * d;
    T* y = step.data<T>(i.operands[3]) + s.begin * d;
    for (int64_t e = 0; e < s.length * d; ++e) y[e] = 0;
    for (int64_t q = 0; q < s.length; ++q) {
      for (int64_t k = 0; k < s.length; ++k) {
        const T* in = x + (kTransposed ? q : k) * d;
        T* out = y + (kTransposed ? k : q) * d;
        for (int64_t h = 0; h < heads; ++h) {
          const T weight = scores[(q * s.length + k) * heads + h];
          for (int64_t c = h * width; c < (h + 1) * width; ++c) out[c] += weight * in[c];
        }
      }
    }
  });
}

PRIMER_REGISTER("pair_scores", 4, pair_scores<float>, pair_scores<double>, nullptr, nullptr)
PRIMER_REGISTER("pair_mix", 4, (mix<float, false>), (mix<double, false>), nullptr, nullptr)
PRIMER_REGISTER("pair_mix_transposed", 4, (mix<float, true>), (mix<double, true>), nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
