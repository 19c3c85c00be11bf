// The three products that derivatives of a linear map turn into each other, float32 and float64, per lane's rows:
//   matmul_nt: y = x W^T   (x [T, in], W [out, in] -> [T, out])
//   matmul_nn: y = x W     (x [T, out], W [out, in] -> [T, in])
//   matmul_tn: W = a^T b   (a [T, m], b [T, n] -> [lanes][m, n])
// W is shared or one copy a lane. Those of float32 are in the program's precision (dense_product.cuh); those of float64 are plain references.
#include "dense_gradient.cuh"
#include "device/kernel.h"

namespace primer::cuda {
namespace {

// In float64: y[r][c] = sum over k of x[r][k] W[c * row + k * col].
void row_product(const Launch& launch, const Instruction& i, int64_t row, int64_t col) {
  const Operand &x = i.operands[0], &y = i.operands[2];
  const double* in = launch.data<const double>(x);
  const Laned<const double> w = launch.laned<const double>(i.operands[1]);
  double* out = launch.data<double>(y);
  const Rows rows = launch.rows(x);
  const int64_t terms = x.cols, cols = y.cols;
  for_numbers(launch, y, [=] __device__(int64_t r, int32_t c) {
    const double* weight = w.of(rows.lane_of(r)) + c * row;
    double sum = 0;
    for (int64_t k = 0; k < terms; ++k) sum += in[r * terms + k] * weight[k * col];
    out[r * cols + c] = sum;
  });
}

// operands x, W, y
void matmul_nt_double(const Launch& launch, const Instruction& i) { row_product(launch, i, i.operands[0].cols, 1); }
void matmul_nn_double(const Launch& launch, const Instruction& i) { row_product(launch, i, 1, i.operands[2].cols); }

// operands x, W, y
template <Side kSide>
void matmul_rows(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  dense_product(launch, o[0], o[1], kSide, parts(launch, o[0], one_for_all(o[1], launch.lanes)), launch.data<float>(o[2]));
}

// operands a, b, W
void matmul_tn(const Launch& launch, const Instruction& i) { dense_gradient(launch, i.operands[0], i.operands[1], i.operands[2]); }

void matmul_tn_double(const Launch& launch, const Instruction& i) {
  const double *a = launch.data<const double>(i.operands[0]), *b = launch.data<const double>(i.operands[1]);
  const Laned<double> w = launch.laned<double>(i.operands[2]);
  const Rows rows = launch.rows(i.operands[0]);
  const int64_t m = i.operands[0].cols, n = i.operands[1].cols;
  for_copies(launch, launch.lanes, m * n, [=] __device__(int32_t lane, int64_t e) {
    double sum = 0;
    for (int64_t r = rows.begin(lane); r < rows.end(lane); ++r) sum += a[r * m + e / n] * b[r * n + e % n];
    w.of(lane)[e] = sum;
  });
}

int64_t scratch(const Instruction& i, int64_t lanes, Precision precision) { return dense_product_scratch(i.operands[0], i.operands[1], lanes, precision); }

PRIMER_REGISTER("matmul_nt", 3, matmul_rows<Side::forward>, matmul_nt_double, scratch, kDense)
PRIMER_REGISTER("matmul_nn", 3, matmul_rows<Side::backward>, matmul_nn_double, scratch, kDense)
PRIMER_REGISTER("matmul_tn", 3, matmul_tn, matmul_tn_double, scratch, kDense)

}  // namespace
}  // namespace primer::cuda
