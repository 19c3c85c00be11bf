// A prefix of P rows a lane before the rows of each of its sequences, and the adjoints, float32 and float64:
//   prefix_prepend: p [P, d] a lane or none, x [T, d] or none -> y [T + P N, d]; zeros stand for what is none.
//   prefix_drop:    y [T + P N, d] -> x [T, d].
//   prefix_sum:     y [T + P N, d] -> p [P, d] a lane, over the lane's sequences in order.
// All overwrite. The last two inputs are the offsets of the sequences without and with the prefix. A thread has a number of the result.
// prefix_sum adds in float64: an addition a number is hidden behind its bytes. Floor: bytes of both operands once.
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// operands p, x, offsets without, offsets with, y; integers P
template <class T>
void prepend(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Laned<const T> p = launch.laned<const T>(o[0]);
  const T* x = launch.data<const T>(o[1]);
  const int32_t *own = launch.data<const int32_t>(o[2]), *all = launch.data<const int32_t>(o[3]);
  T* y = launch.data<T>(o[4]);
  const Rows sequences = launch.rows(o[3]);
  const int32_t prefix = static_cast<int32_t>(i.integers[0]);
  const int64_t d = o[4].cols;
  for_numbers(launch, o[4], [=] __device__(int64_t r, int32_t c) {
    const int32_t n = segment_of(all, sequences.total(), r);
    const int64_t place = r - all[n];
    T v = T(0);
    if (place < prefix) {
      if (p) v = p.of(sequences.lane_of(n))[place * d + c];
    } else if (x) {
      v = x[(own[n] + place - prefix) * d + c];
    }
    y[r * d + c] = v;
  });
}

// operands y, offsets without, offsets with, x; integers P
template <class T>
void drop(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const T* y = launch.data<const T>(o[0]);
  const int32_t *own = launch.data<const int32_t>(o[1]), *all = launch.data<const int32_t>(o[2]);
  T* x = launch.data<T>(o[3]);
  const Rows sequences = launch.rows(o[1]);
  const int64_t d = o[3].cols, prefix = i.integers[0];
  for_numbers(launch, o[3], [=] __device__(int64_t r, int32_t c) {
    const int32_t n = segment_of(own, sequences.total(), r);
    x[r * d + c] = y[(all[n] + prefix + r - own[n]) * d + c];
  });
}

// operands y, offsets without, offsets with, p; integers P
template <class T>
void sum(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const T* y = launch.data<const T>(o[0]);
  const int32_t* all = launch.data<const int32_t>(o[2]);
  const Laned<T> p = launch.laned<T>(o[3]);
  const Rows sequences = launch.rows(o[2]);
  const int64_t d = o[3].cols;
  for_copies(launch, launch.lanes, i.integers[0] * d, [=] __device__(int32_t lane, int64_t e) {
    double sum = 0;
    for (int32_t n = sequences.begin(lane); n < sequences.end(lane); ++n) sum += static_cast<double>(y[all[n] * d + e]);
    p.of(lane)[e] = static_cast<T>(sum);
  });
}

PRIMER_REGISTER("prefix_prepend", 5, prepend<float>, prepend<double>, nullptr)
PRIMER_REGISTER("prefix_drop", 4, drop<float>, drop<double>, nullptr)
PRIMER_REGISTER("prefix_sum", 4, sum<float>, sum<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
