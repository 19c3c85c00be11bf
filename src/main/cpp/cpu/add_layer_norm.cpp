// add_layer_norm (Ba et al. 2016, eq. 4): y = g * n + b, n = (x + w - mean) * rstd over each row, rstd = 1/sqrt(var + eps).
//   x, w [T, d] (w, the residual, may be left out), g, b [1, d] shared or one copy a lane -> y [T, d], n [T, d], rstd [T, 1].
// add_layer_norm_backward, with e = dy * g:
//   dx = dw = rstd (e - mean(e) - n mean(e n)), dg = sum dy n, db = sum dy.   All overwrite; each may be left out.
//   Saved: n, rstd. Accumulation: float32, rows ascending.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

// operands x, w, g, b, y, n, rstd; reals eps
void normalize_row(const float* x, const float* w, const float* g, const float* b, float* y, float* n, float* rstd, int64_t d, float eps) {
  float sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t c = 0; c < d; ++c) {
    n[c] = w ? x[c] + w[c] : x[c];
    sum += n[c];
  }
  const float mean = sum / static_cast<float>(d);
#pragma omp simd reduction(+ : squares)
  for (int64_t c = 0; c < d; ++c) {
    n[c] -= mean;
    squares += n[c] * n[c];
  }
  const float r = 1.0f / std::sqrt(squares / static_cast<float>(d) + eps);
  *rstd = r;
#pragma omp simd
  for (int64_t c = 0; c < d; ++c) {
    n[c] *= r;
    y[c] = n[c] * g[c] + b[c];
  }
}

void add_layer_norm(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t d = o[0].cols;
  const float* w = step.present(o[1]) ? step.data<float>(o[1]) : nullptr;
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, o[0], lane);
    const Range mine = share(step, rows.end - rows.begin);
    for (int64_t r = rows.begin + mine.begin; r < rows.begin + mine.end; ++r) {
      normalize_row(step.data<float>(o[0]) + r * d, w ? w + r * d : nullptr, step.data<float>(o[2], lane), step.data<float>(o[3], lane),
                    step.data<float>(o[4]) + r * d, step.data<float>(o[5]) + r * d, step.data<float>(o[6]) + r, d, static_cast<float>(i.reals[0]));
    }
  }
  barrier();
}

// operands dy, n, rstd, g, dx, dg, db
void backward_row(const float* dy, const float* n, float rstd, const float* g, float* dx, int64_t d) {
  float mean = 0, mean_n = 0;
#pragma omp simd reduction(+ : mean, mean_n)
  for (int64_t c = 0; c < d; ++c) {
    const float e = dy[c] * g[c];
    mean += e;
    mean_n += e * n[c];
  }
  mean /= static_cast<float>(d);
  mean_n /= static_cast<float>(d);
#pragma omp simd
  for (int64_t c = 0; c < d; ++c) dx[c] = rstd * (dy[c] * g[c] - mean - n[c] * mean_n);
}

// One lane's dg and db in the columns of `band`.
void backward_parameters(const Step& step, const Instruction& i, int64_t lane, Range rows, Range band) {
  const auto& o = i.operands;
  const int64_t d = o[0].cols;
  float* dg = step.present(o[5]) ? step.data<float>(o[5], lane) : nullptr;
  float* db = step.present(o[6]) ? step.data<float>(o[6], lane) : nullptr;
  const size_t bytes = static_cast<size_t>(band.end - band.begin) * 4;
  if (dg) std::memset(dg + band.begin, 0, bytes);
  if (db) std::memset(db + band.begin, 0, bytes);
  for (int64_t r = rows.begin; r < rows.end; ++r) {
    const float *dy = step.data<float>(o[0]) + r * d, *n = step.data<float>(o[1]) + r * d;
    if (dg) {
#pragma omp simd
      for (int64_t c = band.begin; c < band.end; ++c) dg[c] += dy[c] * n[c];
    }
    if (db) {
#pragma omp simd
      for (int64_t c = band.begin; c < band.end; ++c) db[c] += dy[c];
    }
  }
}

void add_layer_norm_backward(const Step& step, const Instruction& i) {
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
    if (band.begin < band.end) backward_parameters(step, i, lane, rows, band);
  }
  barrier();
}

PRIMER_REGISTER("add_layer_norm", 7, add_layer_norm, nullptr, nullptr, nullptr)
PRIMER_REGISTER("add_layer_norm_backward", 7, add_layer_norm_backward, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
