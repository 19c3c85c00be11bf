// Attention's products over all (query i, key j) pairs of a sequence (cpu/pairs.h), float32 and float64. Their derivatives turn
// into each other:
//   pair_scores:         S[ij, h] = a[i, h] . b[j, h]         (a [Tq, d], b [Tk, d] -> S [P, H])
//   pair_mix:            y[i, h] = sum_j S[ij, h] b[j, h]     (S [P, H], b [Tk, d] -> y [Tq, d])
//   pair_mix_transposed: y[j, h] = sum_i S[ij, h] a[i, h]     (S [P, H], a [Tq, d] -> y [Tk, d])
// The slow reference of the fused attention, and what derivatives of any order are made of.
#include "cpu/pairs.h"

PRIMER_KERNELS {
namespace {

// operands a, b, query offsets, key offsets, S; integers heads, causal
template <class T>
void pair_scores(const Step& step, const Instruction& i) {
  const int64_t d = i.operands[0].cols, heads = i.integers[0], width = d / heads;
  for_my_sequences(step, i.operands[2], i.operands[3], i.integers[1] != 0, [&](const PairSequence& s) {
    T* out = step.data<T>(i.operands[4]) + s.first_pair * heads;
    for (int64_t q = 0; q < s.queries; ++q) {
      for (int64_t k = 0; k < s.visible(q); ++k) {
        const T *a = step.data<T>(i.operands[0]) + (s.first_query + q) * d, *b = step.data<T>(i.operands[1]) + (s.first_key + k) * d;
        for (int64_t h = 0; h < heads; ++h) {
          T sum = 0;
          for (int64_t c = 0; c < width; ++c) sum += a[h * width + c] * b[h * width + c];
          *out++ = sum;
        }
      }
    }
  });
}

// y[to] += S[from, to or to, from] x[from]; operands S, x, query offsets, key offsets, y; integers heads, causal
template <class T, bool kTransposed>
void mix(const Step& step, const Instruction& i) {
  const int64_t d = i.operands[1].cols, heads = i.integers[0], width = d / heads;
  for_my_sequences(step, i.operands[2], i.operands[3], i.integers[1] != 0, [&](const PairSequence& s) {
    const T* scores = step.data<T>(i.operands[0]) + s.first_pair * heads;
    const T* x = step.data<T>(i.operands[1]) + (kTransposed ? s.first_query : s.first_key) * d;
    T* y = step.data<T>(i.operands[4]) + (kTransposed ? s.first_key : s.first_query) * d;
    for (int64_t e = 0; e < (kTransposed ? s.keys : s.queries) * d; ++e) y[e] = 0;
    for (int64_t q = 0; q < s.queries; ++q) {
      for (int64_t k = 0; k < s.visible(q); ++k) {
        const T* in = x + (kTransposed ? q : k) * d;
        T* out = y + (kTransposed ? k : q) * d;
        for (int64_t h = 0; h < heads; ++h) {
          const T weight = *scores++;
          for (int64_t c = h * width; c < (h + 1) * width; ++c) out[c] += weight * in[c];
        }
      }
    }
  });
}

PRIMER_REGISTER("pair_scores", 5, pair_scores<float>, pair_scores<double>, nullptr, nullptr)
PRIMER_REGISTER("pair_mix", 5, (mix<float, false>), (mix<double, false>), nullptr, nullptr)
PRIMER_REGISTER("pair_mix_transposed", 5, (mix<float, true>), (mix<double, true>), nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
