// pick_column:  y[t] = x[t, column[t]].                       x [T, V], column int32 [T] -> y [T, 1].
// place_column: y[t, column[t]] = x[t], zeros elsewhere.       x [T, 1], column int32 [T] -> y [T, V].   Float32 and float64.
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// operands x, column, y
template <class T>
void pick_column(const Launch& launch, const Instruction& i) {
  const T* x = launch.data<const T>(i.operands[0]);
  const int32_t* column = launch.data<const int32_t>(i.operands[1]);
  T* y = launch.data<T>(i.operands[2]);
  const int64_t cols = i.operands[0].cols;
  for_numbers(launch, i.operands[2], [=] __device__(int64_t r, int32_t) { y[r] = x[r * cols + column[r]]; });
}

template <class T>
void place_column(const Launch& launch, const Instruction& i) {
  const T* x = launch.data<const T>(i.operands[0]);
  const int32_t* column = launch.data<const int32_t>(i.operands[1]);
  T* y = launch.data<T>(i.operands[2]);
  const int64_t cols = i.operands[2].cols;
  for_numbers(launch, i.operands[2], [=] __device__(int64_t r, int32_t c) { y[r * cols + c] = c == column[r] ? x[r] : T(0); });
}

PRIMER_REGISTER("pick_column", 3, pick_column<float>, pick_column<double>, nullptr)
PRIMER_REGISTER("place_column", 3, place_column<float>, place_column<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
