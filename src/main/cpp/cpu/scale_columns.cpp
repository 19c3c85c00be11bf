// scale_columns (Liu et al. 2022, sec. 3.3): y[t, j] = x[t, j] l[j].   x [T, d], l [1, d] shared or one copy a lane -> y [T, d].
// scale_columns_backward: dx = dy l, dl = sum over each lane's rows of dy x.   Both overwrite; each may be left out. Saved: x.
//   Accumulation: float32, rows ascending (a band of columns a thread).
// Floor: bytes of all operands once, 8 a number forward and 12 backward.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

// y = x l for this thread's rows of a lane.
void scaled(const Step& step, const Operand& x, const Operand& l, const Operand& y, int64_t lane) {
  const Range rows = lane_rows(step, x, lane);
  const Range mine = share(step, rows.end - rows.begin);
  const float* factors = step.data<float>(l, lane);
  for (int64_t r = rows.begin + mine.begin; r < rows.begin + mine.end; ++r) {
    const float* in = step.data<float>(x) + r * x.cols;
    float* out = step.data<float>(y) + r * x.cols;
#pragma omp simd
    for (int64_t c = 0; c < x.cols; ++c) out[c] = in[c] * factors[c];
  }
}

// operands x, l, y
void scale_columns(const Step& step, const Instruction& i) {
  for (int64_t lane = 0; lane < step.lanes; ++lane) scaled(step, i.operands[0], i.operands[1], i.operands[2], lane);
  barrier();
}

// operands dy, x, l, dx, dl
void backward_scale(const Step& step, const Instruction& i, int64_t lane, Range band) {
  const auto& o = i.operands;
  const Range rows = lane_rows(step, o[0], lane);
  float* dl = step.data<float>(o[4], lane);
  for (int64_t c = band.begin; c < band.end; ++c) dl[c] = 0;
  for (int64_t r = rows.begin; r < rows.end; ++r) {
    const float *dy = step.data<float>(o[0]) + r * o[0].cols, *x = step.data<float>(o[1]) + r * o[0].cols;
#pragma omp simd
    for (int64_t c = band.begin; c < band.end; ++c) dl[c] += dy[c] * x[c];
  }
}

void scale_columns_backward(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const Range band = share(step, o[0].cols, kLanes);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    if (step.present(o[3])) scaled(step, o[0], o[2], o[3], lane);
    if (step.present(o[4])) backward_scale(step, i, lane, band);
  }
  barrier();
}

PRIMER_REGISTER("scale_columns", 3, scale_columns, nullptr, nullptr, nullptr)
PRIMER_REGISTER("scale_columns_backward", 5, scale_columns_backward, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
