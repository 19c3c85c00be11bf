// pick_column:  y[t] = x[t, column[t]].                       x [T, V], column int32 [T] -> y [T, 1].
// place_column: y[t, column[t]] = x[t], zeros elsewhere.       x [T, 1], column int32 [T] -> y [T, V].   Float32 and float64.
// Floor: bytes of y once (of place_column, 4 V a row).
#include "device/kernel.h"
#include "device/row_parts.cuh"

namespace primer::cuda {
namespace {

// operands x, column, y
template <class T>
void pick_column(const Launch& launch, const Instruction& i) {
  const T* x = launch.data<const T>(i.operands[0]);
  const int32_t* column = launch.data<const int32_t>(i.operands[1]);
  T* y = launch.data<T>(i.operands[2]);
  const int64_t cols = i.operands[0].cols;
  for_row_parts<T>(launch, i.operands[2], false, [=] __device__(int64_t r, auto columns) {
    columns.map(y + r, [=](auto part) { return filled(x[r * cols + column[r]], part); });
  });
}

template <class T>
void place_column(const Launch& launch, const Instruction& i) {
  const T* x = launch.data<const T>(i.operands[0]);
  const int32_t* column = launch.data<const int32_t>(i.operands[1]);
  T* y = launch.data<T>(i.operands[2]);
  const int64_t cols = i.operands[2].cols;
  for_row_parts<T>(launch, i.operands[2], rows_aligned<T>(launch, {&i.operands[2]}), [=] __device__(int64_t r, auto columns) {
    const int32_t place = column[r];
    const T value = x[r];
    columns.map(y + r * cols, [=](auto part) {
      auto v = filled(T(0), part);
#pragma unroll
      for (int e = 0; e < part.width; ++e) v.n[e] = part.c + e == place ? value : T(0);
      return v;
    });
  });
}

PRIMER_REGISTER("pick_column", 3, pick_column<float>, pick_column<double>, nullptr)
PRIMER_REGISTER("place_column", 3, place_column<float>, place_column<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
