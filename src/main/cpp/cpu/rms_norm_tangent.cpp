// Tangents of rms_norm, with n = x rstd and p = mean(x_t n) over each row:
//   rstd_t = -rstd^2 p, n_t = rstd (x_t - n p), y_t = g n_t + g_t n.
// Tangents of rms_norm_backward, with n_t = x_t rstd + x rstd_t, e = dy g, e_t = dy_t g + dy g_t, q = mean(e n), q_t = mean(e_t n + e n_t):
//   dx_t = rstd_t (e - n q) + rstd (e_t - n_t q - n q_t), dg_t = sum of dy_t n + dy n_t.
// A tangent that is left out is zero; x_t and rstd_t are left out together. All overwrite; each output may be left out.
// Saved: x, rstd. Accumulation: float32, rows ascending.
#include "cpu/tangent.h"

PRIMER_KERNELS {
namespace {

// operands x, rstd, g, x_t, g_t, y_t, rstd_t
void forward_row(const Step& step, const Instruction& i, int64_t lane, int64_t r) {
  const auto& o = i.operands;
  const int64_t d = o[0].cols;
  const float *x = step.data<float>(o[0]) + r * d, *g = step.data<float>(o[2], lane);
  const float *x_t = row_of(optional(step, o[3]), r, d), *g_t = optional(step, o[4], lane), rstd = step.data<float>(o[1])[r];
  float p = 0;
#pragma omp simd reduction(+ : p)
  for (int64_t c = 0; c < d; ++c) p += x_t ? x_t[c] * x[c] : 0.0f;
  p *= rstd / static_cast<float>(d);
  if (step.present(o[6])) step.data<float>(o[6])[r] = -rstd * rstd * p;
  if (!step.present(o[5])) return;
  float* y_t = step.data<float>(o[5]) + r * d;
#pragma omp simd
  for (int64_t c = 0; c < d; ++c) {
    const float n = x[c] * rstd, n_t = x_t ? rstd * (x_t[c] - n * p) : 0.0f;
    y_t[c] = g[c] * n_t + (g_t ? g_t[c] * n : 0.0f);
  }
}

void rms_norm_tangent(const Step& step, const Instruction& i) {
  for_my_rows(step, i.operands[0], [&](int64_t lane, int64_t r) { forward_row(step, i, lane, r); });
  barrier();
}

// operands dy, x, rstd, g, dy_t, x_t, rstd_t, g_t, dx_t, dg_t
struct BackwardRow {
  const float *dy, *x, *g, *dy_t, *x_t, *g_t;
  float rstd, rstd_t;

  BackwardRow(const Step& step, const Instruction& i, int64_t lane, int64_t r) {
    const auto& o = i.operands;
    const int64_t d = o[0].cols;
    dy = step.data<float>(o[0]) + r * d;
    x = step.data<float>(o[1]) + r * d;
    g = step.data<float>(o[3], lane);
    dy_t = row_of(optional(step, o[4]), r, d);
    x_t = row_of(optional(step, o[5]), r, d);
    g_t = optional(step, o[7], lane);
    rstd = step.data<float>(o[2])[r];
    rstd_t = step.present(o[6]) ? step.data<float>(o[6])[r] : 0.0f;
  }
  float n(int64_t c) const { return x[c] * rstd; }
  float n_t(int64_t c) const { return x_t ? x_t[c] * rstd + x[c] * rstd_t : 0.0f; }
  float e_t(int64_t c) const { return (dy_t ? dy_t[c] * g[c] : 0.0f) + (g_t ? dy[c] * g_t[c] : 0.0f); }
};

void backward_row(const BackwardRow& row, float* dx_t, int64_t d) {
  float q = 0, q_t = 0;
#pragma omp simd reduction(+ : q, q_t)
  for (int64_t c = 0; c < d; ++c) {
    const float e = row.dy[c] * row.g[c];
    q += e * row.n(c);
    q_t += row.e_t(c) * row.n(c) + e * row.n_t(c);
  }
  q /= static_cast<float>(d);
  q_t /= static_cast<float>(d);
#pragma omp simd
  for (int64_t c = 0; c < d; ++c) {
    dx_t[c] = row.rstd_t * (row.dy[c] * row.g[c] - row.n(c) * q) + row.rstd * (row.e_t(c) - row.n_t(c) * q - row.n(c) * q_t);
  }
}

// One lane's dg_t in the columns of `band`.
void backward_scale(const Step& step, const Instruction& i, int64_t lane, Range band) {
  const Range rows = lane_rows(step, i.operands[0], lane);
  float* dg_t = step.data<float>(i.operands[9], lane);
  for (int64_t c = band.begin; c < band.end; ++c) dg_t[c] = 0;
  for (int64_t r = rows.begin; r < rows.end; ++r) {
    const BackwardRow row(step, i, lane, r);
#pragma omp simd
    for (int64_t c = band.begin; c < band.end; ++c) dg_t[c] += (row.dy_t ? row.dy_t[c] * row.n(c) : 0.0f) + row.dy[c] * row.n_t(c);
  }
}

void rms_norm_backward_tangent(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t d = o[0].cols;
  if (step.present(o[8])) {
    for_my_rows(step, o[0], [&](int64_t lane, int64_t r) { backward_row(BackwardRow(step, i, lane, r), step.data<float>(o[8]) + r * d, d); });
  }
  const Range band = share(step, d, kLanes);
  for (int64_t lane = 0; lane < step.lanes && step.present(o[9]); ++lane) backward_scale(step, i, lane, band);
  barrier();
}

PRIMER_REGISTER("rms_norm_tangent", 7, rms_norm_tangent, nullptr, nullptr, nullptr)
PRIMER_REGISTER("rms_norm_backward_tangent", 10, rms_norm_backward_tangent, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
