// The three products that derivatives of a linear map turn into each other, float32 and float64, per lane's rows:
//   matmul_nt: y = x W^T   (x [T, in], W [out, in] -> [T, out])
//   matmul_nn: y = x W     (x [T, out], W [out, in] -> [T, in])
//   matmul_tn: W = a^T b   (a [T, m], b [T, n] -> [lanes][m, n])
// W is shared or one copy a lane. These are the plain references; the fused ops use the fast products.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

template <class T, class Row>
void for_my_rows(const Step& step, const Operand& x, Row&& row) {
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, x, lane);
    const Range mine = share(step, rows.end - rows.begin);
    for (int64_t r = rows.begin + mine.begin; r < rows.begin + mine.end; ++r) row(lane, r);
  }
  barrier();
}

template <class T>
void matmul_nt(const Step& step, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[2];
  for_my_rows<T>(step, x, [&](int64_t lane, int64_t r) {
    const T *in = step.data<T>(x) + r * x.cols, *w = step.data<T>(i.operands[1], lane);
    for (int64_t c = 0; c < y.cols; ++c, w += x.cols) {
      T sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int64_t k = 0; k < x.cols; ++k) sum += in[k] * w[k];
      step.data<T>(y)[r * y.cols + c] = sum;
    }
  });
}

template <class T>
void matmul_nn(const Step& step, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[2];
  for_my_rows<T>(step, x, [&](int64_t lane, int64_t r) {
    const T *in = step.data<T>(x) + r * x.cols, *w = step.data<T>(i.operands[1], lane);
    T* out = step.data<T>(y) + r * y.cols;
    for (int64_t c = 0; c < y.cols; ++c) out[c] = 0;
    for (int64_t k = 0; k < x.cols; ++k, w += y.cols) {
#pragma omp simd
      for (int64_t c = 0; c < y.cols; ++c) out[c] += in[k] * w[c];
    }
  });
}

template <class T>
void matmul_tn(const Step& step, const Instruction& i) {
  const Operand &a = i.operands[0], &b = i.operands[1];
  const Range band = share(step, a.cols);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, a, lane);
    for (int64_t m = band.begin; m < band.end; ++m) {
      T* out = step.data<T>(i.operands[2], lane) + m * b.cols;
      for (int64_t c = 0; c < b.cols; ++c) out[c] = 0;
      for (int64_t r = rows.begin; r < rows.end; ++r) {
        const T factor = step.data<T>(a)[r * a.cols + m];
        const T* in = step.data<T>(b) + r * b.cols;
#pragma omp simd
        for (int64_t c = 0; c < b.cols; ++c) out[c] += factor * in[c];
      }
    }
  }
  barrier();
}

PRIMER_REGISTER("matmul_nt", 3, matmul_nt<float>, matmul_nt<double>, nullptr, nullptr)
PRIMER_REGISTER("matmul_nn", 3, matmul_nn<float>, matmul_nn<double>, nullptr, nullptr)
PRIMER_REGISTER("matmul_tn", 3, matmul_tn<float>, matmul_tn<double>, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
