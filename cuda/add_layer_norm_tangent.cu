// Tangents of add_layer_norm, with v_t = x_t + w_t and p = mean(v_t n) over each row:
//   n_t = rstd (v_t - mean(v_t) - n p), rstd_t = -rstd^2 p, y_t = g n_t + g_t n + b_t.
// Tangents of add_layer_norm_backward, with e = dy g, e_t = dy_t g + dy g_t, q = mean(e n), q_t = mean(e_t n + e n_t):
//   dx_t = rstd_t (e - mean(e) - n q) + rstd (e_t - mean(e_t) - n_t q - n q_t), dg_t = sum of dy_t n + dy n_t, db_t = sum of dy_t.
// n, dy and their tangents [T, d], rstd [T, 1], g, b [1, d] shared or one copy a lane. A tangent that is left out is zero; n_t and rstd_t
// are left out together. All overwrite; each output may be left out.
// Saved: n, rstd. Accumulation: float32, a warp a row; dg_t and db_t float64 (device/column_sums.cuh).
// Floor: bytes; forward 20 a number, backward 20 and, for dg_t and db_t, 16 more.
#include "device/column_sums.cuh"
#include "device/kernel.h"

namespace primer::cuda {
namespace {

// operands n, rstd, g, x_t, w_t, g_t, b_t, y_t, n_t, rstd_t
enum { kN, kRstd, kG, kXt, kWt, kGt, kBt, kYt, kNt, kRstdT };

struct Forward {
  const float *n, *rstd;
  Laned<const float> g;
  const float *x_t, *w_t;
  Laned<const float> g_t, b_t;
  float *y_t, *n_t, *rstd_t;
  Rows rows;
  int64_t d;

  // v_t
  __device__ float moved(int64_t e) const { return (x_t ? x_t[e] : 0.0f) + (w_t ? w_t[e] : 0.0f); }

  __device__ void operator()(int64_t r, int32_t at) const {
    float mean = 0, p = 0;
    for (int64_t c = at; c < d; c += kWarp) {
      const float v = moved(r * d + c);
      mean += v;
      p += v * n[r * d + c];
    }
    mean = warp_sum(mean) / static_cast<float>(d);
    p = warp_sum(p) / static_cast<float>(d);
    if (at == 0 && rstd_t) rstd_t[r] = -rstd[r] * rstd[r] * p;
    const int32_t lane = rows.lane_of(r);
    for (int64_t c = at; c < d; c += kWarp) {
      const int64_t e = r * d + c;
      const float v = rstd[r] * (moved(e) - mean - n[e] * p);
      if (n_t) n_t[e] = v;
      if (y_t) y_t[e] = g.of(lane)[c] * v + (g_t ? g_t.of(lane)[c] * n[e] : 0.0f) + (b_t ? b_t.of(lane)[c] : 0.0f);
    }
  }
};

void add_layer_norm_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  for_rows(launch, o[kN], Forward{launch.data<const float>(o[kN]), launch.data<const float>(o[kRstd]), launch.laned<const float>(o[kG]),
                                  launch.data<const float>(o[kXt]), launch.data<const float>(o[kWt]), launch.laned<const float>(o[kGt]),
                                  launch.laned<const float>(o[kBt]), launch.data<float>(o[kYt]), launch.data<float>(o[kNt]),
                                  launch.data<float>(o[kRstdT]), launch.rows(o[kN]), o[kN].cols});
}

// operands dy, n, rstd, g, dy_t, n_t, rstd_t, g_t, dx_t, dg_t, db_t
enum { kDy, kBackN, kBackRstd, kBackG, kDyT, kBackNt, kBackRstdT, kBackGt, kDxT, kDgT, kDbT };

struct Backward {
  const float *dy, *n, *rstd;
  Laned<const float> g;
  const float *dy_t, *n_t, *rstd_t;
  Laned<const float> g_t;
  float* dx_t;
  Rows rows;
  int64_t d;

  __device__ float e(int64_t r, int32_t lane, int64_t c) const { return dy[r * d + c] * g.of(lane)[c]; }
  __device__ float e_t(int64_t r, int32_t lane, int64_t c) const {
    return (dy_t ? dy_t[r * d + c] * g.of(lane)[c] : 0.0f) + (g_t ? dy[r * d + c] * g_t.of(lane)[c] : 0.0f);
  }
  __device__ float n_tangent(int64_t r, int64_t c) const { return n_t ? n_t[r * d + c] : 0.0f; }

  __device__ void operator()(int64_t r, int32_t at) const {
    const int32_t lane = rows.lane_of(r);
    float mean = 0, q = 0, mean_t = 0, q_t = 0;
    for (int64_t c = at; c < d; c += kWarp) {
      const float v = e(r, lane, c), v_t = e_t(r, lane, c), normal = n[r * d + c];
      mean += v;
      q += v * normal;
      mean_t += v_t;
      q_t += v_t * normal + v * n_tangent(r, c);
    }
    const float part = 1.0f / static_cast<float>(d), moved = rstd_t ? rstd_t[r] : 0.0f;
    mean = warp_sum(mean) * part, q = warp_sum(q) * part, mean_t = warp_sum(mean_t) * part, q_t = warp_sum(q_t) * part;
    for (int64_t c = at; c < d; c += kWarp) {
      const float normal = n[r * d + c], still = e(r, lane, c) - mean - normal * q;
      dx_t[r * d + c] = moved * still + rstd[r] * (e_t(r, lane, c) - mean_t - n_tangent(r, c) * q - normal * q_t);
    }
  }
};

void add_layer_norm_backward_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Backward b{launch.data<const float>(o[kDy]), launch.data<const float>(o[kBackN]), launch.data<const float>(o[kBackRstd]),
                   launch.laned<const float>(o[kBackG]), launch.data<const float>(o[kDyT]), launch.data<const float>(o[kBackNt]),
                   launch.data<const float>(o[kBackRstdT]), launch.laned<const float>(o[kBackGt]), launch.data<float>(o[kDxT]),
                   launch.rows(o[kDy]), o[kDy].cols};
  if (launch.present(o[kDxT])) for_rows(launch, o[kDy], b);
  if (!launch.present(o[kDgT]) && !launch.present(o[kDbT])) return;
  const bool wide = rows_aligned<float>(launch, {&o[kDy], &o[kBackN], &o[kDyT], &o[kBackNt]});
  column_sums<float, 2>(launch, o[kDy], {&o[kDgT], &o[kDbT]}, wide, [=] __device__(int64_t r, auto part, auto* v) {
    const int64_t at = r * b.d;
    v[1] = load_or_zero(b.dy_t ? b.dy_t + at : nullptr, part);
    v[0] = v[1] * load(b.n + at, part) + load(b.dy + at, part) * load_or_zero(b.n_t ? b.n_t + at : nullptr, part);
  });
}

PRIMER_REGISTER("add_layer_norm_tangent", 10, add_layer_norm_tangent, nullptr, nullptr)
PRIMER_REGISTER("add_layer_norm_backward_tangent", 11, add_layer_norm_backward_tangent, nullptr, column_sums_scratch<kDy>)

}  // namespace
}  // namespace primer::cuda
