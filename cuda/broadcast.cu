// Sums and their adjoints, float32 and float64:
//   sum_rows:       x [T, d] -> y [lanes][1, d], over each lane's rows.
//   broadcast_rows: x [1, d], shared or one a lane -> y [T, d].
//   sum_cols:       x [T, d] -> y [T, 1].          broadcast_cols: x [T, 1] -> y [T, d].
//   sum_lanes:      x [lanes][r, d] -> y [r, d].   broadcast_lanes: x [r, d] -> y [lanes][r, d].
// Floor: bytes of both operands once.
#include "device/column_sums.cuh"
#include "device/kernel.h"
#include "device/loops.cuh"
#include "device/reduce.cuh"

namespace primer::cuda {
namespace {

template <class T>
struct Number {
  const T* x;
  int64_t cols;
  __device__ T operator()(int64_t row, int64_t col) const { return x[row * cols + col]; }
};

template <class T>
void sum_rows(const Launch& launch, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[1];
  column_sums<T>(launch, Number<T>{launch.data<const T>(x), x.cols}, launch.rows(x), launch.laned<T>(y), x.cols);
}

template <class T>
__global__ void broadcast_rows_kernel(Laned<const T> x, T* y, Rows rows, int32_t cols) {
  const int64_t count = static_cast<int64_t>(rows.total()) * cols;
  for (int64_t e = first_number(); e < count; e += number_step()) {
    const int32_t row = static_cast<int32_t>(e / cols);
    y[e] = x.of(rows.offsets ? rows.lane_of(row) : 0)[e % cols];
  }
}

template <class T>
void broadcast_rows(const Launch& launch, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[1];
  launch(broadcast_rows_kernel<T>, blocks_for_numbers(launch, launch.most_rows(y) * y.cols), kThreads, 0, launch.laned<const T>(x), launch.data<T>(y),
         launch.rows(y), static_cast<int32_t>(y.cols));
}

template <class T>
__global__ void sum_cols_kernel(const T* x, T* y, Rows rows, int32_t cols) {
  const int64_t first = first_number() / kWarp, step = number_step() / kWarp;
  for (int64_t r = first; r < rows.total(); r += step) {
    T sum = 0;
    for (int32_t c = static_cast<int32_t>(threadIdx.x % kWarp); c < cols; c += kWarp) sum += x[r * cols + c];
    sum = warp_sum(sum);
    if (threadIdx.x % kWarp == 0) y[r] = sum;
  }
}

template <class T>
void sum_cols(const Launch& launch, const Instruction& i) {
  const Operand& x = i.operands[0];
  launch(sum_cols_kernel<T>, blocks_for_numbers(launch, launch.most_rows(x) * kWarp), kThreads, 0, launch.data<const T>(x), launch.data<T>(i.operands[1]),
         launch.rows(x), static_cast<int32_t>(x.cols));
}

template <class T>
__global__ void broadcast_cols_kernel(const T* x, T* y, Rows rows, int32_t cols) {
  const int64_t count = static_cast<int64_t>(rows.total()) * cols;
  for (int64_t e = first_number(); e < count; e += number_step()) y[e] = x[e / cols];
}

template <class T>
void broadcast_cols(const Launch& launch, const Instruction& i) {
  const Operand& y = i.operands[1];
  launch(broadcast_cols_kernel<T>, blocks_for_numbers(launch, launch.most_rows(y) * y.cols), kThreads, 0, launch.data<const T>(i.operands[0]),
         launch.data<T>(y), launch.rows(y), static_cast<int32_t>(y.cols));
}

template <class T>
__global__ void sum_lanes_kernel(Laned<const T> x, T* y, int32_t lanes, int64_t count) {
  for (int64_t e = first_number(); e < count; e += number_step()) {
    T sum = 0;
    for (int32_t lane = 0; lane < lanes; ++lane) sum += x.of(lane)[e];
    y[e] = sum;
  }
}

template <class T>
void sum_lanes(const Launch& launch, const Instruction& i) {
  const Operand& y = i.operands[1];
  launch(sum_lanes_kernel<T>, blocks_for_numbers(launch, y.rows * y.cols), kThreads, 0, launch.laned<const T>(i.operands[0]), launch.data<T>(y),
         static_cast<int32_t>(launch.lanes), y.rows * y.cols);
}

template <class T>
__global__ void broadcast_lanes_kernel(const T* x, Laned<T> y, int64_t count) {
  for (int64_t e = first_number(); e < count; e += number_step()) y.of(blockIdx.y)[e] = x[e];
}

template <class T>
void broadcast_lanes(const Launch& launch, const Instruction& i) {
  const Operand& y = i.operands[1];
  launch(broadcast_lanes_kernel<T>, dim3(blocks_for_numbers(launch, y.rows * y.cols), u32(launch.lanes)), kThreads, 0, launch.data<const T>(i.operands[0]),
         launch.laned<T>(y), y.rows * y.cols);
}

PRIMER_REGISTER("sum_rows", 2, sum_rows<float>, sum_rows<double>, nullptr)
PRIMER_REGISTER("broadcast_rows", 2, broadcast_rows<float>, broadcast_rows<double>, nullptr)
PRIMER_REGISTER("sum_cols", 2, sum_cols<float>, sum_cols<double>, nullptr)
PRIMER_REGISTER("broadcast_cols", 2, broadcast_cols<float>, broadcast_cols<double>, nullptr)
PRIMER_REGISTER("sum_lanes", 2, sum_lanes<float>, sum_lanes<double>, nullptr)
PRIMER_REGISTER("broadcast_lanes", 2, broadcast_lanes<float>, broadcast_lanes<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
