// Sums and their adjoints, float32 and float64:
//   sum_rows:       x [T, d] -> y [lanes][1, d], over each lane's rows.
//   broadcast_rows: x [1, d], shared or one a lane -> y [T, d].
//   sum_cols:       x [T, d] -> y [T, 1].          broadcast_cols: x [T, 1] -> y [T, d].
//   sum_lanes:      x [lanes][r, d] -> y [r, d].   broadcast_lanes: x [r, d] -> y [lanes][r, d].
// Floor: bytes of both operands once.
#include "device/column_sums.cuh"
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// operands x, y
template <class T>
void sum_rows(const Launch& launch, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[1];
  const T* in = launch.data<const T>(x);
  const int64_t d = x.cols;
  column_sums<T>(launch, [=] __device__(int64_t r, int64_t c) { return in[r * d + c]; }, launch.rows(x), launch.laned<T>(y), d);
}

template <class T>
void broadcast_rows(const Launch& launch, const Instruction& i) {
  const Operand& y = i.operands[1];
  const Laned<const T> x = launch.laned<const T>(i.operands[0]);
  T* out = launch.data<T>(y);
  const Rows rows = launch.rows(y);
  const int64_t d = y.cols;
  for_numbers(launch, y, [=] __device__(int64_t r, int32_t c) { out[r * d + c] = x.of(rows.lane_of(r))[c]; });
}

template <class T>
void sum_cols(const Launch& launch, const Instruction& i) {
  const Operand& x = i.operands[0];
  const T* in = launch.data<const T>(x);
  T* y = launch.data<T>(i.operands[1]);
  const int64_t d = x.cols;
  for_rows(launch, x, [=] __device__(int64_t r, int32_t lane) {
    T sum = 0;
    for (int64_t c = lane; c < d; c += kWarp) sum += in[r * d + c];
    sum = warp_sum(sum);
    if (lane == 0) y[r] = sum;
  });
}

template <class T>
void broadcast_cols(const Launch& launch, const Instruction& i) {
  const Operand& y = i.operands[1];
  const T* x = launch.data<const T>(i.operands[0]);
  T* out = launch.data<T>(y);
  const int64_t d = y.cols;
  for_numbers(launch, y, [=] __device__(int64_t r, int32_t c) { out[r * d + c] = x[r]; });
}

template <class T>
void sum_lanes(const Launch& launch, const Instruction& i) {
  const Operand& y = i.operands[1];
  const Laned<const T> x = launch.laned<const T>(i.operands[0]);
  T* out = launch.data<T>(y);
  const int64_t lanes = launch.lanes;
  for_copies(launch, 1, y.rows * y.cols, [=] __device__(int32_t, int64_t e) {
    T sum = 0;
    for (int64_t lane = 0; lane < lanes; ++lane) sum += x.of(lane)[e];
    out[e] = sum;
  });
}

template <class T>
void broadcast_lanes(const Launch& launch, const Instruction& i) {
  const Operand& y = i.operands[1];
  const T* x = launch.data<const T>(i.operands[0]);
  const Laned<T> out = launch.laned<T>(y);
  for_copies(launch, launch.lanes, y.rows * y.cols, [=] __device__(int32_t lane, int64_t e) { out.of(lane)[e] = x[e]; });
}

PRIMER_REGISTER("sum_rows", 2, sum_rows<float>, sum_rows<double>, nullptr)
PRIMER_REGISTER("broadcast_rows", 2, broadcast_rows<float>, broadcast_rows<double>, nullptr)
PRIMER_REGISTER("sum_cols", 2, sum_cols<float>, sum_cols<double>, nullptr)
PRIMER_REGISTER("broadcast_cols", 2, broadcast_cols<float>, broadcast_cols<double>, nullptr)
PRIMER_REGISTER("sum_lanes", 2, sum_lanes<float>, sum_lanes<double>, nullptr)
PRIMER_REGISTER("broadcast_lanes", 2, broadcast_lanes<float>, broadcast_lanes<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
