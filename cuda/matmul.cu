// The three products that derivatives of a linear map turn into each other, float32 and float64, per lane's rows:
//   matmul_nt: y = x W^T   (x [T, in], W [out, in] -> [T, out])
//   matmul_nn: y = x W     (x [T, out], W [out, in] -> [T, in])
//   matmul_tn: W = a^T b   (a [T, m], b [T, n] -> [lanes][m, n])
// W is shared or one copy a lane. These are the plain references; the fused ops use the fast products (device/gemm.cuh).
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// y[r][c] = sum over k of x[r][k] W[c * row + k * col].
template <class T>
void row_product(const Launch& launch, const Instruction& i, int64_t row, int64_t col) {
  const Operand &x = i.operands[0], &y = i.operands[2];
  const T* in = launch.data<const T>(x);
  const Laned<const T> w = launch.laned<const T>(i.operands[1]);
  T* out = launch.data<T>(y);
  const Rows rows = launch.rows(x);
  const int64_t terms = x.cols, cols = y.cols;
  for_numbers(launch, y, [=] __device__(int64_t r, int32_t c) {
    const T* weight = w.of(rows.lane_of(r)) + c * row;
    T sum = 0;
    for (int64_t k = 0; k < terms; ++k) sum += in[r * terms + k] * weight[k * col];
    out[r * cols + c] = sum;
  });
}

// operands x, W, y
template <class T>
void matmul_nt(const Launch& launch, const Instruction& i) {
  row_product<T>(launch, i, i.operands[0].cols, 1);
}

template <class T>
void matmul_nn(const Launch& launch, const Instruction& i) {
  row_product<T>(launch, i, 1, i.operands[2].cols);
}

// operands a, b, W
template <class T>
void matmul_tn(const Launch& launch, const Instruction& i) {
  const T *a = launch.data<const T>(i.operands[0]), *b = launch.data<const T>(i.operands[1]);
  const Laned<T> w = launch.laned<T>(i.operands[2]);
  const Rows rows = launch.rows(i.operands[0]);
  const int64_t m = i.operands[0].cols, n = i.operands[1].cols;
  for_copies(launch, launch.lanes, m * n, [=] __device__(int32_t lane, int64_t e) {
    T sum = 0;
    for (int64_t r = rows.begin(lane); r < rows.end(lane); ++r) sum += a[r * m + e / n] * b[r * n + e % n];
    w.of(lane)[e] = sum;
  });
}

PRIMER_REGISTER("matmul_nt", 3, matmul_nt<float>, matmul_nt<double>, nullptr)
PRIMER_REGISTER("matmul_nn", 3, matmul_nn<float>, matmul_nn<double>, nullptr)
PRIMER_REGISTER("matmul_tn", 3, matmul_tn<float>, matmul_tn<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
