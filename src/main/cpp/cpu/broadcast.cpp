// Sums and their adjoints, float32 and float64:
//   sum_rows:       x [T, d] -> y [lanes][1, d], over each lane's rows in ascending order (a band of columns a thread).
//   broadcast_rows: x [1, d], shared or one a lane -> y [T, d].
//   sum_cols:       x [T, d] -> y [T, 1].          broadcast_cols: x [T, 1] -> y [T, d].
//   sum_lanes:      x [lanes][r, d] -> y [r, d].   broadcast_lanes: x [r, d] -> y [lanes][r, d].
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

template <class T>
void sum_rows(const Step& step, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[1];
  const Range band = share(step, x.cols, kLanes);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, x, lane);
    T* out = step.data<T>(y, lane);
    for (int64_t c = band.begin; c < band.end; ++c) out[c] = 0;
    for (int64_t r = rows.begin; r < rows.end; ++r) {
      const T* in = step.data<T>(x) + r * x.cols;
#pragma omp simd
      for (int64_t c = band.begin; c < band.end; ++c) out[c] += in[c];
    }
  }
  barrier();
}

template <class T>
void broadcast_rows(const Step& step, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[1];
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, y, lane);
    const Range mine = share(step, rows.end - rows.begin);
    for (int64_t r = rows.begin + mine.begin; r < rows.begin + mine.end; ++r) {
      std::memcpy(step.data<T>(y) + r * y.cols, step.data<T>(x, lane), static_cast<size_t>(y.cols) * sizeof(T));
    }
  }
  barrier();
}

template <class T>
void sum_cols(const Step& step, const Instruction& i) {
  const Operand& x = i.operands[0];
  const Range mine = share(step, step.rows(x));
  for (int64_t r = mine.begin; r < mine.end; ++r) {
    T sum = 0;
    for (int64_t c = 0; c < x.cols; ++c) sum += step.data<T>(x)[r * x.cols + c];
    step.data<T>(i.operands[1])[r] = sum;
  }
  barrier();
}

template <class T>
void broadcast_cols(const Step& step, const Instruction& i) {
  const Operand& y = i.operands[1];
  const Range mine = share(step, step.rows(y));
  for (int64_t r = mine.begin; r < mine.end; ++r) {
    for (int64_t c = 0; c < y.cols; ++c) step.data<T>(y)[r * y.cols + c] = step.data<T>(i.operands[0])[r];
  }
  barrier();
}

template <class T>
void sum_lanes(const Step& step, const Instruction& i) {
  const Operand& y = i.operands[1];
  const Range mine = share(step, y.rows * y.cols, kLanes);
  for (int64_t e = mine.begin; e < mine.end; ++e) {
    T sum = 0;
    for (int64_t lane = 0; lane < step.lanes; ++lane) sum += step.data<T>(i.operands[0], lane)[e];
    step.data<T>(y)[e] = sum;
  }
  barrier();
}

template <class T>
void broadcast_lanes(const Step& step, const Instruction& i) {
  const Operand& y = i.operands[1];
  const Range mine = share(step, y.rows * y.cols, kLanes);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    for (int64_t e = mine.begin; e < mine.end; ++e) step.data<T>(y, lane)[e] = step.data<T>(i.operands[0])[e];
  }
  barrier();
}

PRIMER_REGISTER("sum_rows", 2, sum_rows<float>, sum_rows<double>, nullptr, nullptr)
PRIMER_REGISTER("broadcast_rows", 2, broadcast_rows<float>, broadcast_rows<double>, nullptr, nullptr)
PRIMER_REGISTER("sum_cols", 2, sum_cols<float>, sum_cols<double>, nullptr, nullptr)
PRIMER_REGISTER("broadcast_cols", 2, broadcast_cols<float>, broadcast_cols<double>, nullptr, nullptr)
PRIMER_REGISTER("sum_lanes", 2, sum_lanes<float>, sum_lanes<double>, nullptr, nullptr)
PRIMER_REGISTER("broadcast_lanes", 2, broadcast_lanes<float>, broadcast_lanes<double>, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
