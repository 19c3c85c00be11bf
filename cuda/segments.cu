// Sums over segments of rows and their adjoint, float32 and float64; segment n holds rows offsets[n]..offsets[n + 1]:
//   segment_sum:       x [T, d], offsets int32 [N + 1] -> y [N, d].
//   segment_broadcast: x [N, d], offsets int32 [N + 1] -> y [T, d].
//   segment_max:       x [T, d], offsets int32 [N + 1] -> y [N, d]; a constant to differentiation, for shifts that cancel.
//   pick_in_segment:   x [T, d], offsets, place int32 [N] -> y [N, d], y[n] = x[offsets[n] + place[n]].
//   place_in_segment:  x [N, d], offsets, place int32 [N] -> y [T, d], its adjoint: zeros but for the places.
// Accumulation of sums: float64 (device/column_sums.cuh). Floor: bytes of both operands once.
#include "device/column_sums.cuh"
#include "device/kernel.h"
#include "device/row_parts.cuh"

namespace primer::cuda {
namespace {

// operands x, offsets, y
template <class T>
void segment_sum(const Launch& launch, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[2];
  const T* in = launch.data<const T>(x);
  T* out = launch.data<T>(y);
  const int64_t d = y.cols;
  segment_column_sums<T>(
      launch, x, segments(launch, y, i.operands[1]), launch.most_rows(y), rows_aligned<T>(launch, {&x}),
      [=] __device__(int64_t r, auto part, auto* v) { v[0] = load(in + r * d, part); },
      [=] __device__(int32_t n, int32_t, int, int32_t c, double sum) { out[n * d + c] = static_cast<T>(sum); });
}

template <class T>
void segment_max(const Launch& launch, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[2];
  const Segments all = segments(launch, y, i.operands[1]);
  const T* in = launch.data<const T>(x);
  T* out = launch.data<T>(y);
  const int64_t d = y.cols;
  for_row_parts<T>(launch, y, rows_aligned<T>(launch, {&x, &y}), [=] __device__(int64_t n, auto columns) {
    const int64_t begin = all.begin(n), end = all.end(n);
    columns.map(out + n * d, [=](auto part) {
      auto top = load(in + begin * d, part);
      for (int64_t r = begin + 1; r < end; ++r) top = greater(load(in + r * d, part), top);
      return top;
    });
  });
}

template <class T>
void segment_broadcast(const Launch& launch, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[2];
  const Segments all = segments(launch, x, i.operands[1]);
  const T* in = launch.data<const T>(x);
  T* out = launch.data<T>(y);
  const int64_t d = x.cols;
  for_row_parts<T>(launch, y, rows_aligned<T>(launch, {&x, &y}), [=] __device__(int64_t r, auto columns) {
    const int64_t n = all.of(r);
    if (n >= 0) columns.map(out + r * d, [=](auto part) { return load(in + n * d, part); });
  });
}

// operands x, offsets, place, y
template <class T>
void pick_in_segment(const Launch& launch, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[3];
  const T* in = launch.data<const T>(x);
  const int32_t *first = launch.data<const int32_t>(i.operands[1]), *place = launch.data<const int32_t>(i.operands[2]);
  T* out = launch.data<T>(y);
  const int64_t d = y.cols;
  for_row_parts<T>(launch, y, rows_aligned<T>(launch, {&x, &y}), [=] __device__(int64_t n, auto columns) {
    const T* row = in + (first[n] + place[n]) * d;
    columns.map(out + n * d, [=](auto part) { return load(row, part); });
  });
}

template <class T>
void place_in_segment(const Launch& launch, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[3];
  const Segments all = segments(launch, x, i.operands[1]);
  const T* in = launch.data<const T>(x);
  const int32_t* place = launch.data<const int32_t>(i.operands[2]);
  T* out = launch.data<T>(y);
  const int64_t d = x.cols;
  for_row_parts<T>(launch, y, rows_aligned<T>(launch, {&x, &y}), [=] __device__(int64_t r, auto columns) {
    const int64_t n = all.of(r);
    if (n < 0) return;
    const T* row = r == all.begin(n) + place[n] ? in + n * d : nullptr;
    columns.map(out + r * d, [=](auto part) { return load_or_zero(row, part); });
  });
}

PRIMER_REGISTER("pick_in_segment", 4, pick_in_segment<float>, pick_in_segment<double>, nullptr)
PRIMER_REGISTER("place_in_segment", 4, place_in_segment<float>, place_in_segment<double>, nullptr)
PRIMER_REGISTER("segment_sum", 3, segment_sum<float>, segment_sum<double>, nullptr)
PRIMER_REGISTER("segment_max", 3, segment_max<float>, segment_max<double>, nullptr)
PRIMER_REGISTER("segment_broadcast", 3, segment_broadcast<float>, segment_broadcast<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
