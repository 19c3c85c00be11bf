// Sums and their adjoints, float32 and float64:
//   sum_rows:       x [T, d] -> y [lanes][1, d], over each lane's rows.
//   broadcast_rows: x [1, d], shared or one a lane -> y [T, d].
//   sum_cols:       x [T, d] -> y [T, 1].          broadcast_cols: x [T, 1] -> y [T, d].
//   sum_lanes:      x [lanes][r, d] -> y [r, d].   broadcast_lanes: x [r, d] -> y [lanes][r, d].
// Floor: bytes of both operands once.
#include "device/column_sums.cuh"
#include "device/kernel.h"
#include "device/row_parts.cuh"
#include "device/streams.cuh"
#include "device/whole_rows.cuh"

namespace primer::cuda {
namespace {

// operands x, y
template <class T>
void sum_rows(const Launch& launch, const Instruction& i) {
  const Operand& x = i.operands[0];
  const T* in = launch.data<const T>(x);
  const int64_t d = x.cols;
  column_sums<T, 1>(launch, x, {&i.operands[1]}, rows_aligned<T>(launch, {&x}),
                    [=] __device__(int64_t r, auto part, auto* v) { v[0] = load(in + r * d, part); });
}

template <class T>
void broadcast_rows(const Launch& launch, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[1];
  const Laned<const T> in = launch.laned<const T>(x);
  T* out = launch.data<T>(y);
  const Rows rows = launch.rows(y);
  const int64_t d = y.cols;
  for_row_parts<T>(launch, y, rows_aligned<T>(launch, {&x, &y}), [=] __device__(int64_t r, auto columns) {
    const T* row = in.of(rows.lane_of(r));
    columns.map(out + r * d, [=](auto part) { return load(row, part); });
  });
}

template <class T>
void sum_cols(const Launch& launch, const Instruction& i) {
  const Operand& x = i.operands[0];
  const T* in = launch.data<const T>(x);
  T* y = launch.data<T>(i.operands[1]);
  const int64_t d = x.cols;
  for_whole_rows<T>(launch, x, rows_aligned<T>(launch, {&x}), [=] __device__(int64_t r, auto team) {
    T sum = 0;
    team.hold([=](auto part) { return load(in + r * d, part); }).each([&](auto, const auto& v) { sum += total(v); });
    sum = team.sum(sum);
    if (team.leads()) y[r] = sum;
  });
}

template <class T>
void broadcast_cols(const Launch& launch, const Instruction& i) {
  const Operand& y = i.operands[1];
  const T* x = launch.data<const T>(i.operands[0]);
  T* out = launch.data<T>(y);
  const int64_t d = y.cols;
  for_row_parts<T>(launch, y, rows_aligned<T>(launch, {&y}), [=] __device__(int64_t r, auto columns) {
    const T value = x[r];
    columns.map(out + r * d, [=](auto part) { return filled(value, part); });
  });
}

template <class T>
void sum_lanes(const Launch& launch, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[1];
  const Laned<const T> in = launch.laned<const T>(x);
  T* out = launch.data<T>(y);
  const int64_t lanes = launch.lanes, d = y.cols;
  for_row_parts<T>(launch, y, rows_aligned<T>(launch, {&x, &y}), [=] __device__(int64_t r, auto columns) {
    columns.map(out + r * d, [=](auto part) {
      auto sum = load(in.of(0) + r * d, part);
      for (int64_t lane = 1; lane < lanes; ++lane) sum = sum + load(in.of(lane) + r * d, part);
      return sum;
    });
  });
}

template <class T>
void broadcast_lanes(const Launch& launch, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[1];
  map_numbers<T, 1, 1>(launch, y, {&x}, {&y}, [] __device__(const T* in, T* out) { out[0] = in[0]; });
}

PRIMER_REGISTER("sum_rows", 2, sum_rows<float>, sum_rows<double>, column_sums_scratch<0>)
PRIMER_REGISTER("broadcast_rows", 2, broadcast_rows<float>, broadcast_rows<double>, nullptr)
PRIMER_REGISTER("sum_cols", 2, sum_cols<float>, sum_cols<double>, nullptr)
PRIMER_REGISTER("broadcast_cols", 2, broadcast_cols<float>, broadcast_cols<double>, nullptr)
PRIMER_REGISTER("sum_lanes", 2, sum_lanes<float>, sum_lanes<double>, nullptr)
PRIMER_REGISTER("broadcast_lanes", 2, broadcast_lanes<float>, broadcast_lanes<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
