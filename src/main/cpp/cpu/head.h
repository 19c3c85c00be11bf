// The logits of a language-model head, a chunk of the vocabulary and a block of rows at a time; shared by head_cross_entropy
// and head_top_k. A chunk's logits are kept transposed, [words, rows]: then W is the left factor of every product and is read
// in place, plain, whether frozen or trained (no packed copy of the largest weight), and sums over words are vectors of rows.
#pragma once

#include "cpu/functions.h"
#include "cpu/head_bf16.h"
#include "cpu/tile_gemm.h"

PRIMER_KERNELS {

constexpr int64_t kHeadWords = 256;  // of a chunk: [256, 768] floats lie in the second-level cache
constexpr int64_t kHeadRows = 128;   // of a block
constexpr float kLowest = -3.0e38f;  // below every logit, and its differences are still numbers

// W [words, d], as float32 or as bf16 (the other is null), and b [words] or null.
struct Head {
  const float* weight;
  const uint16_t* weight_bf16;
  const float* bias;
  int64_t words, d;
};

static inline Head head_of(const Step& step, const Operand& weight, const Operand& bias, int64_t lane) {
  const bool bf16 = weight.layout == Layout::rows_bf16;
  return {bf16 ? nullptr : step.data<float>(weight, lane), bf16 ? step.data<uint16_t>(weight) : nullptr,
          step.present(bias) ? step.data<float>(bias, lane) : nullptr, weight.rows, weight.cols};
}

// Whether all lanes' rows go through one head.
static inline bool one_head(const Step& step, const Operand& weight, const Operand& bias) {
  return step.lanes == 1 || (weight.lane_stride == 0 && (!step.present(bias) || bias.lane_stride == 0));
}

// Hands out pieces of a thread's scratch; from a null start it counts them.
class Pieces {
 public:
  explicit Pieces(char* start) : at_(start) {}
  template <class T>
  T* take(int64_t count) {
    T* piece = reinterpret_cast<T*>(at_);
    at_ += round_up(count * static_cast<int64_t>(sizeof(T)) + 64, 64);
    return piece;
  }
  int64_t bytes() const { return reinterpret_cast<int64_t>(at_); }

 private:
  char* at_;
};

// out [count, d] = the rows of h that `rows` names; ht [d, ld] = their transpose with zeros behind them.
static inline void gather_block(const float* h, const int32_t* rows, int64_t count, int64_t d, float* out, float* ht, int64_t ld) {
  for (int64_t t = 0; t < count; ++t) std::memcpy(out + t * d, h + rows[t] * d, static_cast<size_t>(d) * 4);
  transpose(out, count, d, d, ht, ld);
}

// Calls f(t) for t in [0, ld), a vector at a time: for 16 rows a loop of unknown length would cost more than its work.
template <class F>
static inline void for_vectors(int64_t ld, F&& f) {
  for (int64_t t = 0; t < ld; t += kLanes) {
#pragma omp simd
    for (int l = 0; l < kLanes; ++l) f(t + l);
  }
}

// Products are kept out of line: inlined into a kernel, their inner loops run out of registers.
#define PRIMER_OUT_OF_LINE __attribute__((noinline)) static

// As the products read h: of a head in bf16, pairs of bf16. Only avx512 has those (core/bf16.h).
static inline void round_as_head([[maybe_unused]] const Head& head, [[maybe_unused]] float* ht, [[maybe_unused]] int64_t ld) {
#if defined(__AVX512F__)
  if (head.weight_bf16) round_to_pairs(ht, head.d, ld);
#endif
}

static inline void head_product(const Head& head, int64_t first, int64_t count, const float* ht, int64_t ld, float* logits) {
#if defined(__AVX512F__)
  if (head.weight_bf16) {
    const int64_t pairs = (head.d + 1) / 2;
    return pair_product({count, pairs, ld, reinterpret_cast<const uint32_t*>(head.weight_bf16) + first * pairs, ht, logits});
  }
#endif
  tile_gemm({.m = count, .n = ld, .k = head.d, .a = head.weight + first * head.d, .a_row = head.d, .a_col = 1, .b = ht, .ldb = ld,
             .c = logits, .ldc = ld});
}

// logits [count, ld] of the words from `first` on. Accumulation: float32, over d in ascending order, whatever the blocks are.
PRIMER_OUT_OF_LINE void head_logits(const Head& head, int64_t first, int64_t count, const float* ht, int64_t ld, float* logits) {
  head_product(head, first, count, ht, ld, logits);
  if (!head.bias) return;
  for (int64_t v = 0; v < count; ++v) {
    for_vectors(ld, [=, row = logits + v * ld, bias = head.bias[first + v]](int64_t t) { row[t] += bias; });
  }
}

// top[t] = max(top[t], logits[., t]).
static inline void raise_top(const float* logits, int64_t count, int64_t ld, float* top) {
  for (int64_t v = 0; v < count; ++v) {
    for_vectors(ld, [=, row = logits + v * ld](int64_t t) { top[t] = row[t] > top[t] ? row[t] : top[t]; });
  }
}

}  // namespace primer::PRIMER_ISA
