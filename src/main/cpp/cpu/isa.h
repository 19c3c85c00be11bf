// What every kernel file includes. A kernel file is compiled once for each instruction set, with PRIMER_ISA set to
// base, avx2 or avx512. All code in it, and in the headers of this folder, lies in a namespace of that name, so that no
// function compiled for a newer processor can be linked into an older one's path.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "core/kernel.h"

#define PRIMER_KERNELS namespace primer::PRIMER_ISA

// Registers kernel `name` (a string): float32, float64 or nullptr, prepare or nullptr, scratch or nullptr.
#define PRIMER_JOIN_(a, b) a##b
#define PRIMER_JOIN(a, b) PRIMER_JOIN_(a, b)
#define PRIMER_STRING_(a) #a
#define PRIMER_STRING(a) PRIMER_STRING_(a)
#define PRIMER_REGISTER(name, f32, f64, prepare, scratch)                                                             \
  static constinit const ::primer::Kernel PRIMER_JOIN(kernel_, __LINE__){name, f32, f64, prepare, scratch};           \
  __attribute__((used, section("primer_kernels_" PRIMER_STRING(PRIMER_ISA)))) static constinit const ::primer::Kernel* \
      const PRIMER_JOIN(entry_, __LINE__) = &PRIMER_JOIN(kernel_, __LINE__);

PRIMER_KERNELS {

#if defined(__AVX512F__)
constexpr int kLanes = 16;  // float32 numbers in a vector
constexpr int kTileVectors = 4;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
constexpr int kTileVectors = 2;
#else
constexpr int kLanes = 4;
constexpr int kTileVectors = 2;
#endif

typedef float Vector __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));

typedef int32_t Lanes __attribute__((vector_size(kLanes * 4)));

// The sum of a vector's numbers, in a tree: far fewer dependent additions than what a compiler makes of a reduction.
inline float sum_of(Vector v) {
#pragma GCC unroll 4
  for (int distance = kLanes / 2; distance > 0; distance /= 2) {
    Lanes other;
#pragma GCC unroll 16
    for (int l = 0; l < kLanes; ++l) other[l] = l ^ distance;
    v += __builtin_shuffle(v, other);
  }
  return v[0];
}

// The largest of a vector's numbers.
inline float top_of(Vector v) {
  float top = v[0];
#pragma GCC unroll 16
  for (int l = 1; l < kLanes; ++l) top = v[l] > top ? v[l] : top;
  return top;
}

// Half-open range of indices.
struct Range {
  int64_t begin, end;
};

// The calling thread's part of [0, n), cut at multiples of `grain`.
inline Range share(const Step& step, int64_t n, int64_t grain = 1) {
  const int64_t grains = (n + grain - 1) / grain;
  const int64_t begin = grains * step.thread / step.threads * grain, end = grains * (step.thread + 1) / step.threads * grain;
  return {begin < n ? begin : n, end < n ? end : n};
}

inline void barrier() {
#pragma omp barrier
}

inline int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }
inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

// The rows of one lane along the axis of `o`; the whole matrix where `o` has a fixed number of rows.
inline Range lane_rows(const Step& step, const Operand& o, int64_t lane) {
  if (o.axis < 0) return {0, o.rows};
  const int32_t* offsets = step.lane_offsets(o.axis);
  return {offsets[lane], offsets[lane + 1]};
}

}  // namespace primer::PRIMER_ISA
