// rms_norm (Zhang and Sennrich 2019, eq. 4): y = g n, n = x rstd over each row, rstd = 1/sqrt(mean(x^2) + eps).
//   x [T, d], g [1, d] shared or one copy a lane -> y [T, d], rstd [T, 1].
// rms_norm_backward, with e = dy g:
//   dx = rstd (e - n mean(e n)), dg = sum dy n.   Both overwrite; each may be left out.
//   Saved: x, rstd (n is made again: a product is cheaper than 4 more bytes a number). Accumulation: float32, rows ascending.
// Floor: bytes of all operands once, 8 a number forward and 12 backward.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

// operands x, g, y, rstd; reals eps
void rms_norm(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t d = o[0].cols;
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, o[0], lane);
    const Range mine = share(step, rows.end - rows.begin);
    const float* g = step.data<float>(o[1], lane);
    for (int64_t r = rows.begin + mine.begin; r < rows.begin + mine.end; ++r) {
      const float* x = step.data<float>(o[0]) + r * d;
      float* y = step.data<float>(o[2]) + r * d;
      float squares = 0;
#pragma omp simd reduction(+ : squares)
      for (int64_t c = 0; c < d; ++c) squares += x[c] * x[c];
      const float rstd = 1.0f / std::sqrt(squares / static_cast<float>(d) + static_cast<float>(i.reals[0]));
      step.data<float>(o[3])[r] = rstd;
#pragma omp simd
      for (int64_t c = 0; c < d; ++c) y[c] = x[c] * rstd * g[c];
    }
  }
  barrier();
}

// operands dy, x, rstd, g, dx, dg
void backward_row(const float* dy, const float* x, float rstd, const float* g, float* dx, int64_t d) {
  float mean = 0;
#pragma omp simd reduction(+ : mean)
  for (int64_t c = 0; c < d; ++c) mean += dy[c] * g[c] * x[c];
  const float factor = mean * rstd * rstd / static_cast<float>(d);
#pragma omp simd
  for (int64_t c = 0; c < d; ++c) dx[c] = rstd * (dy[c] * g[c] - x[c] * factor);
}

// One lane's dg in the columns of `band`.
void backward_scale(const Step& step, const Instruction& i, int64_t lane, Range rows, Range band) {
  const auto& o = i.operands;
  const int64_t d = o[0].cols;
  float* dg = step.data<float>(o[5], lane);
  for (int64_t c = band.begin; c < band.end; ++c) dg[c] = 0;
  for (int64_t r = rows.begin; r < rows.end; ++r) {
    const float *dy = step.data<float>(o[0]) + r * d, *x = step.data<float>(o[1]) + r * d, rstd = step.data<float>(o[2])[r];
#pragma omp simd
    for (int64_t c = band.begin; c < band.end; ++c) dg[c] += dy[c] * (x[c] * rstd);
  }
}

void rms_norm_backward(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t d = o[0].cols;
  const Range band = share(step, d, kLanes);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, o[0], lane);
    const Range mine = share(step, rows.end - rows.begin);
    for (int64_t r = rows.begin + mine.begin; step.present(o[4]) && r < rows.begin + mine.end; ++r) {
      backward_row(step.data<float>(o[0]) + r * d, step.data<float>(o[1]) + r * d, step.data<float>(o[2])[r], step.data<float>(o[3], lane),
                   step.data<float>(o[4]) + r * d, d);
    }
    if (step.present(o[5])) backward_scale(step, i, lane, rows, band);
  }
  barrier();
}

PRIMER_REGISTER("rms_norm", 4, rms_norm, nullptr, nullptr, nullptr)
PRIMER_REGISTER("rms_norm_backward", 6, rms_norm_backward, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
