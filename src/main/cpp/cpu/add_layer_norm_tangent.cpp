// Tangents of add_layer_norm, with v_t = x_t + w_t and p = mean(v_t n) over each row:
//   n_t = rstd (v_t - mean(v_t) - n p), rstd_t = -rstd^2 p, y_t = g n_t + g_t n + b_t.
// Tangents of add_layer_norm_backward, with e = dy g, e_t = dy_t g + dy g_t, q = mean(e n), q_t = mean(e_t n + e n_t):
//   dx_t = rstd_t (e - mean(e) - n q) + rstd (e_t - mean(e_t) - n_t q - n q_t), dg_t = sum of dy_t n + dy n_t, db_t = sum of dy_t.
// A tangent that is left out is zero; n_t and rstd_t are left out together. All overwrite; each output may be left out.
// Saved: n, rstd. Accumulation: float32, rows ascending.
#include "cpu/tangent.h"

PRIMER_KERNELS {
namespace {

// operands n, rstd, g, x_t, w_t, g_t, b_t, y_t, n_t, rstd_t
enum { kN, kRstd, kG, kXt, kWt, kGt, kBt, kYt, kNt, kRstdT };

struct ForwardRow {
  const float *n, *g, *x_t, *w_t, *g_t, *b_t;
  float rstd;
  float *y_t, *n_t, *rstd_t;

  float moved(int64_t c) const { return (x_t ? x_t[c] : 0.0f) + (w_t ? w_t[c] : 0.0f); }
};

void forward_row(const ForwardRow& row, int64_t d) {
  float mean = 0, p = 0;
#pragma omp simd reduction(+ : mean, p)
  for (int64_t c = 0; c < d; ++c) {
    const float v = row.moved(c);
    mean += v;
    p += v * row.n[c];
  }
  mean /= static_cast<float>(d);
  p /= static_cast<float>(d);
  if (row.rstd_t) *row.rstd_t = -row.rstd * row.rstd * p;
#pragma omp simd
  for (int64_t c = 0; c < d; ++c) {
    const float n_t = row.rstd * (row.moved(c) - mean - row.n[c] * p);
    if (row.n_t) row.n_t[c] = n_t;
    if (row.y_t) row.y_t[c] = row.g[c] * n_t + (row.g_t ? row.g_t[c] * row.n[c] : 0.0f) + (row.b_t ? row.b_t[c] : 0.0f);
  }
}

void add_layer_norm_tangent(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t d = o[kN].cols;
  for_my_rows(step, o[kN], [&](int64_t lane, int64_t r) {
    ForwardRow row{};
    row.n = step.data<float>(o[kN]) + r * d;
    row.g = step.data<float>(o[kG], lane);
    row.x_t = row_of(optional(step, o[kXt]), r, d);
    row.w_t = row_of(optional(step, o[kWt]), r, d);
    row.g_t = optional(step, o[kGt], lane);
    row.b_t = optional(step, o[kBt], lane);
    row.rstd = step.data<float>(o[kRstd])[r];
    row.y_t = step.present(o[kYt]) ? step.data<float>(o[kYt]) + r * d : nullptr;
    row.n_t = step.present(o[kNt]) ? step.data<float>(o[kNt]) + r * d : nullptr;
    row.rstd_t = step.present(o[kRstdT]) ? step.data<float>(o[kRstdT]) + r : nullptr;
    forward_row(row, d);
  });
  barrier();
}

// operands dy, n, rstd, g, dy_t, n_t, rstd_t, g_t, dx_t, dg_t, db_t
enum { kDy, kBackN, kBackRstd, kBackG, kDyT, kBackNt, kBackRstdT, kBackGt, kDxT, kDgT, kDbT };

struct BackwardRow {
  const float *dy, *n, *g, *dy_t, *n_t, *g_t;
  float rstd, rstd_t;
  float* dx_t;

  float e_t(int64_t c) const { return (dy_t ? dy_t[c] * g[c] : 0.0f) + (g_t ? dy[c] * g_t[c] : 0.0f); }
  float n_tangent(int64_t c) const { return n_t ? n_t[c] : 0.0f; }
};

void backward_row(const BackwardRow& row, int64_t d) {
  float mean = 0, q = 0, mean_t = 0, q_t = 0;
#pragma omp simd reduction(+ : mean, q, mean_t, q_t)
  for (int64_t c = 0; c < d; ++c) {
    const float e = row.dy[c] * row.g[c], e_t = row.e_t(c);
    mean += e;
    q += e * row.n[c];
    mean_t += e_t;
    q_t += e_t * row.n[c] + e * row.n_tangent(c);
  }
  const float part = 1.0f / static_cast<float>(d);
  mean *= part, q *= part, mean_t *= part, q_t *= part;
#pragma omp simd
  for (int64_t c = 0; c < d; ++c) {
    const float still = row.dy[c] * row.g[c] - mean - row.n[c] * q;
    row.dx_t[c] = row.rstd_t * still + row.rstd * (row.e_t(c) - mean_t - row.n_tangent(c) * q - row.n[c] * q_t);
  }
}

// One lane's dg_t and db_t in the columns of `band`.
void backward_parameters(const Step& step, const Instruction& i, int64_t lane, Range band) {
  const auto& o = i.operands;
  const int64_t d = o[kDy].cols;
  const Range rows = lane_rows(step, o[kDy], lane);
  float* dg_t = optional(step, o[kDgT], lane);
  float* db_t = optional(step, o[kDbT], lane);
  const size_t bytes = static_cast<size_t>(band.end - band.begin) * 4;
  if (dg_t) std::memset(dg_t + band.begin, 0, bytes);
  if (db_t) std::memset(db_t + band.begin, 0, bytes);
  for (int64_t r = rows.begin; r < rows.end; ++r) {
    const float *dy = step.data<float>(o[kDy]) + r * d, *n = step.data<float>(o[kBackN]) + r * d;
    const float *dy_t = row_of(optional(step, o[kDyT]), r, d), *n_t = row_of(optional(step, o[kBackNt]), r, d);
#pragma omp simd
    for (int64_t c = band.begin; c < band.end; ++c) {
      if (dg_t) dg_t[c] += (dy_t ? dy_t[c] * n[c] : 0.0f) + (n_t ? dy[c] * n_t[c] : 0.0f);
      if (db_t) db_t[c] += dy_t ? dy_t[c] : 0.0f;
    }
  }
}

void add_layer_norm_backward_tangent(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t d = o[kDy].cols;
  const float* rstd_t = optional(step, o[kBackRstdT]);
  if (step.present(o[kDxT])) {
    for_my_rows(step, o[kDy], [&](int64_t lane, int64_t r) {
      BackwardRow row{};
      row.dy = step.data<float>(o[kDy]) + r * d;
      row.n = step.data<float>(o[kBackN]) + r * d;
      row.g = step.data<float>(o[kBackG], lane);
      row.dy_t = row_of(optional(step, o[kDyT]), r, d);
      row.n_t = row_of(optional(step, o[kBackNt]), r, d);
      row.g_t = optional(step, o[kBackGt], lane);
      row.rstd = step.data<float>(o[kBackRstd])[r];
      row.rstd_t = rstd_t ? rstd_t[r] : 0.0f;
      row.dx_t = step.data<float>(o[kDxT]) + r * d;
      backward_row(row, d);
    });
  }
  const Range band = share(step, d, kLanes);
  for (int64_t lane = 0; lane < step.lanes && band.begin < band.end; ++lane) backward_parameters(step, i, lane, band);
  barrier();
}

PRIMER_REGISTER("add_layer_norm_tangent", 10, add_layer_norm_tangent, nullptr, nullptr, nullptr)
PRIMER_REGISTER("add_layer_norm_backward_tangent", 11, add_layer_norm_backward_tangent, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
