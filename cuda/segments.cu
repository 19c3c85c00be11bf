// Sums over segments of rows and their adjoint, float32 and float64; segment n holds rows offsets[n]..offsets[n + 1]:
//   segment_sum:       x [T, d], offsets int32 [N + 1] -> y [N, d].
//   segment_broadcast: x [N, d], offsets int32 [N + 1] -> y [T, d].
//   segment_max:       x [T, d], offsets int32 [N + 1] -> y [N, d]; a constant to differentiation, for shifts that cancel.
//   pick_in_segment:   x [T, d], offsets, place int32 [N] -> y [N, d], y[n] = x[offsets[n] + place[n]].
//   place_in_segment:  x [N, d], offsets, place int32 [N] -> y [T, d], its adjoint: zeros but for the places.
// A thread has a column of a segment. Floor: bytes of both operands once.
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// operands x, offsets, y
template <class T>
void segment_sum(const Launch& launch, const Instruction& i) {
  const Operand& y = i.operands[2];
  const T* x = launch.data<const T>(i.operands[0]);
  const int32_t* first = launch.data<const int32_t>(i.operands[1]);
  T* out = launch.data<T>(y);
  const int64_t d = y.cols;
  for_numbers(launch, y, [=] __device__(int64_t n, int32_t c) {
    T sum = 0;
    for (int64_t r = first[n]; r < first[n + 1]; ++r) sum += x[r * d + c];
    out[n * d + c] = sum;
  });
}

template <class T>
void segment_max(const Launch& launch, const Instruction& i) {
  const Operand& y = i.operands[2];
  const T* x = launch.data<const T>(i.operands[0]);
  const int32_t* first = launch.data<const int32_t>(i.operands[1]);
  T* out = launch.data<T>(y);
  const int64_t d = y.cols;
  for_numbers(launch, y, [=] __device__(int64_t n, int32_t c) {
    T top = x[first[n] * d + c];
    for (int64_t r = first[n] + 1; r < first[n + 1]; ++r) top = x[r * d + c] > top ? x[r * d + c] : top;
    out[n * d + c] = top;
  });
}

template <class T>
void segment_broadcast(const Launch& launch, const Instruction& i) {
  const Operand& x = i.operands[0];
  const T* in = launch.data<const T>(x);
  const int32_t* first = launch.data<const int32_t>(i.operands[1]);
  T* y = launch.data<T>(i.operands[2]);
  const int64_t d = x.cols;
  for_numbers(launch, x, [=] __device__(int64_t n, int32_t c) {
    for (int64_t r = first[n]; r < first[n + 1]; ++r) y[r * d + c] = in[n * d + c];
  });
}

// operands x, offsets, place, y
template <class T>
void pick_in_segment(const Launch& launch, const Instruction& i) {
  const Operand& y = i.operands[3];
  const T* x = launch.data<const T>(i.operands[0]);
  const int32_t *first = launch.data<const int32_t>(i.operands[1]), *place = launch.data<const int32_t>(i.operands[2]);
  T* out = launch.data<T>(y);
  const int64_t d = y.cols;
  for_numbers(launch, y, [=] __device__(int64_t n, int32_t c) { out[n * d + c] = x[(first[n] + place[n]) * d + c]; });
}

template <class T>
void place_in_segment(const Launch& launch, const Instruction& i) {
  const Operand& x = i.operands[0];
  const T* in = launch.data<const T>(x);
  const int32_t *first = launch.data<const int32_t>(i.operands[1]), *place = launch.data<const int32_t>(i.operands[2]);
  T* y = launch.data<T>(i.operands[3]);
  const int64_t d = x.cols;
  for_numbers(launch, x, [=] __device__(int64_t n, int32_t c) {
    for (int64_t r = first[n]; r < first[n + 1]; ++r) y[r * d + c] = r == first[n] + place[n] ? in[n * d + c] : T(0);
  });
}

PRIMER_REGISTER("pick_in_segment", 4, pick_in_segment<float>, pick_in_segment<double>, nullptr)
PRIMER_REGISTER("place_in_segment", 4, place_in_segment<float>, place_in_segment<double>, nullptr)
PRIMER_REGISTER("segment_sum", 3, segment_sum<float>, segment_sum<double>, nullptr)
PRIMER_REGISTER("segment_max", 3, segment_max<float>, segment_max<double>, nullptr)
PRIMER_REGISTER("segment_broadcast", 3, segment_broadcast<float>, segment_broadcast<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
