// The three products that derivatives of a linear map turn into each other, float32 and float64, per lane's rows:
//   matmul_nt: y = x W^T   (x [T, in], W [out, in] -> [T, out])
//   matmul_nn: y = x W     (x [T, out], W [out, in] -> [T, in])
//   matmul_tn: W = a^T b   (a [T, m], b [T, n] -> [lanes][m, n])
// W is shared or one copy a lane. These are the plain references; the fused ops use the fast products (device/gemm.cuh).
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// y[r][c] = sum over k of x[r][k] W[c k], W's element at c * row + k * col of it.
template <class T>
__global__ void row_product_kernel(const T* x, Laned<const T> w, T* y, Rows rows, int32_t terms, int32_t cols, int32_t row, int32_t col) {
  const int64_t count = static_cast<int64_t>(rows.total()) * cols;
  for (int64_t e = first_number(); e < count; e += number_step()) {
    const int64_t r = e / cols, c = e % cols;
    const T* weight = w.of(rows.offsets ? rows.lane_of(static_cast<int32_t>(r)) : 0);
    T sum = 0;
    for (int64_t k = 0; k < terms; ++k) sum += x[r * terms + k] * weight[c * row + k * col];
    y[e] = sum;
  }
}

template <class T>
void row_product(const Launch& launch, const Instruction& i, int64_t row, int64_t col) {
  const Operand &x = i.operands[0], &y = i.operands[2];
  launch(row_product_kernel<T>, blocks_for_numbers(launch, launch.most_rows(x) * y.cols), kThreads, 0, launch.data<const T>(x),
         launch.laned<const T>(i.operands[1]), launch.data<T>(y), launch.rows(x), static_cast<int32_t>(x.cols), static_cast<int32_t>(y.cols),
         static_cast<int32_t>(row), static_cast<int32_t>(col));
}

template <class T>
void matmul_nt(const Launch& launch, const Instruction& i) {
  row_product<T>(launch, i, i.operands[0].cols, 1);
}

template <class T>
void matmul_nn(const Launch& launch, const Instruction& i) {
  row_product<T>(launch, i, 1, i.operands[2].cols);
}

template <class T>
__global__ void matmul_tn_kernel(const T* a, const T* b, Laned<T> w, Rows rows, int32_t m, int32_t n) {
  const int32_t lane = static_cast<int32_t>(blockIdx.y);
  for (int64_t e = first_number(); e < static_cast<int64_t>(m) * n; e += number_step()) {
    T sum = 0;
    for (int64_t r = rows.begin(lane); r < rows.end(lane); ++r) sum += a[r * m + e / n] * b[r * n + e % n];
    w.of(lane)[e] = sum;
  }
}

template <class T>
void matmul_tn(const Launch& launch, const Instruction& i) {
  const Operand &a = i.operands[0], &b = i.operands[1];
  launch(matmul_tn_kernel<T>, dim3(blocks_for_numbers(launch, a.cols * b.cols), u32(launch.lanes)), kThreads, 0, launch.data<const T>(a),
         launch.data<const T>(b), launch.laned<T>(i.operands[2]), launch.rows(a), static_cast<int32_t>(a.cols), static_cast<int32_t>(b.cols));
}

PRIMER_REGISTER("matmul_nt", 3, matmul_nt<float>, matmul_nt<double>, nullptr)
PRIMER_REGISTER("matmul_nn", 3, matmul_nn<float>, matmul_nn<double>, nullptr)
PRIMER_REGISTER("matmul_tn", 3, matmul_tn<float>, matmul_tn<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
