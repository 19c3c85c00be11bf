// Tangents of add_layer_norm, with v_t = x_t + w_t and p = mean(v_t n) over each row:
//   n_t = rstd (v_t - mean(v_t) - n p), rstd_t = -rstd^2 p, y_t = g n_t + g_t n + b_t.
// Tangents of add_layer_norm_backward, with e = dy g, e_t = dy_t g + dy g_t, q = mean(e n), q_t = mean(e_t n + e n_t):
//   dx_t = rstd_t (e - mean(e) - n q) + rstd (e_t - mean(e_t) - n_t q - n q_t), dg_t = sum of dy_t n + dy n_t, db_t = sum of dy_t.
// n, dy and their tangents [T, d], rstd [T, 1], g, b [1, d] shared or one copy a lane. A tangent that is left out is zero; n_t and rstd_t
// are left out together. All overwrite; each output may be left out.
// Saved: n, rstd. Accumulation: float32, a row by a warp or block; dg_t and db_t float64 (device/column_sums.cuh).
// Floor: bytes; forward 20 a number, backward 20 and, for dg_t and db_t, 16 more.
#include "device/column_sums.cuh"
#include "device/kernel.h"
#include "device/whole_rows.cuh"

namespace primer::cuda {
namespace {

// operands n, rstd, g, x_t, w_t, g_t, b_t, y_t, n_t, rstd_t
enum { kN, kRstd, kG, kXt, kWt, kGt, kBt, kYt, kNt, kRstdT };

template <class V>
struct Moved {
  V v, n;
};

void add_layer_norm_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *n = launch.data<const float>(o[kN]), *rstd = launch.data<const float>(o[kRstd]);
  const float *x_t = launch.data<const float>(o[kXt]), *w_t = launch.data<const float>(o[kWt]);
  const Laned<const float> g = launch.laned<const float>(o[kG]), g_t = launch.laned<const float>(o[kGt]), b_t = launch.laned<const float>(o[kBt]);
  float *y_t = launch.data<float>(o[kYt]), *n_t = launch.data<float>(o[kNt]), *rstd_t = launch.data<float>(o[kRstdT]);
  const Rows rows = launch.rows(o[kN]);
  const int64_t d = o[kN].cols;
  const float share = 1.0f / static_cast<float>(d);
  const bool wide = rows_aligned<float>(launch, {&o[kN], &o[kG], &o[kXt], &o[kWt], &o[kGt], &o[kBt], &o[kYt], &o[kNt]});
  for_whole_rows<float>(launch, o[kN], wide, [=] __device__(int64_t r, auto team) {
    const int64_t at = r * d;
    const int32_t lane = rows.lane_of(r);
    const auto row = team.hold([=](auto part) { return Moved{load_or_zero(row_at(x_t, at), part) + load_or_zero(row_at(w_t, at), part), load(n + at, part)}; });
    float mean = 0, p = 0;
    row.each([&](auto, const auto& v) {
      mean += total(v.v);
      p += total(v.v * v.n);
    });
    mean = team.sum(mean) * share;
    p = team.sum(p) * share;
    const float scale = rstd[r];
    if (team.leads() && rstd_t) rstd_t[r] = -scale * scale * p;
    row.each([&](auto part, const auto& v) {
      const auto normal = (v.v - mean - v.n * p) * scale;
      if (n_t) store(n_t + at, part, normal);
      if (!y_t) return;
      auto sum = normal * load_fixed(g.of(lane), part);
      if (g_t) sum = sum + v.n * load_fixed(g_t.of(lane), part);
      if (b_t) sum = sum + load_fixed(b_t.of(lane), part);
      store(y_t + at, part, sum);
    });
  });
}

// operands dy, n, rstd, g, dy_t, n_t, rstd_t, g_t, dx_t, dg_t, db_t
enum { kDy, kBackN, kBackRstd, kBackG, kDyT, kBackNt, kBackRstdT, kBackGt, kDxT, kDgT, kDbT };

template <class V>
struct MovedScaled {
  V e, e_t, n, n_t;
};

void backward_input_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *dy = launch.data<const float>(o[kDy]), *n = launch.data<const float>(o[kBackN]), *rstd = launch.data<const float>(o[kBackRstd]);
  const float *dy_t = launch.data<const float>(o[kDyT]), *n_t = launch.data<const float>(o[kBackNt]), *rstd_t = launch.data<const float>(o[kBackRstdT]);
  const Laned<const float> g = launch.laned<const float>(o[kBackG]), g_t = launch.laned<const float>(o[kBackGt]);
  float* dx_t = launch.data<float>(o[kDxT]);
  const Rows rows = launch.rows(o[kDy]);
  const int64_t d = o[kDy].cols;
  const float share = 1.0f / static_cast<float>(d);
  const bool wide = rows_aligned<float>(launch, {&o[kDy], &o[kBackN], &o[kBackG], &o[kDyT], &o[kBackNt], &o[kBackGt], &o[kDxT]});
  for_whole_rows<float>(launch, o[kDy], wide, [=] __device__(int64_t r, auto team) {
    const int64_t at = r * d;
    const int32_t lane = rows.lane_of(r);
    const auto row = team.hold([=](auto part) {
      const auto up = load(dy + at, part), gain = load_fixed(g.of(lane), part);
      auto e_t = load_or_zero(row_at(dy_t, at), part) * gain;
      if (g_t) e_t = e_t + up * load_fixed(g_t.of(lane), part);
      return MovedScaled{up * gain, e_t, load(n + at, part), load_or_zero(row_at(n_t, at), part)};
    });
    float mean = 0, q = 0, mean_t = 0, q_t = 0;
    row.each([&](auto, const auto& v) {
      mean += total(v.e);
      q += total(v.e * v.n);
      mean_t += total(v.e_t);
      q_t += total(v.e_t * v.n + v.e * v.n_t);
    });
    mean = team.sum(mean) * share, q = team.sum(q) * share, mean_t = team.sum(mean_t) * share, q_t = team.sum(q_t) * share;
    const float scale = rstd[r], moved = rstd_t ? rstd_t[r] : 0.0f;
    row.each([&](auto part, const auto& v) {
      store(dx_t + at, part, (v.e - mean - v.n * q) * moved + (v.e_t - mean_t - v.n_t * q - v.n * q_t) * scale);
    });
  });
}

void backward_parameters_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *dy = launch.data<const float>(o[kDy]), *n = launch.data<const float>(o[kBackN]);
  const float *dy_t = launch.data<const float>(o[kDyT]), *n_t = launch.data<const float>(o[kBackNt]);
  const int64_t d = o[kDy].cols;
  const bool wide = rows_aligned<float>(launch, {&o[kDy], &o[kBackN], &o[kDyT], &o[kBackNt]});
  column_sums<float, 2>(launch, o[kDy], {&o[kDgT], &o[kDbT]}, wide, [=] __device__(int64_t r, auto part, auto* v) {
    const int64_t at = r * d;
    v[1] = load_or_zero(row_at(dy_t, at), part);
    v[0] = v[1] * load(n + at, part) + load(dy + at, part) * load_or_zero(row_at(n_t, at), part);
  });
}

void add_layer_norm_backward_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  if (launch.present(o[kDxT])) backward_input_tangent(launch, i);
  if (launch.present(o[kDgT]) || launch.present(o[kDbT])) backward_parameters_tangent(launch, i);
}

PRIMER_REGISTER("add_layer_norm_tangent", 10, add_layer_norm_tangent, nullptr, nullptr)
PRIMER_REGISTER("add_layer_norm_backward_tangent", 11, add_layer_norm_backward_tangent, nullptr, column_sums_scratch<kDy>)

}  // namespace
}  // namespace primer::cuda
